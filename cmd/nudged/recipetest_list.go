package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"nudged/cmd/nudged/table"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// writeRead lists all that was read of a list's rows, contacts masked: whoever
// writes a recipe compares it with the page.
func writeRead(s *session, orders []order.Order, zone *time.Location) error {
	const form = "2006-01-02 15:04:05 MST"
	t := table.Table{Columns: []table.Column{
		{Title: "Id", Max: 28}, {Title: "Number", Max: 28}, {Title: "Status", Max: 28}, {Title: "Total", Right: true}, {Title: "Buyer", Max: 24},
		{Title: "Email", Max: 32}, {Title: "Phone"}, {Title: "Lines", Right: true}, {Title: "Placed"}, {Title: "Closes"},
	}}
	for _, o := range orders {
		t.Add(o.ID, o.Number, statusWords(o), o.Total.String(), dash(o.Buyer.Name), dash(o.Buyer.Email.String()), dash(o.Buyer.Phone.String()),
			strconv.Itoa(len(o.Lines)), moment(inZone(o.Created, zone), form), moment(inZone(o.Closes, zone), form))
	}
	return t.Write(s.stdout, s.width)
}

func dash(t string) string {
	if t == "" {
		return "-"
	}
	return t
}

func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() || zone == nil {
		return t
	}
	return t.In(zone)
}

// grouped are the texts of problems; rows that lack the same are one of them.
func grouped(problems []order.Problem) []string {
	type group struct {
		text   string
		others []string // orders
	}
	type key struct {
		field, where string
		empty        bool // nothing was found, or something that is wrong
	}
	var groups []*group
	byKey := map[key]*group{}
	for _, p := range problems {
		k := key{p.Field, p.Select, p.Found == ""}
		known := byKey[k]
		if known != nil && p.Kind == order.BadRow && p.Order != "" {
			known.others = append(known.others, p.Order)
			continue
		}
		g := &group{text: p.Text}
		groups = append(groups, g)
		if p.Kind == order.BadRow && p.Order != "" {
			byKey[k] = g
		}
	}
	var texts []string
	for _, g := range groups {
		if n := len(g.others); n > 0 {
			const most = 5
			names := strings.Join(g.others[:min(n, most)], ", ")
			if n > most {
				names += ", …"
			}
			g.text += fmt.Sprintf(" (the same field fails in %d more: %s)", n, names)
		}
		texts = append(texts, g.text)
	}
	return texts
}

// listFacts says what was read of the list besides its orders.
func listFacts(s *session, got extract.Listing) {
	s.sayf("%d row(s), %d order(s)", got.Rows, len(got.Orders))
	if got.HasTotal {
		s.sayf(" of %d", got.Total)
	}
	switch {
	case got.NextURL != "":
		s.sayf("; the next page is %s", table.Clean(got.NextURL))
	case got.HasCursor:
		s.sayf("; the next page is asked for by a cursor")
	}
	s.sayf(".\n")
	count := map[string]int{}
	for _, o := range got.Orders {
		count[fmt.Sprintf("%q is %s", table.Clean(o.StatusText), o.Status)]++
	}
	for _, status := range slices.Sorted(maps.Keys(count)) {
		s.sayf("status %s: %d order(s)\n", status, count[status])
	}
	for _, name := range slices.Sorted(maps.Keys(got.Vars)) {
		s.sayf("var %s was found.\n", name)
	}
}

// listRemarks tells of what is no problem, but perhaps not as it was meant.
func listRemarks(s *session, r *recipe.Recipe, shop extract.Shop, p recipe.Page, got extract.Listing) {
	if r.List.Total != nil && !got.HasTotal {
		s.sayf("remark: list.total finds no number on this page%s.\n", table.Clean(nearest(p, r.List.Total)))
	}
	n := 0
	for _, o := range got.Orders {
		if lacksCountry(got.RowVars[o.ID], o, shop) {
			n++
		}
	}
	if n > 0 {
		s.sayf(phoneRemark, fmt.Sprintf("%d order(s)", n))
	}
}

func nearest(p recipe.Page, v *recipe.Value) string {
	near := extract.Nearest(p, v)
	if len(near) == 0 {
		return ""
	}
	return "; what is there and looks most like it: " + strings.Join(near, ", ")
}

// phoneText is the var that takes the phone number as the page shows it. No
// recipe can have one of this name.
const phoneText = "phone as shown"

const phoneRemark = "remark: the phone number of %s has no country code and is left out, as no region is known; give one with --region CN, and as region: CN in the shop's config.\n"

// withPhoneText is the recipe with that var.
func withPhoneText(r *recipe.Recipe) *recipe.Recipe {
	also := func(f recipe.Fields) recipe.Fields {
		if f.Phone != nil {
			v := *f.Phone
			v.Optional = true // the phone field itself tells if it is not there
			f.Vars = append(slices.Clone(f.Vars), recipe.Var{Name: phoneText, Value: v})
		}
		return f
	}
	changed := *r
	changed.List.Fields = also(r.List.Fields)
	if r.Detail != nil {
		detail := *r.Detail
		detail.Fields = also(r.Detail.Fields)
		changed.Detail = &detail
	}
	return &changed
}

// lacksCountry reports whether a page shows a phone number that was not taken,
// and that would say something with a region.
func lacksCountry(vars map[string]string, o order.Order, shop extract.Shop) bool {
	shown := vars[phoneText]
	if shown == "" || o.Buyer.Phone != "" || shop.Region != "" || strings.ContainsAny(shown, "+*•●转轉") {
		return false
	}
	digits := 0
	for _, r := range shown {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= 7 && digits <= 15 // of numbers as E.164 has them
}

// asWanted adds to an error of a page that it is no JSON, or no HTML, if so.
func asWanted(err error, found recipe.Sign, p recipe.Page) error {
	var layout *extract.LayoutError
	if errors.As(err, &layout) && layout.Found == "" && (found.Path != nil || found.Select != nil) {
		layout.Found = extract.WrongKind(p, found.Path != nil)
	}
	return err
}
