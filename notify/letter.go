package notify

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"nudged/store/order"
)

// maxItems is how many positions a message lists before it says "and 3 more".
const maxItems = 8

// maxLinkSMS is the longest link that an SMS repeats, in bytes.
const maxLinkSMS = 200

// letter is what a template sees: foreign text already cleaned, everything
// written as the language writes it. What is not known is empty; a text that
// prints it all the same is refused.
type letter struct {
	Subject, Preheader string // for the mail around them
	Shop, Name, Number string
	Placed             string // day of the order
	Items              []letterItem
	More               int    // how many Items leaves out
	Total              string // with the currency
	Closes             string // when the shop closes it, with weekday and zone; "" once that is past
	ClosesShort        string // the same for a subject or an SMS
	Kept               string // Closes, while the order is open and can be delivered
	Link, HowToPay     string
	Contact            string
	AsOf               string // when the order was last read
	Unsubscribe        string // a mailto address
	Sign               string // SMS signature that is put before the text
	Marketing          bool
	Address            string // postal
	Offer              string // the words of the step
	Kind               string // of buyer

	Campaign  bool         // the text goes to a person, not about an order
	Listed    bool         // that person is known from a list of the seller's, not from an order
	Closed    bool         // the order was closed without payment
	Paid      bool         // the order is paid
	Twice     bool         // there is another open order like it
	PayFailed bool         // an attempt to pay did not go through
	Coupon    string       // that the buyer has and did not use
	SoldOut   []letterItem // what cannot be delivered
}

type letterItem struct {
	Title    string // "" if the shop shows none
	Quantity int
	Total    string
}

func newLetter(f ShopFacts, w Writing, loc locale) letter {
	o, zone := w.Order, f.zone()
	number := o.Number
	if number == "" && !o.Key().ListRow() {
		number = o.ID
	}
	_, campaign := w.Key.Campaign()
	link := o.Link
	if campaign {
		link = w.Step.Link
	}
	l := letter{
		Shop: clean(f.Name, maxName), Name: cleanName(o.Buyer.Name), Number: defang(clean(number, maxNumber)),
		HowToPay: clean(f.HowToPay, maxLine), Contact: strings.TrimRight(clean(f.Contact, maxLine), ".。"), Link: safeLink(link),
		Sign: clean(f.Sign, maxName), Address: clean(f.Address, maxLine), Offer: clean(w.Step.Offer, maxLine), Kind: w.Kind,
		Campaign: campaign, Listed: o.Key().ListRow(), Closed: o.Status == order.ClosedUnpaid, Paid: o.Status == order.Paid, Twice: slices.Contains(w.Reasons, OrderedTwice),
		PayFailed: o.PayFailed, Coupon: cleanTitle(o.Coupon),
	}
	if o.Total.Currency != "" || o.Total.Minor != 0 {
		l.Total = loc.money(o.Total)
	}
	if !o.Created.IsZero() {
		l.Placed = loc.day(o.Created.In(zone))
	}
	if !o.Closes.IsZero() && (w.At.IsZero() || o.Closes.After(w.At)) {
		l.Closes, l.ClosesShort = loc.moment(o.Closes, zone), loc.short(o.Closes.In(zone))
		if !l.Closed && !slices.ContainsFunc(o.Lines, func(line order.Line) bool { return line.SoldOut }) {
			l.Kept = l.Closes
		}
	}
	if seen := latest(o.Looked, o.Seen); !seen.IsZero() {
		l.AsOf = loc.moment(seen, zone)
	}
	l.Items, l.More = items(o.Lines, loc)
	l.SoldOut, _ = items(slices.DeleteFunc(slices.Clone(o.Lines), func(line order.Line) bool { return !line.SoldOut }), loc)
	return l
}

// items are the positions as a letter shows them. What was taken out of an order
// may stand there still, with a quantity of 0.
func items(lines []order.Line, loc locale) (shown []letterItem, more int) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(line order.Line) bool { return line.Quantity <= 0 })
	for i, line := range lines {
		if i == maxItems {
			return shown, len(lines) - maxItems
		}
		title := cleanTitle(line.Title)
		if title == "" {
			title = cleanTitle(line.SKU)
		}
		it := letterItem{Title: title, Quantity: line.Quantity}
		if line.Total.Currency != "" {
			it.Total = loc.money(line.Total)
		}
		shown = append(shown, it)
	}
	return shown, 0
}

// forSMS leaves out what an SMS cannot hold: a long link, which cannot be cut, and
// the brackets of a signature, by which a shop's words could pass for another
// sender.
func (l letter) forSMS() letter {
	if len(l.Link) > maxLinkSMS {
		l.Link = ""
	}
	plain := strings.NewReplacer("【", "(", "】", ")")
	l.Number, l.Coupon = plain.Replace(l.Number), plain.Replace(l.Coupon)
	for _, list := range []*[]letterItem{&l.Items, &l.SoldOut} {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i].Title = plain.Replace((*list)[i].Title)
		}
	}
	return l
}

// facts are the plain values by name, for gateways that fill texts themselves.
// What is not known is not there.
func (l letter) facts(o order.Order, loc locale) map[string]string {
	out := map[string]string{
		"shop": l.Shop, "name": l.Name, "number": l.Number, "amount": strings.ReplaceAll(l.Total, "\u00a0", " "),
		"closes": l.ClosesShort, "link": l.Link, "contact": l.Contact, "offer": l.Offer, "items": loc.goods(l.Items, l.More),
	}
	if l.Total != "" {
		out["total"], out["currency"] = o.Total.Decimal(), o.Total.Currency
	}
	for name, value := range out {
		if value == "" {
			delete(out, name)
		}
	}
	return out
}

// factsOf are the names in [Message.Facts].
func factsOf() []string {
	return []string{"amount", "closes", "contact", "currency", "items", "link", "name", "number", "offer", "shop", "total"}
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
