package notify_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) forward(d time.Duration) { c.at = c.at.Add(d) }

// builtIn are the texts that the program brings along, read once.
var builtIn = sync.OnceValue(func() *notify.Texts {
	texts, err := notify.LoadTexts("")
	if err != nil {
		panic(err)
	}
	return texts
})

// errCrash stands for kill -9: the call did what it did before it, and nothing
// after it happens.
var errCrash = errors.New("crash")

// shop is a back-office as it really is; several may share one.
type shop struct {
	m     *memory
	clock *clock
	real  map[order.Key]order.Order
	takes time.Duration
	fail  func(key order.Key) error
	looks []look
}

type look struct {
	key    order.Key
	at     time.Time
	status order.Status
}

func (s *shop) Look(ctx context.Context, name, id string) (order.Order, error) {
	if ctx.Err() != nil {
		return order.Order{}, ctx.Err()
	}
	key := order.Key{Shop: name, ID: id}
	if s.fail != nil {
		if err := s.fail(key); err != nil {
			return order.Order{}, err
		}
	}
	o := s.real[key]
	o.Looked, o.Seen = s.clock.now(), s.clock.now()
	s.clock.forward(s.takes)
	s.looks = append(s.looks, look{key, o.Looked, o.Status})
	s.m.put(o)
	return o, nil
}

// post is the mail server or the gateway: it notes what it took.
type post struct {
	clock  *clock
	answer func(m notify.Message) error // nil is taken
	taken  []taken
	before func()
	took   func(taken) // sees each message before it is noted
}

type taken struct {
	m  notify.Message
	at time.Time
}

func (p *post) take(m notify.Message) {
	got := taken{m, p.clock.now()}
	if p.took != nil {
		p.took(got)
	}
	p.taken = append(p.taken, got)
}

func (p *post) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if p.before != nil {
		p.before()
	}
	if ctx.Err() != nil {
		return notify.Receipt{}, &notify.SendError{Kind: notify.Temporary, Err: ctx.Err()}
	}
	var err error
	if p.answer != nil {
		err = p.answer(m)
	}
	var se *notify.SendError
	if err == nil || (errors.As(err, &se) && se.Kind == notify.Unknown) {
		p.take(m)
	}
	if err != nil {
		return notify.Receipt{}, err
	}
	return notify.Receipt{MessageID: m.MessageID, Provider: "queued as 4F2A"}, nil
}

// world is a shop, its memory, the post and a dispatcher over them.
type world struct {
	*clock
	m    *memory
	shop *shop
	post *post
	s    notify.Settings
	o    notify.Options
}

func newWorld(at time.Time) *world {
	c := &clock{at: at}
	m := newMemory()
	w := &world{clock: c, m: m, shop: &shop{m: m, clock: c, real: map[order.Key]order.Order{}, takes: 2 * time.Second}, post: &post{clock: c}, s: settings()}
	w.o = notify.Options{
		Outbox: m, Register: m, People: m, Campaigns: m, Looker: w.shop, Token: func(order.Buyer) string { return "tok3n" },
		Senders: map[order.Channel]notify.Sender{order.ByEmail: w.post}, Texts: builtIn(),
	}
	return w
}

// visit records the orders as the shop shows them and plans their steps.
func (w *world) visit(orders ...order.Order) {
	for _, o := range orders {
		w.shop.real[o.Key()] = o
	}
	for key, o := range w.shop.real {
		o.Seen = w.now()
		if stored, ok := w.m.orders[key]; ok {
			o.Looked = stored.Looked
		}
		w.m.put(o)
	}
	for key := range w.shop.real {
		w.replan(key)
	}
}

func (w *world) replan(key order.Key) {
	w.m.plan(notify.Plan(w.s, w.m.orders[key], w.m.person(key), w.m.enabled[key.Shop], w.now()))
}
