package notify_test

import (
	"errors"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// history is a random life of two shops with buyers in common: orders come, are
// paid, closed, postponed, sold out; buyers opt out and agree; visits and flushes
// happen; the seller edits the config; clocks jump; looks fail and take long, the
// mail server and the gateway give every answer there is, and the program is
// killed anywhere.
//
// rules_test.go checks each message at the moment at which it goes out, and
// justify_test.go each step that is given up.
type history struct {
	*world
	t      *rapid.T
	faults bool
	d      *notify.Dispatcher
	n      int
	keys   []order.Key
	went   map[order.ReminderKey]int
	orders map[origin]int
}

// origin of a message: its order, and its step whatever it is called.
type origin struct {
	key   order.Key
	after time.Duration
}

var zonesOf = notify.NewZones()

// buyers that place orders: with one contact, with two, with masked ones, in
// other zones, and one person under two addresses.
var buyers = []order.Buyer{
	{Name: "Ada", Email: "ada@example.com"},
	{Name: "Bo", Email: "bo@example.com", Phone: "+8613800138000"},
	{Name: "Bo", Email: "bo.other@example.com", Phone: "+8613800138000"},
	{Name: "Cy", Phone: "+12125551234"},
	{Name: "Di", Email: "di@example.com", Phone: "+521234567890"}, // eight zones
	{Name: "Ed", Email: "e***@example.com"},
	{Name: "Fay"},
}

func newHistory(t *rapid.T, faults bool) *history {
	start := noon.Add(time.Duration(rapid.IntRange(0, 24*60).Draw(t, "start")) * time.Minute)
	h := &history{world: newWorld(start), t: t, faults: faults, went: map[order.ReminderKey]int{}, orders: map[origin]int{}}
	h.m.enabled = map[string]time.Time{"buckles": h.now().Add(-2 * time.Hour), "belts": h.now()}
	h.o.Senders[order.BySMS] = h.post
	h.post.took, h.m.settling = h.goesOut, h.settles
	h.edit()
	if faults {
		h.m.crash = func(string) bool { return h.rarely(60) }
		h.shop.fail = h.lookFails
		h.post.answer = h.answer
		h.post.before = func() { h.maybeKill() }
	}
	h.start()
	return h
}

func (h *history) rarely(oneIn int) bool {
	return rapid.IntRange(1, oneIn).Draw(h.t, "rarely") == oneIn
}

func (h *history) maybeKill() {
	if h.rarely(20) {
		panic(errCrash)
	}
}

func (h *history) lookFails(order.Key) error {
	h.shop.takes = time.Duration(rapid.IntRange(0, 90).Draw(h.t, "look takes")) * time.Second
	switch rapid.IntRange(0, 12).Draw(h.t, "look") {
	case 0:
		return errors.New("503")
	case 1:
		return &notify.LookError{Cause: order.CauseBudget, Until: h.now().Add(time.Hour), Err: errors.New("budget")}
	case 2:
		return &notify.LookError{Cause: order.CauseLook, Err: errors.New("500")}
	}
	return nil
}

func (h *history) answer(m notify.Message) error {
	switch rapid.SampledFrom([]string{"ok", "ok", "ok", "ok", "temporary", "permanent", "unknown", "account", "killed after"}).Draw(h.t, "answer") {
	case "temporary":
		return &notify.SendError{Kind: notify.Temporary, Err: errors.New("450")}
	case "permanent":
		return &notify.SendError{Kind: notify.Permanent, Err: errors.New("550")}
	case "unknown":
		return &notify.SendError{Kind: notify.Unknown, Err: errors.New("lost")}
	case "account":
		return &notify.SendError{Kind: notify.Temporary, Account: true, Err: errors.New("refused")}
	case "killed after":
		h.post.take(m)
		panic(errCrash)
	}
	return nil
}

// start is a start of the program: what was in flight becomes unknown.
func (h *history) start() {
	h.m.recover(h.now())
	h.o.Settings = h.s
	d, err := notify.New(h.o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.d = d
}

// do runs a part of the program, which may be killed in it.
func (h *history) do(f func()) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case any(errCrash):
			h.start()
		default:
			panic(p)
		}
	}()
	f()
}

