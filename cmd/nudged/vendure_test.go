package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

const vendureConfig = `shops:
  - name: %s
    recipe: vendure
    url: %s/admin
    user: clerk@nudged.test
    password: {env: SHOP_PASSWORD}
    zone: UTC
    region: US
    visit: 10m
    max_pages_per_hour: 100000
    offline_payment: [bank-transfer]
reminders:
  mode: live
  steps:
    - {step: first, after: 1h, by: [email], template: gentle}
  sequences: # without one that names it, a bank transfer has days
    - {name: transfer, payment: [bank-transfer], steps: [{step: first, after: 1h, by: [email], template: gentle}]}
email: {host: %s, port: %s, user: '%s', password: {env: SMTP_PASSWORD}, from: Vendure shop <%s>, ca_file: '%s'}
digest: {at: "0 21 * * *", to: [seller@nudged.test]}
data: data-%s
key_file: keys/key
`

// TestVendure is the whole program as a seller runs it, with nothing of ours at
// the other end: a running Vendure, and a Postfix that asks for STARTTLS and AUTH.
func TestVendure(t *testing.T) {
	base := strings.TrimSuffix(needPart(t, "vendure", "NUDGED_VENDURE"), "/")
	mails := needPostfix(t)
	needBrowser(t)
	shop := &vendureControl{t: t, base: base}
	shop.seen()
	shop.all = nil
	dir := t.TempDir()
	seat := func(name, password string) *operator {
		text := fmt.Sprintf(vendureConfig, name, base, mails.host, mails.port, mails.user, mails.from, mails.ca, name)
		conf := filepath.Join(dir, name+".yaml")
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return &operator{t: t, conf: conf, env: map[string]string{"SHOP_PASSWORD": password, "SMTP_PASSWORD": mails.password}}
	}
	op := seat("vendure", "clerk-password")
	customers, sellers := mails.names("customers"), mails.names("seller")
	before := shop.orders()

	wants(t, op.must("check", "--online"), "vendure: signed in, and the order list can be read", "mail: "+mails.host+" answers")
	signIn := len(shop.seen()) // operations of a sign-in and one list page
	if signIn == 0 {
		t.Error("the check asked the shop nothing")
	}

	wants(t, op.must("crawl"), fmt.Sprintf("vendure: %d order(s)", len(before)))
	compareVendure(t, op, before)
	shop.seen()

	// Nothing new: one list page with the kept session, and not one request more.
	wants(t, op.must("crawl"), " 0 new, 0 with a new status")
	if ops := shop.seen(); len(ops) != 1 || ops[0].Name != "NudgedOrders" {
		t.Errorf("a visit with nothing new asked for %+v", ops)
	}

	reminded := remindVendure(t, op, shop, mails, customers)

	// A first visit whose session ends while it reads details.
	cut := seat("cut", "clerk-password")
	shop.seen()
	shop.ask("POST", fmt.Sprintf("expire?after=%d", signIn+8), new(any))
	wants(t, cut.must("crawl", "--json"), `"outcome": "ok"`, `"complete": true`)
	now := shop.orders()
	if ops := shop.seen(); count(ops, "AttemptLogin") != 2 || count(ops, "NudgedOrder") < worth(now) {
		t.Errorf("a visit whose session ended asked for %+v", ops)
	}
	compareVendure(t, cut, now)
	op.must("crawl")
	compareVendure(t, op, now)

	refuseVendure(t, seat("wrong", "not-the-password"), shop)

	// The digest goes last: once it is there, so is all that was sent before it.
	wants(t, op.must("digest", "--send"), "Sent.")
	digest := mails.await("seller", sellers, 1)
	wants(t, digest[0].Text, fmt.Sprintf("%d sent", len(reminded)), fmt.Sprintf("step first by mail: %d", len(reminded)))
	if got := mails.since("customers", customers); len(got) != 2 {
		t.Errorf("%d mails to buyers in all, want 2", len(got))
	}
	shop.seen()
	readOnly(t, shop, before)
}

// worth counts the orders whose own page is worth reading.
func worth(orders map[string]vendureOrder) int {
	n := 0
	for _, o := range orders {
		if o.status().WantsDetail() {
			n++
		}
	}
	return n
}

// compareVendure holds what is on record against what the shop itself says.
func compareVendure(t *testing.T, op *operator, want map[string]vendureOrder) {
	t.Helper()
	status, out, _ := op.types("orders", "--json", "--limit", "0")
	var got []orderJSON
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != exitDone {
		t.Fatalf("exit code %d, %v", status, err)
	}
	buyers := contacts(t, op)
	ids := map[string]bool{}
	for _, g := range got {
		w, ok := want[g.ID]
		ids[g.ID] = true
		if !ok || g.Number != w.Code || g.Status != string(w.status()) || g.Created == nil || !g.Created.Equal(w.CreatedAt.Truncate(time.Second)) ||
			g.Minor != w.TotalWithTax || g.Currency != w.CurrencyCode || g.Total != w.total() {
			t.Errorf("on record is %+v, the shop has %+v (%s)", g, w, w.status())
			continue
		}
		if !w.status().WantsDetail() {
			continue
		}
		b := buyers[g.ID]
		if g.Name != w.Customer.FirstName+" "+w.Customer.LastName || b.Email.Reveal() != w.Customer.EmailAddress || digits(b.Phone.Reveal()) != digits(w.phone()) {
			t.Errorf("order %s: the buyer on record is %q %q %q, in the shop %+v", g.Number, g.Name, b.Email.Reveal(), b.Phone.Reveal(), *w.Customer)
		}
		var have, need []string
		for _, l := range g.Lines {
			have = append(have, fmt.Sprintf("%d x %s %s %s", l.Quantity, l.Title, l.SKU, l.Total))
		}
		for _, l := range w.Lines {
			price := order.Money{Minor: l.LinePriceWithTax, Currency: w.CurrencyCode}
			need = append(need, fmt.Sprintf("%d x %s %s %s", l.Quantity, l.ProductVariant.Name, l.ProductVariant.SKU, price))
		}
		slices.Sort(have) // the shop gives lines in no fixed order
		slices.Sort(need)
		if !slices.Equal(have, need) {
			t.Errorf("order %s: the items on record are %q, in the shop %q", g.Number, have, need)
		}
	}
	if len(got) != len(want) || len(ids) != len(want) {
		t.Errorf("%d orders are on record, the shop has %d", len(got), len(want))
	}
}

