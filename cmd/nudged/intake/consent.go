package intake

import (
	"fmt"
	"strings"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

// answer is what a row says of whether a person agreed to offers.
type answer int

// Answers. Unclear is one that cannot be read: neither a yes nor a no.
const (
	answerNone answer = iota
	answerYes
	answerNo
	answerUnclear
)

// answerTable is what people and programs write for a yes and a no, by [titleKey].
const answerTable = `
yes yes y yep yeah true 1 ok okay x ja j jawohl wahr aktiv active oui vrai sí si sì sim subscribed optedin optin accepted agreed granted confirmed abonniert angemeldet bestätigt eingewilligt zugestimmt einverstanden 是 是的 已同意 同意 已订阅 订阅 有 愿意 可以 已授权
no no n nope false 0 nein falsch non faux não nao never unsubscribed notsubscribed optedout optout declined rejected refused denied revoked withdrawn inactive inaktiv abgemeldet nichtangemeldet nichtabonniert abbestellt abgelehnt widerrufen widersprochen 否 不 不是 不要 不同意 未同意 不愿意 拒绝 已拒绝 退订 已退订 未订阅 不订阅 取消订阅 已取消订阅 已取消 无 没有 未授权`

// answerOf reads a cell of a yes or a no.
func answerOf(s string) answer {
	s = strings.TrimSpace(s)
	switch s {
	case "✓", "✔", "☑", "√":
		return answerYes
	case "✗", "✘":
		return answerNo
	}
	switch meaning(answerTable, titleKey(s)) {
	case "yes":
		return answerYes
	case "no":
		return answerNo
	}
	if blank(s) {
		return answerNone
	}
	return answerUnclear
}

// answer of a row. A no in any column is one. Where a column says who agreed, only
// its yes is one; else a date of consent is, or what the seller says of all.
func (p *Plan) answer(row sheet.Row) answer {
	if p.withdrawn(row) {
		return answerNo
	}
	if c := p.column(fieldConsent); c >= 0 {
		return answerOf(row.Cell(c).Text)
	}
	if c := p.column(fieldDate); c >= 0 {
		if a := answerOf(row.Cell(c).Text); a != answerUnclear {
			return a
		}
		return answerYes
	}
	if p.opts.Consent != (order.Consent{}) {
		return answerYes
	}
	return answerNone
}

// withdrawn reports whether a row says in a column of its own that the person has
// taken a consent back: yes, or the day, or a word for it.
func (p *Plan) withdrawn(row sheet.Row) bool {
	v := row.Cell(p.column(fieldWithdrawn))
	if v.Kind == sheet.Empty || v.Kind == sheet.Fault {
		return false
	}
	switch titleKey(v.Text) {
	case "no", "n", "nein", "false", "falsch", "non", "0", "否", "不是", "没有", "无", "未退订":
		return false
	}
	return answerOf(v.Text) != answerNone
}

// agreed is what the row at hand says of offers: a consent, a no, or zero.
func (r *reader) agreed() order.Consent {
	for _, f := range []field{fieldWithdrawn, fieldConsent} {
		r.cell(f) // a formula that came to nothing is no answer
	}
	switch r.answer(r.row) {
	case answerYes:
		return r.yes()
	case answerNo:
		return order.Consent{At: r.noSince(), Withdrawn: true}
	case answerUnclear:
		if c := r.column(fieldConsent); !r.failed {
			r.note(c, quoted(r.row.Cell(c).Text)+" is neither a yes nor a no"+goesIn, true)
		}
	}
	return order.Consent{}
}

// yes is a consent with its proof.
func (r *reader) yes() order.Consent {
	out := r.opts.Consent
	if v, _ := r.cell(fieldDate); answerOf(v.Text) == answerUnclear {
		if m := r.moment(fieldDate); !m.at.IsZero() {
			out.At = m.at
		}
	}
	if s := r.text(fieldSource); s != "" && !blank(s) {
		out.Source = s
	}
	if s := r.text(fieldWording); s != "" && !blank(s) {
		out.Wording = s
	}
	switch {
	case r.failed:
	case out.At.IsZero():
		r.wrong(r.column(fieldDate), "the consent has no date; --consent-date says it for those without")
	case out.Source == "":
		r.wrong(r.column(fieldSource), "the consent does not say where it was given; --consent-source says it for those without")
	case out.Wording == "":
		r.wrong(r.column(fieldWording), "the consent does not say to what; --consent-wording says it for those without")
	}
	return out
}

// noSince is when a no was said; zero for one that counts from now on, as one
// without a date does. --consent-date is about those who agreed. A day counts to
// its end: the yes of the same day came before.
func (r *reader) noSince() time.Time {
	f := fieldDate
	if r.withdrawn(r.row) {
		f = fieldWithdrawn
	}
	c := r.column(f)
	at, dayOnly, err := dateOf(r.row.Cell(c), r.days[c], r.opts.Zone)
	switch {
	case err != nil:
		return time.Time{}
	case dayOnly:
		return at.AddDate(0, 0, 1).Add(-time.Second)
	}
	return at
}

// proved sees to it that the consents of a list say when, where and to what. A no
// needs no proof.
func (p *Plan) proved() error {
	if p.kind != Buyers || !p.anyYes() {
		return nil
	}
	c := p.opts.Consent
	var missing []string
	if c.At.IsZero() && p.column(fieldDate) < 0 {
		missing = append(missing, fmt.Sprintf("when it was given (--consent-date 2025-03-01, or --map \"%s=%s\" for a column with the dates)", p.dates(), fieldDate))
	}
	if c.Source == "" && p.column(fieldSource) < 0 {
		missing = append(missing, "where (--consent-source \"newsletter form\")")
	}
	if c.Wording == "" && p.column(fieldWording) < 0 {
		missing = append(missing, "to what (--consent-wording \"…\")")
	}
	if missing == nil {
		return nil
	}
	ignore := ""
	for _, f := range []field{fieldConsent, fieldDate} {
		if i := p.column(f); i >= 0 && ignore == "" {
			ignore = fmt.Sprintf("; to take the people in without their answers: --map \"%s=-\"", columnTitle(p.titles[i], i))
		}
	}
	return optionError("%s: a consent is worth something only with its proof, and nothing says %s%s", p.opts.File, strings.Join(missing, ", nor "), ignore)
}

func (p *Plan) anyYes() bool {
	for _, row := range p.all() {
		if p.answer(row) == answerYes {
			return true
		}
	}
	return false
}

// dates names a column with dates that is not taken for anything, as an example.
func (p *Plan) dates() string {
	for c, f := range p.fields {
		if part, none := shapeDate.share(p.values(c)); f == "" && !none && part >= 0.5 {
			return columnTitle(p.titles[c], c)
		}
	}
	return "TITLE"
}
