package notify

import (
	"net/url"
	"strings"
	"time"

	"nudged/store/order"
)

// maxItems is how many positions a message lists before it says "and 3 more".
const maxItems = 8

// letter is what a template sees: foreign text already cleaned.
type letter struct {
	Subject, Preheader string
	Shop, Name, Number string
	Placed             string
	Items              []letterItem
	More               string
	Total              string
	Closes             string
	ClosesShort        string
	Link, HowToPay     string
	Contact            string
	AsOf               string
	Unsubscribe        string
}

type letterItem struct {
	Title    string
	Quantity int
	Total    string
}

func newLetter(f ShopFacts, o order.Order, unsubscribe string) letter {
	zone := f.zone()
	number := o.Number
	if number == "" {
		number = o.ID
	}
	l := letter{
		Shop: clean(f.Name, maxName), Name: cleanName(o.Buyer.Name), Number: defang(clean(number, maxNumber)),
		Closes: moment(o.Closes, zone), HowToPay: clean(f.HowToPay, maxLine), Contact: clean(f.Contact, maxLine),
		Link: safeLink(o.Link), Unsubscribe: unsubscribe,
	}
	if o.Total.Currency != "" || o.Total.Minor != 0 {
		l.Total = amount(o.Total)
	}
	if !o.Created.IsZero() {
		l.Placed = o.Created.In(zone).Format("Mon 2 Jan")
	}
	if !o.Closes.IsZero() {
		l.ClosesShort = o.Closes.In(zone).Format("Mon 2 Jan, 15:04")
	}
	if seen := latest(o.Looked, o.Seen); !seen.IsZero() {
		l.AsOf = moment(seen, zone)
	}
	if l.HowToPay == "" {
		l.HowToPay = "To pay, open order " + l.Number + " in the shop, where you placed it, and choose a payment method."
	}
	l.Items, l.More = items(o.Lines)
	return l
}

func items(lines []order.Line) (shown []letterItem, more string) {
	for i, line := range lines {
		title := cleanTitle(line.Title)
		if title == "" {
			title = cleanTitle(line.SKU)
		}
		if title == "" {
			title = "1 item"
		}
		if i == maxItems {
			return shown, count(len(lines)-maxItems, "item")
		}
		it := letterItem{Title: title, Quantity: max(line.Quantity, 1)}
		if line.Total.Currency != "" {
			it.Total = amount(line.Total)
		}
		shown = append(shown, it)
	}
	return shown, ""
}

// safeLink lets through what a buyer may be sent to. The host was judged when
// the order was read; here the form is, once more.
func safeLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || len(link) > 1000 || clean(link, len(link)) != link || strings.ContainsAny(link, " \"<>") {
		return ""
	}
	return link
}

// unsubscribe is the mailto URI of List-Unsubscribe (RFC 2369, RFC 6068). The
// address of the person is not in it.
func (f ShopFacts) unsubscribe(token string) string {
	to := f.Unsubscribe
	if to == "" {
		to = f.replyTo()
	}
	if to == "" || token == "" {
		return ""
	}
	return "mailto:" + strings.ReplaceAll(url.PathEscape(to.Reveal()), "%40", "@") + "?subject=" + url.PathEscape("unsubscribe "+token)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
