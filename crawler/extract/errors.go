package extract

import (
	"errors"
	"fmt"
	"net/url"
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
	fmt.Fprintf(&b, "the page %s is not as %s describes it: %s", e.URL, name, e.Field)
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
}

// Error says which field of which order, and what stood there.
func (e *FieldError) Error() string {
	who := "a row"
	if e.Order != "" {
		who = "order " + e.Order
	}
	found := ""
	if e.Found != "" {
		found = fmt.Sprintf(" %q", e.Found)
	}
	return fmt.Sprintf("%s: %s (%s)%s %s", who, e.Field, e.Want, found, e.Why) + nearText(e.Near)
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
