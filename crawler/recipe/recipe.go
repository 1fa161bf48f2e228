package recipe

import "time"

// Recipe says how one kind of back-office is signed in to and read.
type Recipe struct {
	Schema int    // of the language: 1
	Name   string // "vendure"; a built-in's file has the same name
	Title  string // "Vendure"
	About  string // one or two sentences for the seller
	Proven string // on what it was tried: "Vendure 3.7.3, running"
	Marks  string // what viewing marks at the shop; "" if nothing

	Terms string // what the shop's owner says of automation; "" nothing known
	Trial string // why it is off until the seller's own test of it passes; "" it is on

	Charset   string        // of pages that tell none, e.g. "gb18030"
	Delay     time.Duration // between requests; the crawler has a floor of its own
	AtOnce    int           // requests under way at the same time; 0 is 1
	Hours     *Hours        // of the shop's day in which it may be asked; nil: all
	AutoClose time.Duration // after which the system closes an unpaid order, unless the config says otherwise; 0 unknown

	Detect    []Sign // one of them on the page at the shop's url: it is this kind of back-office
	SignIn    SignIn
	Heartbeat *Heartbeat // nil: the session needs none
	SignedOut []Sign     // one of them on any answer: not signed in (any more)
	List      List
	Detail    *Detail // nil: the list rows say everything
	Statuses  []StatusRule
	Allow     []Allow   // POSTs that may pass the guard after the proof of sign-in
	Deny      []*Regexp // GET addresses that are never opened, beyond the built-in list
}

// Hours are a part of the day, as times of day from midnight; From after To
// goes over midnight.
type Hours struct{ From, To time.Duration }

// Heartbeat keeps a session alive between visits.
type Heartbeat struct {
	Every   time.Duration
	Request Request
}

// SignIn is a triple: act, recognise refusal, prove success. Steps act, all in
// the browser or all over HTTP; with Person nobody but the seller does.
type SignIn struct {
	Steps    []Step
	Person   *Person
	Refused  []Sign // where the shop says no; the text found is shown to the seller
	Locked   []Sign // where it says that the account is locked, whatever the password
	NeedsYou []Sign // captcha, one-time code, risk page: a person is needed
	Vars     []Var  // read after acting, kept with the session: tokens
	Proof    Proof
}

// Proof is an answer that only a signed-in user gets.
type Proof struct {
	Request  Request
	Sign     Sign
	Identity *Value // who or which shop is signed in; another one than before is an error
}

// Person is a sign-in that only a person can do, in a browser of their own.
type Person struct {
	Open Template
	QR   *Selector // the code to be scanned with a phone
}

// Step is one act. In the browser: Open, Fill, Choose, Click, Press, Wait. Over
// HTTP: Get, Submit, Post. Exactly one is set.
type Step struct {
	Open   *Template
	Fill   *Fill
	Choose *Choose
	Click  *Selector
	Press  string // a key: "Enter"
	Wait   *Wait

	Get    *Template
	Submit *Form
	Post   *Request // its Post and body

	Until    *Wait         // of Click and Press: what has to follow; if nothing was sent by then, once more
	Frame    *Selector     // of acts in the browser: the iframe to act in
	Vars     []Var         // of acts over HTTP: read from the answer, for later steps; kept with the session
	Timeout  time.Duration // zero: the browser's default for a step
	Optional bool          // not being possible is no failure (a cookie banner)
}

// Fill types into a field, as a person would.
type Fill struct {
	Into Selector
	With Template // may use {user}, {password} and {totp}
}

// Choose takes an option of a <select>, by its text or value.
type Choose struct {
	In     Selector
	Option Template
}

// Wait ends when one of its conditions holds.
type Wait struct {
	For  *Selector // is there and visible
	Gone *Selector // is not there or not visible
	URL  *Regexp   // the address matches

	Response *Regexp // a response of a fitting address has come whole, since the step before
}

// Form is a form of the page last got: it is posted with all its hidden fields
// and its button's own name and value.
type Form struct {
	Select Selector  // the <form>
	Fields []Pair    // name and template, over what the form already holds
	Button *Selector // the one that is pressed; nil: the first
	Action *Template // where to post, if not where the form says
}

