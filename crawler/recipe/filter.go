package recipe

import "time"

// Filter changes a text. Which of the fields below count depends on its name.
type Filter struct {
	Name   FilterName
	Regexp *Regexp // of FilterReplace
	With   string  // of FilterReplace: may use $1; of FilterSplit: the separator
	Nth    int     // of FilterSplit and FilterLine: which part, from 1; from the end if negative
}

// FilterName names a filter.
type FilterName string

// The filters. Every text is trimmed and its runs of white space made one blank
// before and after, so there is no filter for that.
const (
	FilterLower   FilterName = "lower"   // lower case
	FilterDecode  FilterName = "decode"  // HTML entities once: "&lt;" becomes "<"
	FilterReplace FilterName = "replace" // a regular expression by a text
	FilterSplit   FilterName = "split"   // one part of what a separator separates
	FilterDigits  FilterName = "digits"  // what is no digit goes
	FilterLine    FilterName = "line"    // one line of several; a <br> and a block begin a new one

	FilterURLDecode FilterName = "url_decode" // %41 becomes A; a + stays
	FilterBase64    FilterName = "base64"     // standard or URL alphabet, padded or not
	FilterUnescape  FilterName = "unescape"   // escapes of a JavaScript string: \u0022 becomes "
)

// Date says how a time is written.
type Date struct {
	Layouts []string   // of Go's time package, tried in order; in the shop's zone unless one holds a zone
	Epoch   Epoch      // or a number since 1970, a fraction allowed
	Words   []DateWord // or words: tried before the layouts
}

// DateWord is a way to say a time in words: what Match finds in the text is
// moved to the time of the page. Its first group, if it has one, is a number of
// Unit before that time (after, with In); without a group it is Unit itself:
// with Unit a day, "yesterday", and what remains of the text is a time of day in
// one of the layouts.
type DateWord struct {
	Match *Regexp
	Unit  time.Duration // a day is a day of the calendar in the shop's zone; 0: today
	In    bool
}

// Epoch is the unit of a time that is a number.
type Epoch string

// Units.
const (
	NoEpoch     Epoch = ""
	EpochSecond Epoch = "epoch"
	EpochMilli  Epoch = "epoch_ms"
)

// Money says how an amount is written, where that does not follow from the text.
type Money struct {
	Decimal string // "." or ","; "" from the text itself
	Divide  int64  // the number is divided by this: 100 where the shop counts in cents; 0 not
	Minor   bool   // the number counts minor units of its currency
}
