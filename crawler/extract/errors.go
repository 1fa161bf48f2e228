package extract

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// ErrNoOrder says that the shop has no such order (any more).
var ErrNoOrder = errors.New("the shop has no such order")

// LayoutError says that a page is not what the recipe describes.
type LayoutError struct {
	Shop   string
	Recipe string
	URL    string   // without query: that may hold a token
	Field  string   // of the recipe: "list.rows"
	Want   string   // selector or path
	Found  string   // what is there instead, without contacts
	Near   []string // what is there and looks most like it, without contacts
}

// Error says what was looked for and what to do.
func (e *LayoutError) Error() string {
	var b strings.Builder
	if e.Shop != "" {
		fmt.Fprintf(&b, "shop %s: ", e.Shop)
	}
	name := "the recipe"
	if e.Recipe != "" {
		name = "recipe " + e.Recipe
	}
	page := "the page " + e.URL
	if strings.HasPrefix(e.URL, "chrome-error:") {
		page = "the page, which the browser could not open,"
	}
	fmt.Fprintf(&b, "%s is not as %s describes it: %s", page, name, e.Field)
	if e.Want != "" {
		fmt.Fprintf(&b, " (%s)", e.Want)
	}
	if e.Found != "" {
		fmt.Fprintf(&b, " found %s", e.Found)
	} else {
		b.WriteString(" found nothing")
	}
	b.WriteString(nearText(e.Near))
	b.WriteString("; compare the saved page with the recipe and mend the recipe")
	return b.String()
}

func layoutError(r *recipe.Recipe, shop, page, field, want, found string) *LayoutError {
	return &LayoutError{Shop: shop, Recipe: r.Name, URL: bare(page), Field: field, Want: want, Found: found}
}

// FieldError says that one row or one order's page could not be read whole. It
// is about that order; the shop's other orders are not in doubt.
type FieldError struct {
	Order string   // id, if known
	Field string   // of the recipe: "list.fields.total"
	Want  string   // selector or path
	Found string   // what stood there, shortened and without contacts
	Why   string   // "is not there", "holds no amount"
	Near  []string // what is there and looks most like it, without contacts
	Rows  []int    // of the list's rows, those that it is about, from 1
	Hint  string   // what to do, if that is known
}

// Error says which field of which order, and what stood there.
func (e *FieldError) Error() string {
	who := "the order's page"
	switch {
	case e.Order != "":
		who = "order " + e.Order
	case len(e.Rows) > 0:
		who = rowNumbers(e.Rows)
	}
	found := ""
	if e.Found != "" {
		found = fmt.Sprintf(" %q", e.Found)
	}
	text := fmt.Sprintf("%s: %s (%s)%s %s", who, e.Field, e.Want, found, e.Why) + nearText(e.Near)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// rowNumbers are the first rows by their numbers, and how many more there are.
func rowNumbers(rows []int) string {
	const most = 5
	if len(rows) == 1 {
		return fmt.Sprintf("row %d", rows[0])
	}
	var names []string
	for _, n := range rows[:min(most, len(rows))] {
		names = append(names, strconv.Itoa(n))
	}
	if more := len(rows) - most; more > 0 {
		return fmt.Sprintf("rows %s and %d more", strings.Join(names, ", "), more)
	}
	last := len(names) - 1
	return fmt.Sprintf("rows %s and %s", strings.Join(names[:last], ", "), names[last])
}

// nothingBetter says what the first bad row shows where every row is bad.
func (e *FieldError) nothingBetter() string {
	switch {
	case e.Found != "":
		return fmt.Sprintf("%q, which %s, and nothing better in any row", e.Found, e.Why)
	case e.Why == errMissing.Error() || e.Why == errEmpty.Error():
		return "nothing of use in any row"
	}
	return "nothing of use in any row: it " + e.Why
}

func nearText(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "; what is there and looks most like it: " + strings.Join(near, ", ")
}

// problem makes of a field error what the seller reads.
func (e *FieldError) problem(kind order.ProblemKind, recipeName, good string) order.Problem {
	text := e.Error() + "; this order is left as it was"
	if len(e.Rows) > 1 {
		text = e.Error() + "; these orders are left as they were"
	}
	if good != "" {
		text += fmt.Sprintf("; the last good one was %q", good)
	}
	return order.Problem{
		Kind: kind, Order: e.Order, Field: e.Field, Select: e.Want, Found: e.Found, Good: good,
		Text: text + "; compare the page with recipe " + recipeName,
	}
}

// bare is an address without what may hold a secret.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(an address that does not parse)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
