package extract

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

var (
	errMissing = errors.New("is not there")
	errEmpty   = errors.New("is empty")
	errLong    = errors.New("is too long")
)

// reader reads the orders of one page.
type reader struct {
	recipe  *recipe.Recipe
	shop    Shop
	doc     *document
	section string // "list.fields", "detail.fields"
	view    string // of the list
	page    place
	joins   map[string]map[string]place // rows of joins, by name and key
	first   *FieldError                 // of the page's rows
	nears   int                         // searches for what is there instead of a field

	problems []order.Problem
	told     map[string]bool   // problems that are told once a page
	good     map[string]string // of each field, what the last good row had

	rowNo    map[string]int         // of each id, the number of its first row
	twins    map[string]*FieldError // ids that several orders seem to have
	parting  []*FieldError          // the same, in the page's order
	nameless map[string]badRows     // rows without an id, by what they lack
}

func newReader(r *recipe.Recipe, shop Shop, doc *document, section string) *reader {
	return &reader{
		recipe: r, shop: shop, doc: doc, section: section, told: map[string]bool{}, good: map[string]string{},
		rowNo: map[string]int{}, twins: map[string]*FieldError{}, nameless: map[string]badRows{},
	}
}

// row is one order while it is read.
type row struct {
	*reader
	at    place
	top   place // the order's row, where at is one of its lines
	order order.Order
	vars  map[string]string
	iso   string // currency, if a field says it
	err   *FieldError

	joining string            // the join whose row is being looked for
	samples map[string]string // of each field, what was found
}

func (x *reader) row(at place, o order.Order) *row {
	return &row{reader: x, at: at, top: at, order: o, vars: map[string]string{}, samples: map[string]string{}}
}

// lookup gives templates the values that an order's texts may be made of.
func (w *row) lookup(name string) (string, bool) {
	switch name {
	case "id":
		return w.order.ID, true
	case "number":
		return w.order.Number, true
	case "url":
		return w.shop.URL, true
	case "origin":
		return origin(w.shop.URL), true
	case "view":
		return w.view, w.view != ""
	}
	v, ok := w.vars[name]
	return v, ok
}

func (w *row) scope() scope { return scope{lookup: w.lookup, joined: w.joined} }

func (w *row) read(v *recipe.Value, most int) reading { return w.scope().read(w.at, v, most) }

// fail notes the first field that could not be read; the row is no order then.
func (w *row) fail(field string, v *recipe.Value, found string, why error) {
	if w.err != nil {
		return
	}
	w.err = &FieldError{Order: w.order.ID, Field: w.section + "." + field, Want: where(v), Found: shown(found), Why: why.Error()}
	if v == nil || !errors.Is(why, errMissing) {
		return
	}
	if found, misfit := w.scope().misfit(w.at, field, v); misfit != nil {
		w.err.Found, w.err.Why = found, misfit.Error()
		return
	}
	w.err.Near = w.nearest(v)
}

// text reads a field that may be empty, but must be there.
func (w *row) text(field string, v *recipe.Value, most int) (string, bool) {
	if v == nil || w.err != nil {
		return "", false
	}
	r := w.read(v, most)
	if !r.found && r.text == "" && !v.Optional {
		w.fail(field, v, "", errMissing)
		return "", false
	}
	if r.text != "" {
		w.samples[field] = r.text
	}
	return r.text, true
}

// needed reads a field that must say something.
func (w *row) needed(field string, v *recipe.Value, most int) (reading, bool) {
	if v == nil || w.err != nil {
		return reading{}, false
	}
	r := w.read(v, most)
	if r.text == "" && !v.Optional {
		why := errMissing
		if r.found {
			why = errEmpty
		}
		w.fail(field, v, "", why)
		return reading{}, false
	}
	return r, r.text != ""
}

// fields reads all that a recipe names, into the order.
func (w *row) fields(f *recipe.Fields) {
	w.identity(f)
	w.times(f)
	w.amounts(f)
	w.buyer(f)
	w.status(f)
	w.hints(f)
	if f.Lines != nil && w.err == nil {
		w.lines(f.Lines)
	}
	w.close(f)
	w.link(f)
	w.chat(f)
}

func (w *row) identity(f *recipe.Fields) {
	if r, ok := w.needed("id", f.ID, maxID+1); ok {
		if len([]rune(r.text)) > maxID {
			w.fail("id", f.ID, r.text, errLong)
			return
		}
		if w.order.ID != "" && w.order.ID != r.text {
			w.fail("id", f.ID, r.text, fmt.Errorf("is the page of another order"))
			return
		}
		w.order.ID = r.text
	}
	if t, ok := w.text("number", f.Number, maxID); ok && t != "" {
		w.order.Number = t
	}
	if w.order.Number == "" {
		w.order.Number = w.order.ID
	}
	for _, v := range f.Vars {
		if t, ok := w.text("vars."+v.Name, &v.Value, maxVar); ok {
			w.vars[v.Name] = t
		}
	}
}