// Pair is a name with a template.
type Pair struct {
	Name  string
	Value Template
}

// Engine fetches a page.
type Engine string

// Engines. Fetch is the default: most pages need no JavaScript once signed in.
const (
	EngineFetch   Engine = "fetch"
	EngineBrowser Engine = "browser"
)

// Request asks the shop for an answer. Get and Post are templates relative to
// the shop's url (see [Template.URL]); the first of several Get that yields rows
// is used (shops that keep one page at two addresses). A Post must also be
// declared in Allow, and a GraphQL document may hold nothing but queries.
type Request struct {
	Engine  Engine
	Get     []Template
	Post    *Template
	Headers []Pair
	Form    []Pair    // body of a Post: application/x-www-form-urlencoded
	JSON    *Template // body of a Post: values are escaped as JSON strings
	GraphQL *GraphQL  // body of a Post
	Wait    *Wait     // engine browser: when the page is there
	Capture *Capture  // engine browser: the answer is a response that the page itself fetched

	line, col int
}

// GraphQL is a read: the parsed document may hold only query operations.
type GraphQL struct {
	Operation string
	Query     string
	Variables *Template // JSON text
}

// Capture chooses among the responses that a page fetches.
type Capture struct {
	URL       *Regexp
	Method    string  // "" any
	Operation string  // GraphQL operationName in the request body; "" any
	Body      *Regexp // in the request body; nil any
	All       bool    // every one that fits, as one JSON array, in the order of their requests
}

// List is the order list.
type List struct {
	Views    []View // lists that together hold all orders (tabs), read one after the other; nil: one
	Request  Request
	Rows     Rows
	Exclude  []Sign // rows that are no orders ("no results" lines, sums)
	Empty    *Sign  // what an empty list shows: without it, no rows is a broken page
	Narrowed *Sign  // the shop remembers a filter that hides orders: no scan of such a list is complete
	Sorted   bool   // newest first: a visit stops at the first page with nothing new
	Next     Next
	Total    *Value // how many orders the shop says there are
	Vars     []Var  // read from every list page, used in detail requests (nonces)
	Joins    []Join
	Fields   Fields
}

// View is one of several lists. Its values stand in the request's templates,
// its name in {view} and in the status rules.
type View struct {
	Name   string
	Values []Pair // templates without names
}

// Join finds, beside the rows, facts that belong to them: the row whose Key is
// the order's By. A Value names the join to look there.
type Join struct {
	Name string
	Rows Rows
	Key  Value // in the joined row
	By   Value // in the order's row
}

// Rows finds the orders in an answer: by CSS selector, or by JSON path. Each row
// is what was found, or the document that Each reads there.
type Rows struct {
	In     *Value // the text to look in, instead of the answer: JSON in a script, HTML in JSON
	Select *Selector
	Path   *Path
	Each   *Value // in what was found: a text that is the row, as JSON or HTML
}

// Next leads to the following page; at most one is set, none means one page.
type Next struct {
	Link   *Value      // the address of the next page; none there: the last page
	Page   *PageNumber // {page} in the request counts up
	Offset *Offset     // {offset} in the request counts up by the size
	Cursor *Value      // {cursor} in the request, "" on the first page; none there: the last page
	Click  *Selector   // engine browser: pressed until it is gone, disabled, or changes nothing
	Scroll *Selector   // engine browser: scrolled to its end until no more rows come
}

// PageNumber counts pages.
type PageNumber struct{ First int }

// Offset counts rows.
type Offset struct{ Size int }

// Detail is an order's own page. Its request uses {id} and the list's vars.
type Detail struct {
	Request Request
	Found   Sign  // what the page of an existing order shows
	Missing *Sign // what the shop shows instead when there is no such order
	Fields  Fields
	More    []More // further pages of an order, in order: its customer
}

// More is a further page of an order. Its request may use the vars of the pages
// before it.
type More struct {
	Request Request
	Found   Sign // what the page shows if it is the right one
	Fields  Fields
}

