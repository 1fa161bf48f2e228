package extract

import (
	"net/url"
	"time"

	"nudged/store/order"
)

// Shop is what extract must know of a shop.
type Shop struct {
	Name           string
	URL            string
	Zone           *time.Location // of times without a zone; nil is UTC
	Region         string         // of phone numbers without a country code: "CN"
	Currency       string         // ISO 4217, where a page shows an ambiguous symbol or none
	AutoClose      time.Duration  // after which the shop closes an unpaid order; 0: what the recipe says
	OrderLink      string         // template of the address where the buyer pays: {id}, {number}
	LinkHosts      []string       // further hosts that an order's link may lead to
	OfflinePayment []string       // payment methods that are settled outside the shop
}

// Access says whether an answer was given to a signed-in user.
type Access int

// Answers. Yes means that nothing speaks against it; only a recipe's proof proves.
const (
	Uncertain Access = iota
	Yes
	No
)

// Listing is what one page of the order list says.
type Listing struct {
	Orders   []order.Order                // whole rows, in the page's order
	RowVars  map[string]map[string]string // by order id: vars for its detail request
	Vars     map[string]string            // of the page: nonces
	Problems []order.Problem
	Rows     int    // rows found, bad ones and clones included
	Bad      int    // rows that could not be read whole
	Empty    bool   // the page says that there are no orders (any more)
	Narrowed bool   // the page says that a filter is on: there may be orders that it hides
	NextURL  string // absolute; "" if there is no next link; its host is the caller's to judge

	HasCursor bool
	Cursor    string // what leads to the next page; not there on the last one

	HasTotal bool
	Total    int // how many orders the shop says there are
}

// Env gives a page's surroundings to vars that are not in its body.
type Env struct {
	Cookie  func(name string) (string, bool)
	Storage func(key string) (string, bool)
}

// FormPost is a filled form, ready to be posted.
type FormPost struct {
	Method      string // "POST"
	URL         string // absolute
	Values      url.Values
	ContentType string // as the form wants it, with the boundary of a multipart body
	Body        []byte // the values, encoded so
}
