package main

import (
	"os/exec"
	"slices"
	"time"

	"nudged/crawler/demoshop"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

func (k *killRun) judge() {
	k.t.Helper()
	tally := map[string]int{"kills": *kills, "kills inside a hand-over": k.killed}
	k.read(func(db *store.DB) {
		known := k.reminders(db)
		for _, o := range k.shop.Orders() {
			tally["orders in the shop"]++
			if _, found, err := db.Order(order.Key{Shop: "demo", ID: o.ID}); err != nil || !found {
				k.t.Errorf("order %s is not in the database (%v)", o.ID, err)
				continue
			}
			tally["orders in the database"]++
			k.judgeOrder(db, o.ID, known, tally)
		}
	})
	if writes := k.shop.Writes(); len(writes) > 0 {
		k.t.Errorf("nudged wrote to the shop: %v", writes)
	}
	if *kills >= 40 && (k.killed == 0 || tally["faults"] == 0 || tally["of these by sms"] == 0) {
		k.t.Error("no kill fell into a hand-over, nothing failed, or nothing went by SMS: the run proves little")
	}
	if tally["sent once"] == 0 || tally["orders paid early, silent"] == 0 {
		k.t.Error("the run was too short to prove anything")
	}
	for _, line := range []string{
		"kills", "kills inside a hand-over", "faults", "orders in the shop", "orders in the database",
		"sent once", "of these by sms", "of these put off before", "sent twice", "orders paid early, silent", "paid and reminded",
		"due and not sent", "turned down and given up", "unknown outcomes", "unknown, reached the other side",
	} {
		k.t.Logf("%-32s %5d", line, tally[line])
	}
	for _, f := range []fault{putOff, turned, hangs, drops, failsNow, failsLate} {
		k.t.Logf("fault: %-25s %5d by mail %5d by sms", f, k.mail.faultsOf(f), k.sms.faultsOf(f))
	}
}

// wasSeen reports whether a message went out although nudged could know that its
// order was paid: since then it has read the list, or the order's own page, or its
// last look is too old. How long a hand-over takes is a matter of the machine; one
// that a kill cut off may arrive while the next nudged reads already.
func (k *killRun) wasSeen(id string, paid, taken time.Time) bool {
	cutOff := k.inFlight[k.firstStep(id)]
	return taken.After(paid.Add(2*notify.LookFresh)) || slices.ContainsFunc(k.shop.Log(), func(r demoshop.Request) bool {
		own := r.Path == "/admin/orders/plain" || r.Path == "/admin/orders/"+id
		return own && !cutOff && r.At.After(paid) && r.At.Before(taken)
	})
}

func (a *arrivals) faultsOf(f fault) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, given := range a.given {
		if given == f {
			n++
		}
	}
	return n
}

func (k *killRun) judgeOrder(db *store.DB, id string, known map[order.ReminderKey]order.Reminder, tally map[string]int) {
	k.t.Helper()
	key := k.firstStep(id)
	side, who := k.side(id)
	n, r, f := side.count(who), known[key], side.failed(who)
	paid, isPaid := k.paidAt[id]
	inFlight := k.inFlight[key]
	if f != fine {
		tally["faults"]++
	}
	switch {
	case n > 1:
		tally["sent twice"]++
		k.t.Errorf("the reminder of order %s was taken %d times", id, n)
	case n == 1 && isPaid && (k.early[id] || k.wasSeen(id, paid, side.first(who))):
		tally["paid and reminded"]++
		k.t.Errorf("order %s was paid at %s and reminded at %s", id, paid, side.first(who))
	case n == 0 && isPaid && k.early[id]:
		tally["orders paid early, silent"]++
	case r.State == order.Lost:
		k.judgeLost(db, r, n, f, tally)
	case f.unclear() && !inFlight:
		k.t.Errorf("nobody can know what became of the reminder of order %s (%s), and yet it is %q (%s)", id, f, r.State, r.Reason)
	case f == turned && !inFlight:
		tally["turned down and given up"]++
		if n != 0 || r.State != order.Parked && !isPaid {
			k.t.Errorf("the reminder of order %s was turned down: it is %q (%s), and was taken %d times", id, r.State, r.Reason, n)
		}
	case n == 1:
		tally["sent once"]++
		if key.Channel == order.BySMS {
			tally["of these by sms"]++
		}
		if f == putOff {
			tally["of these put off before"]++
		}
		if r.State != order.Sent {
			k.t.Errorf("order %s was reminded but its reminder is %q (%s)", id, r.State, r.Reason)
		}
	case !isPaid:
		tally["due and not sent"]++
		k.t.Errorf("order %s was never paid and never reminded; its reminder is %q (%s)", id, r.State, r.Reason)
	}
}

// judgeLost wants a reason for every unknown outcome, and a line in the ledger from
// which the digest lists it.
func (k *killRun) judgeLost(db *store.DB, r order.Reminder, n int, f fault, tally map[string]int) {
	k.t.Helper()
	tally["unknown outcomes"]++
	if n == 1 {
		tally["unknown, reached the other side"]++
	}
	if !k.inFlight[r.Key] && !f.unclear() {
		k.t.Errorf("%s is unknown, but neither a kill nor a fault made it so", r.Key)
	}
	events, err := db.LedgerOf(r.Key.Order)
	if err != nil || !slices.ContainsFunc(events, func(e order.Event) bool { return e.Key == r.Key && e.State == order.Lost }) {
		k.t.Errorf("%s is unknown and the ledger does not list it (%v)", r.Key, err)
	}
}

// tellWaiting lists the orders whose message has not arrived, for whoever has to
// find out why; nudged runs still, and is asked itself.
func (k *killRun) tellWaiting() {
	if k.idle() {
		return
	}
	for _, o := range k.shop.Orders() {
		side, who := k.side(o.ID)
		if side.count(who) == 0 {
			out, err := exec.Command(k.bin, "--config", k.conf, "why", "demo/"+o.ID).CombinedOutput()
			k.t.Logf("order %s: nothing arrived; its fate at the other side: %v (%v)\n%s", o.ID, side.failed(who), err, out)
		}
	}
}