// contacts are in the database and in no listing.
func contacts(t *testing.T, op *operator) map[string]order.Buyer {
	t.Helper()
	cfg, err := config.Load(op.conf, config.Options{Texts: notify.LoadTexts})
	if err != nil {
		t.Fatal(err)
	}
	a, err := openApp(t.Context(), cfg, appOptions{Now: time.Now, Log: slog.New(slog.DiscardHandler), Sender: &fakeMail{}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	orders, err := a.db.Orders(t.Context(), store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]order.Buyer{}
	for _, o := range orders {
		out[o.ID] = o.Buyer
	}
	return out
}

// remindVendure brings four new orders to their reminder. Two of them are paid
// after the last visit that saw them open; it gives the other two.
func remindVendure(t *testing.T, op *operator, shop *vendureControl, mails *postfix, before []string) []vendureOrder {
	t.Helper()
	open := []vendureOrder{shop.add("arranging"), shop.add("authorized")}
	paid := []vendureOrder{shop.add("arranging"), shop.add("authorized")}
	wants(t, op.must("crawl"), " 4 new, 0 with a new status")
	wants(t, op.must("remind", "--dry-run"), open[0].Code, paid[1].Code, "send, after a look")
	for _, o := range paid {
		shop.pay(o.Code)
	}
	if got := mails.since("customers", before); len(got) != 0 {
		t.Fatalf("%d mails before anything was due", len(got))
	}

	op.ahead = 61 * time.Minute
	shop.seen()
	wants(t, op.must("remind"), "vendure: 2 sent, 0 shown to you, 2 skipped, 0 held, 0 failed")
	if ops := shop.seen(); count(ops, "NudgedOrder") != 4 || len(ops) != 4 {
		t.Errorf("four reminders were due, and the shop was asked for %+v", ops)
	}
	wants(t, op.must("remind"), "vendure: 0 sent, 0 shown to you, 0 skipped")
	letters := mails.await("customers", before, 2)
	for _, o := range open {
		i := slices.IndexFunc(letters, func(l letter) bool { return strings.Contains(l.Text, o.Code) })
		if i < 0 {
			t.Errorf("no mail about %s", o.Code)
			continue
		}
		if to := letters[i].Header.Get("To"); !strings.Contains(to, o.Customer.EmailAddress) {
			t.Errorf("the mail about %s went to %s", o.Code, to)
		}
		wants(t, strings.ReplaceAll(letters[i].Text, "$1,", "$1"), "Total: $"+o.total(), "still unpaid in the shop on")
		for _, l := range o.Lines {
			wants(t, letters[i].Text, fmt.Sprintf("%d x %s", l.Quantity, l.ProductVariant.Name))
		}
		wants(t, op.must("why", o.Code), `reminder "first" by email sent, after a look at the order; the server said 2.0.0 Ok: queued as`)
	}
	for _, o := range paid {
		wants(t, op.must("why", o.Code), `reminder "first" by email skipped: the order is paid`, "seen to be paid (was unpaid)")
	}
	return open
}

// refuseVendure signs in with a wrong password: once, however often it is asked.
func refuseVendure(t *testing.T, op *operator, shop *vendureControl) {
	t.Helper()
	shop.seen()
	for range 2 {
		status, _, said := op.types("crawl")
		if status != exitNeeds {
			t.Errorf("exit code %d", status)
		}
		wants(t, said, "refused the sign-in with the words", "change", "nudged crawl wrong --again")
		if strings.Contains(said, "not-the-password") {
			t.Error("the password was printed")
		}
	}
	if ops := shop.seen(); count(ops, "AttemptLogin") != 1 {
		t.Errorf("a wrong password was tried so: %+v", ops)
	}
}

// readOnly checks everything that reached the shop: the sign-in is the only
// mutation, and no order that was there before has moved.
func readOnly(t *testing.T, shop *vendureControl, before map[string]vendureOrder) {
	t.Helper()
	signIns := 0
	for _, op := range shop.all {
		switch {
		case op.Kind == "mutation" && op.Name == "AttemptLogin" && slices.Equal(op.Fields, []string{"login"}):
			signIns++
		case op.Kind != "query":
			t.Errorf("the shop got %+v", op)
		}
	}
	if signIns == 0 || len(shop.all) < len(before) {
		t.Errorf("the shop's log shows %d operations and %d sign-ins: too few to prove anything", len(shop.all), signIns)
	}
	now := shop.orders()
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if b, n := before[id], now[id]; b.State != n.State || !b.UpdatedAt.Equal(n.UpdatedAt) {
			t.Errorf("order %s was %s of %s and is %s of %s", b.Code, b.State, b.UpdatedAt, n.State, n.UpdatedAt)
		}
	}
}
