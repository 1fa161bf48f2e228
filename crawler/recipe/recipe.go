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

	Charset string        // of pages that tell none, e.g. "gb18030"
	Delay   time.Duration // between requests; the crawler has a floor of its own

	SignIn    SignIn
	SignedOut []Sign // one of them on any answer: not signed in (any more)
	List      List
	Detail    *Detail // nil: the list rows say everything
	Statuses  []StatusRule
	Allow     []Allow   // POSTs that may pass the guard after the proof of sign-in
	Deny      []*Regexp // GET addresses that are never opened, beyond the built-in list
}

// SignIn is a triple: act, recognise refusal, prove success. Exactly one of
// Steps and Form acts.
type SignIn struct {
	Steps    []Step
	Form     *Form
	Refused  []Sign // where the shop says no; the text found is shown to the seller
	NeedsYou []Sign // captcha, one-time code, risk page: a person is needed
	Vars     []Var  // read after acting, kept with the session: tokens
	Proof    Proof
}

// Proof is an answer that only a signed-in user gets.
type Proof struct {
	Request Request
	Sign    Sign
}

// Step is one act in the browser; exactly one of its acts is set.
type Step struct {
	Open  *Template
	Fill  *Fill
	Click *Selector
	Press string // a key: "Enter"
	Wait  *Wait

	Timeout  time.Duration // zero: the browser's default for a step
	Optional bool          // not being possible is no failure (a cookie banner)
}

// Fill types into a field, as a person would.
type Fill struct {
	Into Selector
	With Template // may use {user} and {password}
}

// Wait ends when one of its conditions holds.
type Wait struct {
	For  *Selector // is there and visible
	Gone *Selector // is not there or not visible
	URL  *Regexp   // the address matches
}

// Form signs in over HTTP: the page is fetched, its form filled and posted with
// all its hidden fields and the button's own name and value.
type Form struct {
	Open   Template
	Select Selector  // the <form>
	Fields []Pair    // name and template, over what the form already holds
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
	Method    string // "" any
	Operation string // GraphQL operationName in the request body; "" any
}

// List is the order list.
type List struct {
	Request Request
	Rows    Rows
	Exclude []Sign // rows that are no orders ("no results" lines, sums)
	Empty   *Sign  // what an empty list shows: without it, no rows is a broken page
	Sorted  bool   // newest first: a visit stops at the first page with nothing new
	Next    Next
	Total   *Value // how many orders the shop says there are
	Vars    []Var  // read from every list page, used in detail requests (nonces)
	Fields  Fields
}

// Rows finds the orders in an answer: by CSS selector, or by JSON path.
type Rows struct {
	Select *Selector
	Path   *Path
}

// Next leads to the following page; at most one is set, none means one page.
type Next struct {
	Link   *Value      // the address of the next page; none there: the last page
	Page   *PageNumber // {page} in the request counts up
	Offset *Offset     // {offset} in the request counts up by the size
	Click  *Selector   // engine browser: pressed until it is gone or disabled
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
	Lines    *Lines
	Vars     []Var // of a list row, for its detail request
}

// Lines finds the positions of an order.
type Lines struct {
	Rows     Rows
	Exclude  []Sign
	From     *Value // the text that holds the rows, where it is HTML inside JSON
	Title    *Value
	SKU      *Value
	Quantity *Value
	Total    *Value
}

// Var is a named text, for templates.
type Var struct {
	Name  string
	Value Value
}

// Value says how one text is taken: where it stands, which part of it counts
// and what is done to it, in that order.
type Value struct {
	// Where, in the row or page. Path and Select together: what Path found is
	// HTML, and Select looks in it. None of them: the row or page itself.
	Path   *Path     // JSON
	Select *Selector // CSS
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
	Payment  PaymentRule
	Refunded *bool  // only if money went back, or only if not
	Is       string // one of the words of store/order
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
// GraphQL and Body is set.
type Allow struct {
	Method  string // "POST"
	URL     *Regexp
	GraphQL bool    // the body parses as GraphQL and holds nothing but queries
	Body    *Regexp // or: the body matches
}
