package main

import (
	"time"

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
			k.judgeOrder(o.ID, known, tally)
		}
	})
	if tally["unknown outcomes"] > k.killed {
		k.t.Errorf("%d unknown outcomes for %d kills inside a hand-over", tally["unknown outcomes"], k.killed)
	}
	if writes := k.shop.Writes(); len(writes) > 0 {
		k.t.Errorf("nudged wrote to the shop: %v", writes)
	}
	if *kills >= 40 && k.killed == 0 {
		k.t.Error("no kill fell into a hand-over: the run proves little")
	}
	if tally["sent once"] == 0 || tally["orders paid early, silent"] == 0 {
		k.t.Error("the run was too short to prove anything")
	}
	for _, line := range []string{
		"kills", "kills inside a hand-over", "orders in the shop", "orders in the database",
		"sent once", "sent twice", "orders paid early, silent", "paid and reminded", "due and not sent",
		"unknown outcomes", "unknown, reached the server",
	} {
		k.t.Logf("%-28s %5d", line, tally[line])
	}
}

func (k *killRun) judgeOrder(id string, known map[order.ReminderKey]order.Reminder, tally map[string]int) {
	k.t.Helper()
	n, r := k.sink.count(k.messageID(id)), known[firstStep(id)]
	paid, isPaid := k.paidAt[id]
	switch {
	case n > 1:
		tally["sent twice"]++
		k.t.Errorf("the reminder of order %s reached the server %d times", id, n)
	case n == 1 && isPaid && (k.early[id] || k.sink.first(k.messageID(id)).After(paid.Add(2*time.Second))):
		tally["paid and reminded"]++
		k.t.Errorf("order %s was paid at %s and reminded at %s", id, paid, k.sink.first(k.messageID(id)))
	case n == 0 && isPaid && k.early[id]:
		tally["orders paid early, silent"]++
	case r.State == order.Lost:
		tally["unknown outcomes"]++
		if n == 1 {
			tally["unknown, reached the server"]++
		}
		if !k.inFlight[r.Key] {
			k.t.Errorf("the reminder of order %s is unknown but was not being handed over at any kill", id)
		}
	case n == 1:
		tally["sent once"]++
		if r.State != order.Sent {
			k.t.Errorf("order %s was reminded but its reminder is %q (%s)", id, r.State, r.Reason)
		}
	case !isPaid:
		tally["due and not sent"]++
		k.t.Errorf("order %s was never paid and never reminded; its reminder is %q (%s)", id, r.State, r.Reason)
	}
}
