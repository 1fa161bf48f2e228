package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nudged/crawler/demoshop"
	"nudged/store/order"
)

// leastOrders is how many a run has at least, however short it is: enough for some
// of every fate.
const leastOrders = 16

// sell lets the shop work in the background: orders come in, a quarter is paid
// long before its reminder, some later.
func (k *killRun) sell() (stop func()) {
	ctx, cancel := context.WithCancel(k.t.Context())
	rng := rand.New(rand.NewPCG(k.rng.Uint64(), 2))
	var all sync.WaitGroup
	all.Go(func() {
		var fates []int // of every eight orders two are paid early and one late
		for i := 0; ; i++ {
			if i%8 == 0 {
				fates = rng.Perm(8)
			}
			o, open := k.order(i), ctx
			if i < leastOrders {
				open = k.t.Context() // however short the run is
			}
			switch fate, wait := fates[i%8], time.Duration(rng.IntN(1000))*time.Millisecond; {
			case fate < 2:
				all.Go(func() { k.pay(open, o, wait) })
			case fate == 2:
				all.Go(func() { k.pay(open, o, killStep+2*wait) })
			}
			select {
			case <-open.Done():
				return
			case <-time.After(time.Duration(400+rng.IntN(600)) * time.Millisecond):
			}
		}
	})
	return func() { cancel(); all.Wait() }
}

// order is one more, with a buyer of its own.
func (k *killRun) order(n int) demoshop.Order {
	email, phone := whose(n)
	k.mu.Lock() // before anybody can be reminded of it
	defer k.mu.Unlock()
	o := k.shop.Add(demoshop.Order{
		Name: fmt.Sprintf("Buyer %d", n), Email: email, Phone: phone, Minor: 1000 + int64(n), Code: "EUR",
		Payment: "Card", Lines: []demoshop.Line{{Title: "Cup", Quantity: 1, Minor: 1000 + int64(n)}},
	})
	k.nth[o.ID] = n
	return o
}

// pay notes an order as paid early by the clock, not by the plan: a busy machine may
// be late with it.
func (k *killRun) pay(ctx context.Context, o demoshop.Order, after time.Duration) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(after):
	}
	if err := k.shop.Pay(o.ID); err != nil {
		k.t.Errorf("pay %s: %v", o.ID, err)
	}
	now := time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.paidAt[o.ID], k.early[o.ID] = now, now.Before(o.Created.Add(killStep))
}

// visits counts those that nudged says it has made.
func (k *killRun) visits() int {
	k.t.Helper()
	log, err := os.ReadFile(filepath.Join(k.dir, "log"))
	if err != nil {
		k.t.Fatal(err)
	}
	return bytes.Count(log, []byte("msg=visited"))
}

// side is where the reminder of an order must arrive, and under which name.
func (k *killRun) side(id string) (*arrivals, string) {
	email, phone := whose(k.nth[id])
	if phone != "" {
		return k.sms, phone
	}
	return k.mail, email
}

func (k *killRun) firstStep(id string) order.ReminderKey {
	by := order.ByEmail
	if _, phone := whose(k.nth[id]); phone != "" {
		by = order.BySMS
	}
	return order.ReminderKey{Order: order.Key{Shop: "demo", ID: id}, Step: "first", Channel: by}
}

// whose is the recipient of a message by its order: every second buyer left a
// number alone, the others an address alone.
func whose(n int) (email, phone string) {
	if n%2 == 0 {
		return "", fmt.Sprintf("+86138%08d", n)
	}
	return fmt.Sprintf("buyer%d@nudged.test", n), ""
}

// killRecipe signs in with the browser and fetches the pages, as most recipes
// do: a visit is short then, and kills fall into every part of the work.
func killRecipe() string {
	before, rest, _ := strings.Cut(string(demoshop.FormRecipe()), "  steps:\n")
	_, after, _ := strings.Cut(rest, "  refused:")
	_, steps, _ := strings.Cut(string(demoshop.Recipe()), "  steps:\n")
	steps, _, _ = strings.Cut(steps, "  refused:")
	return before + "  steps:\n" + steps + "  refused:" + after
}