// Fields of an order. Those of a Detail complete those of the List.
type Fields struct {
	ID       *Value
	Number   *Value
	Status   *Value // the shop's words
	Code     *Value // the shop's own key of the status, where it has one beside the words
	Created  *Value
	Updated  *Value
	Closes   *Value
	Total    *Value
	Currency *Value // ISO code, where Total does not carry it
	Name     *Value
	Email    *Value
	Phone    *Value
	Payment  *Value
	Refunded *Value // any text but "", "0" and "false": money went back
	Link     *Value // where the buyer pays
	Chat     *Value // where the seller writes to the buyer
	Lines    *Lines
	Vars     []Var // of a list row, for its detail request

	Coupon    *Value // of the buyer, and not used for the order: its name or code
	PayFailed *Value // any text but "", "0", "false" and "no": an attempt to pay failed
}

// Lines finds the positions of an order.
type Lines struct {
	Rows     Rows
	Exclude  []Sign
	Title    *Value
	SKU      *Value
	Quantity *Value
	Total    *Value
	SoldOut  *Value // any text but "", "0", "false" and "no": the shop has none left
}

// Var is a named text, for templates.
type Var struct {
	Name  string
	Value Value
}

// Value says how one text is taken: where it stands, which part of it counts
// and what is done to it, in that order.
type Value struct {
	// Where, in the row or page. None of them: the row or page itself.
	In     *Value    // the text to look in instead: HTML inside JSON, JSON inside a script or attribute
	Of     string    // the joined row to look in instead
	Path   *Path     // JSON
	Select *Selector // CSS
	Column []string  // HTML: the row's cell under the header with one of these texts
	Label  []string  // HTML: what stands beside or below one of these texts
	Attr   string    // an attribute instead of the text
	Live   bool      // what was typed or chosen in a field, instead of the text; engine browser
	Own    bool      // the element's own text, without its children's
	Source Source    // somewhere else than in the body
	Key    string    // of Source: header, cookie or storage key
	Text   *Template // a text made of other values

	Join    *string  // several found: all of them, with this between; nil: the first
	Match   *Regexp  // the first group, or the whole match
	Filters []Filter // in order
	Date    *Date    // of a field that is a time; nil: ISO 8601
	Money   *Money   // of a field that is an amount; nil: as people write it

	Or       []Value // tried in order when this one finds nothing
	Optional bool    // nothing found is no error
	Default  string  // of an Optional

	line, col int // where it stands, for problems found after reading
}

// Source of a value that does not stand in the body.
type Source string

// Sources.
const (
	FromBody    Source = ""
	FromURL     Source = "url"
	FromHeader  Source = "header"
	FromCookie  Source = "cookie"
	FromStorage Source = "storage" // localStorage, engine browser
)

// Sign is a test on an answer: everything given must hold.
type Sign struct {
	Status int       // HTTP status
	URL    *Regexp   // final address
	Type   string    // media type: "text/html"
	Select *Selector // an element is there
	Match  *Regexp   // in the element's text, or in the whole body
	Path   *Path     // JSON: something is there
	Is     *string   // and has this text
}

// StatusRule maps the shop's words to a status; the first that fits wins.
type StatusRule struct {
	Code     *string // the whole status code
	Text     *string // or the whole status text
	Match    *Regexp // or a part of the text
	View     string  // only in this view of the list
	Vars     []Texts // and these vars of the row have one of the texts each
	Payment  PaymentRule
	Refunded *bool  // only if money went back, or only if not
	Is       string // one of the words of store/order

	line, col int
}

// Texts are what a var may be.
type Texts struct {
	Name  string
	Texts []string
}

// PaymentRule narrows a status rule to orders whose payment method the seller
// lists as offline (bank transfer), or does not.
type PaymentRule string

// Payment rules.
const (
	AnyPayment     PaymentRule = ""
	OfflinePayment PaymentRule = "offline"
	OnlinePayment  PaymentRule = "online"
)

// Allow lets one kind of POST through the guard after the proof of sign-in:
// method, address and the shape of the body must all fit. Exactly one of
// GraphQL and Body is set. With the method GET neither is: what the address
// matches only shows something, though the words in it say otherwise.
type Allow struct {
	Method  string // "POST" or "GET"
	URL     *Regexp
	GraphQL bool    // the body parses as GraphQL and holds nothing but queries
	Body    *Regexp // or: the body matches
}
