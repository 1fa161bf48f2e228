package recipe

import (
	"net/http"
	"time"
)

// Page is one answer of a shop, whichever engine fetched it: the rendered DOM,
// a plain HTTP answer, or a response that the shop's own page asked for.
type Page struct {
	URL    string   // after redirects
	Via    []string // the addresses that redirects led to, in order; the last is URL
	Status int
	Header http.Header
	Type   string // media type without parameters: "text/html", "application/json"
	Body   []byte // UTF-8, whatever the shop sent
	At     time.Time

	// Parsed is what package extract made of Body, so that a page that is looked
	// at several times is parsed once. See extract.Prepare.
	Parsed any
}