func (h *history) arrive() {
	o := anOrder()
	o.Shop = rapid.SampledFrom([]string{"buckles", "belts"}).Draw(h.t, "shop")
	o.ID, o.Number = fmt.Sprint(h.n), fmt.Sprintf("B-%d", h.n)
	h.n++
	// Some are older than the shop's first visit.
	o.Created = h.now().Add(-time.Duration(rapid.SampledFrom([]int{0, 5, 10, 15, 30, 60, 90, 400}).Draw(h.t, "age")) * time.Minute)
	if o.Closes = (time.Time{}); rapid.IntRange(0, 3).Draw(h.t, "closes") > 0 {
		o.Closes = o.Created.Add(time.Duration(rapid.SampledFrom([]int{2880, 4000, 2000, 1440, 900, 400, 100, 25}).Draw(h.t, "open for")) * time.Minute)
	}
	o.Status, o.Total.Minor, o.Payment = order.Unpaid, 60_000, "Card"
	switch rapid.IntRange(0, 20).Draw(h.t, "kind") {
	case 0:
		o.Status = order.Paid
	case 1:
		o.Status = order.Unknown
	case 2:
		o.Total.Minor = 0
	case 3:
		o.Total.Minor = 900_000
	case 4, 5, 6:
		o.Total.Minor = 10_000
	case 7:
		o.Payment = "Bank transfer"
	case 8:
		o.Payment = "Cash on delivery"
	}
	o.Buyer = rapid.SampledFrom(buyers).Draw(h.t, "buyer")
	if rapid.Bool().Draw(h.t, "somebody else") {
		o.Buyer = order.Buyer{Name: "Gus", Email: order.Email(fmt.Sprintf("gus%d@example.com", h.n)), Phone: order.Phone(fmt.Sprintf("+86139%08d", h.n))}
	}
	h.shop.real[o.Key()] = o
	h.keys = append(h.keys, o.Key())
}

// change is what happens in a shop, unseen until it is read. What is paid or
// closed stays so.
func (h *history) change() {
	if h.n == 0 {
		return
	}
	o := h.shop.real[rapid.SampledFrom(h.keys).Draw(h.t, "which")]
	if o.Status == order.Paid || o.Status.Closed() {
		return
	}
	switch rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 6, 7, 8}).Draw(h.t, "what") {
	case 0, 1:
		o.Status = order.Paid
	case 2:
		o.Status = order.ClosedUnpaid
	case 3:
		o.Status = order.Unknown
	case 4:
		o.Closes = h.now().Add(time.Duration(rapid.IntRange(0, 48*60).Draw(h.t, "postponed")) * time.Minute)
	case 5:
		o.Lines = []order.Line{{Title: "Leather belt", Quantity: 1, SoldOut: true}}
	case 6:
		if o.Buyer.Phone = rapid.SampledFrom([]order.Phone{"", "+12125551234"}).Draw(h.t, "phone"); o.Buyer.Phone != "" {
			o.Buyer.Email = rapid.SampledFrom([]order.Email{o.Buyer.Email, ""}).Draw(h.t, "email")
		}
	case 7:
		o.Total.Minor = rapid.SampledFrom([]int64{10_000, 60_000}).Draw(h.t, "total")
	case 8:
		o.Status = order.Unpaid
	}
	h.shop.real[o.Key()] = o
}

// decide is what a buyer tells the seller.
func (h *history) decide() {
	b := rapid.SampledFrom(buyers).Draw(h.t, "buyer")
	switch rapid.IntRange(0, 3).Draw(h.t, "wish") {
	case 0:
		h.m.optedOut[b.Email] = b.Email != ""
		h.m.barred[b.Phone] = b.Phone != ""
	case 1:
		for _, c := range h.some(contacts(b)) {
			h.m.consents[c] = order.Consent{At: h.now(), Withdrawn: true}
		}
	default:
		for _, c := range h.some(contacts(b)) {
			h.m.consents[c] = order.Consent{At: h.now(), Source: "form", Wording: "yes"}
		}
	}
}

// some of a buyer's contacts, all of them as a rule.
func (h *history) some(of []string) []string {
	if len(of) > 1 && rapid.IntRange(0, 2).Draw(h.t, "by one contact") == 0 {
		return []string{rapid.SampledFrom(of).Draw(h.t, "contact")}
	}
	return of
}

func (h *history) flush(shop string) {
	if _, err := h.d.Flush(h.t.Context(), shop, h.now); err != nil {
		h.t.Fatalf("flush: %v", err)
	}
}

// visit is a visit to both shops: what they show is recorded and planned.
func (h *history) visit() {
	for _, key := range h.keys {
		o := h.shop.real[key]
		o.Seen = h.now()
		o.Looked = h.m.orders[key].Looked
		h.m.put(o)
	}
	for _, key := range h.keys {
		h.replan(key)
	}
}
