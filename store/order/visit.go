package order

import "time"

// Kind of a reading.
type Kind string

// A scan reads the order list; a look reads one order's own page. A part is what
// a scan that still goes on has read so far: the scan itself follows.
const (
	Scan Kind = "scan"
	Look Kind = "look"
	Part Kind = "part"
)

// Visit is what one run over one shop has read. It is a value: the crawler
// makes it, the store records it, neither knows the other.
type Visit struct {
	Shop   string
	Kind   Kind
	At     time.Time // when it began; read once and used for everything in it
	Ended  time.Time
	Orders []Order // as read, each whole; newest first for a scan
	Read   int     // how many orders were read; of a visit from the store's log, which keeps no orders

	// Complete says that the scan saw every order that the shop lists (or lists
	// as unpaid): only then does absence mean anything.
	Complete bool
	// Full says that all pages were asked for, not only those with something new.
	Full bool

	Pages    int // answers read from the shop, of list and detail pages
	Problems []Problem
	Blocked  int    // requests that the guard stopped
	Outcome  string // "ok", or the kind of failure: see [Outcomes]
	Words    string // what the seller should read of a failure, the shop's own words where it has some
}

// Outcomes of a visit. All but OK hold the shop's reminders.
const (
	OK            = "ok"
	Refused       = "refused"        // the shop refused user or password
	NeedsYou      = "needs you"      // captcha, one-time code, changed password
	Unavailable   = "unavailable"    // down, slow, 403, 429, 5xx
	LayoutChanged = "layout changed" // the recipe does not fit the page any more
	Broken        = "broken"         // a panic or an error of ours
)

// Problem is something in a visit that the seller or the author of the recipe
// should know. Good orders are kept beside it.
type Problem struct {
	Kind   ProblemKind
	Order  string // id, if known
	Field  string // of the recipe
	Select string // selector or path of the recipe
	Found  string // what stood there, shortened and without contacts
	Good   string // the last value that was fine, if any
	Text   string // one sentence for people, with what to do next
}

// ProblemKind sorts problems for the digest.
type ProblemKind string

// Kinds of problem.
const (
	BadRow        ProblemKind = "row"     // a row that could not be read whole
	UnknownStatus ProblemKind = "status"  // a status text without a mapping
	BadDetail     ProblemKind = "detail"  // an order's own page that could not be read
	Budget        ProblemKind = "budget"  // pages per hour spent
	Blocked       ProblemKind = "blocked" // the guard stopped a request
)

// NewsKind says what is new about an order.
type NewsKind string

// Kinds of news.
const (
	Appeared NewsKind = "appeared" // first time seen
	Moved    NewsKind = "moved"    // status changed
	Filled   NewsKind = "filled"   // facts added or changed, same status
)

// News is one difference that a recording made.
type News struct {
	Kind   NewsKind
	Order  Order
	Before Status // for Moved
}

// Recorded is what a recording answers.
type Recorded struct {
	News []News
	// Unlisted are the open orders that a complete scan no longer showed. They
	// are not gone: each is looked up by its own page.
	Unlisted []string
	// Problems are orders that could not be kept, such as one without an id. All
	// the others of the visit were.
	Problems []Problem
}
