package notify

import (
	"fmt"
	html "html/template"
	"slices"
	"strings"

	"nudged/store/order"
)

// maxCurrencies is how many amounts a sum shows.
const maxCurrencies = 3

// digestFuncs are what the mails to the seller may call.
func digestFuncs() map[string]any {
	return map[string]any{
		"n": thousands, "count": countOf, "some": some, "put": put, "list": list, "chain": chain, "pair": pair, "code": code,
	}
}

// addUp sums by currency, those of the most orders first.
func addUp(orders []OrderLine) []order.Money {
	var sums []order.Money
	n := map[string]int{}
	for _, o := range orders {
		if o.Total.Currency == "" {
			continue
		}
		n[o.Total.Currency]++
		sums = addTo(sums, o.Total)
	}
	slices.SortStableFunc(sums, func(a, b order.Money) int { return n[b.Currency] - n[a.Currency] })
	return sums
}

// addTo adds an amount to the sum of its currency.
func addTo(sums []order.Money, m order.Money) []order.Money {
	for i := range sums {
		if sums[i].Currency == m.Currency {
			sums[i].Minor += m.Minor
			return sums
		}
	}
	return append(sums, m)
}

// sums writes amounts of several currencies, everywhere in the digest in the order
// of what is open now.
func (m digestMaker) sums(all []order.Money) string {
	rank := func(a order.Money) int {
		i := slices.IndexFunc(m.f.AtRisk, func(b order.Money) bool { return b.Currency == a.Currency })
		if i < 0 {
			return len(m.f.AtRisk)
		}
		return i
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b order.Money) int { return rank(a) - rank(b) })
	var words []string
	for _, a := range all {
		if a.Minor == 0 {
			continue
		}
		if len(words) == maxCurrencies {
			words = append(words, "…")
			break
		}
		words = append(words, m.loc.money(a))
	}
	return strings.Join(words, " + ")
}

// cleanWords is for what a shop or server said: one line, not clickable.
func cleanWords(s string) string { return defang(clean(s, maxLine)) }

// countOf writes "1 order", "2,000 orders".
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// some is "3 new orders", or nothing for none.
func some(n int, noun string) string {
	if n == 0 {
		return ""
	}
	return countOf(n, noun)
}

// put writes a number in the place of the #, or nothing for none.
func put(format string, n int) string {
	if n == 0 {
		return ""
	}
	return strings.Replace(format, "#", thousands(n), 1)
}

// list joins what is there: "a, b and c".
func list(parts ...string) string {
	parts = present(parts)
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// chain joins what is there.
func chain(sep string, parts ...string) string { return strings.Join(present(parts), sep) }

func present(parts []string) []string {
	return slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return p == "" })
}

// code sets what stands between backticks as code.
func code(s string) html.HTML {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		part = html.HTMLEscapeString(part)
		if i%2 == 1 {
			part = fmt.Sprintf(`<span class="code" style="%s">%s</span>`, codeStyle, part)
		}
		b.WriteString(part)
	}
	return html.HTML(b.String()) // every part is escaped above
}

const codeStyle = "display:inline-block;padding:2px 6px;border-radius:5px;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;background:#f3f4f2;color:#22282c;overflow-wrap:anywhere;"
