package recipe

import "slices"

// checkFields looks for facts that an order needs and nobody reads.
func (d *decoder) checkFields(r *Recipe) {
	list, detail := &r.List.Fields, &Fields{}
	if r.Detail != nil {
		detail = &r.Detail.Fields
		if detail.ID == nil && detail.Number == nil {
			d.say("detail.fields.id", `is missing, and number too; the page of another order could be taken for this one's. Where only the address says it: {from: url, match: 'id=(\d+)'}`)
		}
		if detail.Status == nil {
			d.say("detail.fields.status", "is missing; the order's own page has to say whether it is paid")
		}
	}
	if list.Created == nil && detail.Created == nil {
		d.say("list.fields.created", "is missing; without the order's time no reminder can be planned")
	}
	if list.Total == nil && detail.Total == nil {
		d.say("list.fields.total", "is missing; a reminder says what is to be paid")
	}
}

// checkRules looks for facts that a status rule asks for and nobody reads. What
// is read in one place only would let the status change to and fro.
func (d *decoder) checkRules(r *Recipe) {
	for _, rule := range r.Statuses {
		if rule.View != "" && !slices.ContainsFunc(r.List.Views, func(v View) bool { return v.Name == rule.View }) {
			d.failAt(rule.line, rule.col, "statuses", "asks for the view "+short(rule.View)+", which list.views does not name")
		}
		for _, want := range rule.Vars {
			if place := r.lacks(func(f *Fields) bool { return slices.Contains(varNames(f.Vars), want.Name) }); place != "" {
				d.failAt(rule.line, rule.col, "statuses", "asks for "+short(want.Name)+", which "+place+".vars does not read")
			}
		}
	}
	asks := func(of func(StatusRule) bool) bool { return slices.ContainsFunc(r.Statuses, of) }
	if r.Detail != nil && asks(func(s StatusRule) bool { return s.View != "" }) && !asks(func(s StatusRule) bool { return s.View == "" && s.Is == "unpaid" }) {
		d.say("statuses", "says unpaid only of views, and an order's own page is in none; add a rule for what that page shows")
	}
	if asks(func(s StatusRule) bool { return s.Payment != AnyPayment }) && r.List.Fields.Payment == nil {
		d.say("list.fields.payment", "is missing; a rule of statuses asks for the payment")
	}
	if place := r.lacks(func(f *Fields) bool { return f.Refunded != nil }); place != "" && asks(func(s StatusRule) bool { return s.Refunded != nil }) {
		d.say(place+".refunded", "is missing; a rule of statuses asks for it")
	}
	if place := r.lacks(func(f *Fields) bool { return f.Code != nil }); place != "" && asks(func(s StatusRule) bool { return s.Code != nil }) {
		d.say(place+".code", "is missing; a rule of statuses asks for the code")
	}
}

// lacks names the fields, of list or detail, that do not read something.
func (r *Recipe) lacks(reads func(*Fields) bool) string {
	switch {
	case !reads(&r.List.Fields):
		return "list.fields"
	case r.Detail != nil && !reads(&r.Detail.Fields):
		return "detail.fields"
	}
	return ""
}

// field is one that is set, with its name in the YAML.
type field struct {
	name  string
	value *Value
}

// all lists the fields that are set, in the order of the language.
func (f *Fields) all() []field {
	every := []field{
		{"id", f.ID}, {"number", f.Number}, {"status", f.Status}, {"code", f.Code},
		{"created", f.Created}, {"updated", f.Updated}, {"closes", f.Closes},
		{"total", f.Total}, {"currency", f.Currency}, {"name", f.Name}, {"email", f.Email},
		{"phone", f.Phone}, {"payment", f.Payment}, {"refunded", f.Refunded},
		{"coupon", f.Coupon}, {"pay_failed", f.PayFailed}, {"link", f.Link}, {"chat", f.Chat},
	}
	return slices.DeleteFunc(every, func(f field) bool { return f.value == nil })
}

// all lists the values of an order's lines that are set.
func (l *Lines) all() []field {
	every := []field{{"title", l.Title}, {"sku", l.SKU}, {"quantity", l.Quantity}, {"total", l.Total}, {"sold_out", l.SoldOut}}
	return slices.DeleteFunc(every, func(f field) bool { return f.value == nil })
}
