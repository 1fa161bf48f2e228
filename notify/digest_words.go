package notify

import (
	"fmt"
	html "html/template"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// sum adds up by currency, the largest number of orders first.
func sum(orders []OrderLine) string {
	type total struct {
		money order.Money
		n     int
	}
	var totals []total
	for _, o := range orders {
		if o.Total.Currency == "" {
			continue
		}
		i := slices.IndexFunc(totals, func(t total) bool { return t.money.Currency == o.Total.Currency })
		if i < 0 {
			totals, i = append(totals, total{money: order.Money{Currency: o.Total.Currency}}), len(totals)
		}
		totals[i].money.Minor += o.Total.Minor
		totals[i].n++
	}
	slices.SortStableFunc(totals, func(a, b total) int { return b.n - a.n })
	var words []string
	for _, t := range totals[:min(len(totals), 3)] {
		words = append(words, amount(t.money))
	}
	if len(totals) > 3 {
		words = append(words, "…")
	}
	return strings.Join(words, " + ")
}

// amounts lists sums of several currencies.
func amounts(all []order.Money) string {
	var words []string
	for _, m := range all {
		if m.Minor != 0 {
			words = append(words, amount(m))
		}
	}
	return strings.Join(words, " + ")
}

// about writes a rough time span: "35 min", "5 h", "3 days".
func about(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", max(1, int(d/time.Minute)))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
}

// cleanWords is for what a shop or server said: one line, not clickable.
func cleanWords(s string) string { return defang(clean(s, maxLine)) }

// some is "3 new orders", or nothing for none.
func some(n int, noun string) string {
	if n == 0 {
		return ""
	}
	return count(n, noun)
}

// num is "3 closed", or nothing for none.
func num(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", n, what)
}

// list joins what is there: "a, b and c".
func list(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// note puts a text in brackets if there is one.
func note(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// code sets what stands between backticks as code.
func code(s string) html.HTML {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		part = html.HTMLEscapeString(part)
		if i%2 == 1 {
			part = `<span class="code" style="padding:2px 6px;border-radius:5px;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;background:#f3f4f2;color:#22282c;">` + part + `</span>`
		}
		b.WriteString(part)
	}
	return html.HTML(b.String()) // every part is escaped above
}