func (w *row) times(f *recipe.Fields) {
	if dayOnly, ok := w.time("created", f.Created, true, &w.order.Created); ok {
		w.order.DayOnly = dayOnly
	}
	w.time("updated", f.Updated, false, &w.order.Updated)
	w.time("closes", f.Closes, false, &w.order.Closes)
}

// time reads a time into a field of the order; ok if there is one.
func (w *row) time(field string, v *recipe.Value, must bool, into *time.Time) (dayOnly, ok bool) {
	t, ok := w.text(field, v, maxText)
	if !ok || !must && noTime(t) || v.Optional && t == "" {
		return false, false
	}
	at, dayOnly, err := parseTime(t, v.Date, w.shop.Zone, w.doc.page.At)
	if err != nil {
		w.fail(field, v, "", noSuchTime(v.Date, err))
		w.err.Found = shownTime(t)
		return false, false
	}
	*into = at
	return dayOnly, true
}

func (w *row) amounts(f *recipe.Fields) {
	if t, ok := w.text("currency", f.Currency, maxText); ok && t != "" {
		if w.iso = strings.ToUpper(t); !isISO(w.iso) {
			w.fail("currency", f.Currency, t, errors.New("is no ISO 4217 code"))
			return
		}
	}
	if r, ok := w.needed("total", f.Total, maxText); ok {
		m, err := parseMoney(r.text, r.number, f.Total.Money, w.iso, w.shop.Currency)
		if err != nil {
			w.fail("total", f.Total, r.text, err)
			return
		}
		w.order.Total = m
		w.samples["total"] = r.text
	}
}

func (w *row) buyer(f *recipe.Fields) {
	if t, ok := w.text("name", f.Name, maxText); ok && t != "" {
		w.order.Buyer.Name = t
	}
	w.contact("email", f.Email, func(t string) bool {
		mail := parseEmail(t)
		w.order.Buyer.Email = cmp.Or(mail, w.order.Buyer.Email)
		return mail != ""
	})
	w.contact("phone", f.Phone, func(t string) bool {
		phone := parsePhone(t, w.shop.Region)
		w.order.Buyer.Phone = cmp.Or(phone, w.order.Buyer.Phone)
		return phone != ""
	})
	if t, ok := w.text("payment", f.Payment, maxText); ok && t != "" {
		w.order.Payment = t
	}
}

// status reads the words and judges them. It comes after the payment.
func (w *row) status(f *recipe.Fields) {
	if w.section != "list.fields" && !saysStatus(w.recipe, f) {
		return // a further page; what the others said stays
	}
	said := facts{view: w.view, vars: w.vars}
	if f.Status != nil && f.Status.Optional {
		said.text, _ = w.text("status", f.Status, maxText)
	} else if r, ok := w.needed("status", f.Status, maxText); ok {
		said.text = r.text
		w.samples["status"] = r.text
	}
	said.code, _ = w.text("code", f.Code, maxText)
	refunded, _ := w.text("refunded", f.Refunded, maxText)
	said.refunded, said.payment = yes(refunded), w.order.Payment
	if w.err != nil {
		return
	}
	w.order.StatusText = said.words(w.recipe)
	w.order.Status = judge(w.recipe, w.shop, said)
	if w.order.Status == order.Unknown {
		w.once("status "+said.words(w.recipe)+" "+said.code, unknownStatus(w.recipe, w.order.ID, said, where(f.Status)))
	}
}

// saysStatus reports whether fields hold what status rules judge by.
func saysStatus(r *recipe.Recipe, f *recipe.Fields) bool {
	names := asked(r)
	return f.Status != nil || f.Code != nil || slices.ContainsFunc(f.Vars, func(v recipe.Var) bool { return slices.Contains(names, v.Name) })
}

// once tells a problem the first time that it is met on a page.
func (w *row) once(key string, p order.Problem) {
	if !w.told[key] {
		w.told[key] = true
		w.problems = append(w.problems, p)
	}
}

// close works out when the shop closes an unpaid order. A day without a time says
// too little to count hours from: no close is better than a wrong one.
func (w *row) close(f *recipe.Fields) {
	if w.err != nil || f.Closes != nil && !w.order.Closes.IsZero() {
		return
	}
	if w.order.Status == order.Unpaid && w.recipe.List.Fields.Closes != nil && !w.order.Closes.IsZero() {
		return // the list shows it, this page does not
	}
	w.order.Closes = time.Time{}
	after := cmp.Or(w.shop.AutoClose, w.recipe.AutoClose)
	if w.order.Status == order.Unpaid && after > 0 && !w.order.Created.IsZero() && !w.order.DayOnly {
		w.order.Closes = w.order.Created.Add(after)
	}
}
