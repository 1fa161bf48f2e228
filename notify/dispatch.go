package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"nudged/store/order"
)

// LookFresh is how old a look may be when the hand-over begins.
const LookFresh = 60 * time.Second

// settleTime is what a cancelled flush still takes to write down what became of
// the message in flight.
const settleTime = 10 * time.Second

// batch is how many due reminders are read at a time.
const batch = 64

// Options of a dispatcher.
type Options struct {
	Settings Settings
	Outbox   Outbox
	Looker   Looker
	Register Register
	Senders  map[order.Channel]Sender
	// Token gives the opaque token by which a person unsubscribes; nil is none.
	Token func(b order.Buyer) string
	// PreviewsLeft tells how many previews may still be mailed to the seller today;
	// nil is none: previews are then only listed in the digest. A preview that was
	// mailed has a ledger line in state shown with a Provider, one that was only
	// listed has none.
	PreviewsLeft func(ctx context.Context, now time.Time) (int, error)
	Log          *slog.Logger // nil is silent
}

// Dispatcher sends what is due. Several shops may be flushed at a time, one
// shop only once at a time: that is what keeps looks and messages one by one.
type Dispatcher struct {
	o     Options
	texts *Texts
	log   *slog.Logger

	mu     sync.Mutex
	paused map[order.Channel]pause
}

// pause is how long a channel is left alone after its account failed.
type pause struct {
	until  time.Time
	times  int
	reason string
}

// New checks that every step has a text in the language of every shop.
func New(o Options) (*Dispatcher, error) {
	if o.Outbox == nil || o.Looker == nil || o.Register == nil {
		return nil, errors.New("a dispatcher needs an outbox, a looker and a register")
	}
	texts, err := LoadTexts()
	if err != nil {
		return nil, err
	}
	for name, shop := range o.Settings.Shops {
		for _, st := range o.Settings.Steps {
			if !slices.Contains(texts.Names(shop.language()), st.Template) {
				return nil, fmt.Errorf("shop %s: step %q wants the text %q, which language %q does not have; it has %v", name, st.Name, st.Template, shop.language(), texts.Names(shop.language()))
			}
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Dispatcher{o: o, texts: texts, log: o.Log, paused: map[order.Channel]pause{}}, nil
}

// Flush handles all that is due in one shop, one by one, in order of time.
//
// Once the shop or the mail account is in trouble, nothing more is looked at or
// sent in this flush; what else is due is held for the same cause. A cancelled
// context leaves the rest due, after the message in flight has been settled.
// An error means that the outbox or the register failed, and ends the flush;
// only what cannot be read of a single order lets the others go on.
func (d *Dispatcher) Flush(ctx context.Context, shop string, now func() time.Time) (Tally, error) {
	if _, ok := d.o.Settings.Shops[shop]; !ok {
		return Tally{}, fmt.Errorf("flush: shop %s is not in the settings", shop)
	}
	f, visited, err := d.newFlush(shop, now)
	if err == nil && visited { // never visited: nothing can be due
		err = f.run(ctx, shop)
	}
	if err != nil {
		err = fmt.Errorf("flush %s: %w", shop, err)
	}
	return f.tally, err
}

func (d *Dispatcher) newFlush(shop string, now func() time.Time) (f *flush, visited bool, err error) {
	f = &flush{d: d, s: d.o.Settings, now: now, seen: map[order.ReminderKey]bool{}, log: d.log.With("shop", shop)}
	f.enabled, visited, err = d.o.Register.Enabled(shop)
	return f, visited, err
}

// flush is one run over the queue of one shop.
type flush struct {
	d       *Dispatcher
	s       Settings
	now     func() time.Time
	enabled time.Time
	log     *slog.Logger
	seen    map[order.ReminderKey]bool
	tally   Tally

	stop    verdict // once set, what is due is held with it
	noLooks int     // in a row

	passed int   // reminders left as they are, since what is on record cannot be read
	failed error // of the first of them
}

func (f *flush) run(ctx context.Context, shop string) error {
	for {
		due, err := f.d.o.Outbox.Due(ctx, shop, f.now(), batch+f.passed)
		if err != nil {
			return err
		}
		fresh := 0
		for _, r := range due {
			if ctx.Err() != nil {
				f.tally.Stopped = order.CauseStopping
				return nil
			}
			if f.seen[r.Key] {
				continue
			}
			f.seen[r.Key] = true
			fresh++
			if err := f.one(ctx, r); err != nil {
				return err
			}
		}
		if fresh == 0 {
			return f.failed
		}
	}
}

// one takes a due reminder as far as it goes today.
func (f *flush) one(ctx context.Context, r order.Reminder) error {
	v, err := f.known(&r)
	if err != nil { // one damaged record must not keep the others back
		if f.passed++; f.failed == nil {
			f.failed = fmt.Errorf("reminder %s is left as it is: %w", r.Key, err)
		}
		return nil
	}
	if v.state != "" {
		return f.settle(ctx, r, v)
	}
	m, v, err := f.prepare(ctx, &r)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		f.tally.Stopped = order.CauseStopping
		return nil
	case v.state != "":
		return f.settle(ctx, r, v)
	case !f.s.Live():
		return f.preview(ctx, r, m)
	}
	return f.handOver(ctx, r, m)
}

// known judges a due reminder by what is on record, before anybody looks.
func (f *flush) known(r *order.Reminder) (verdict, error) {
	stored, ok, err := f.d.o.Register.Order(r.Key.Order)
	switch {
	case err != nil:
		return verdict{}, err
	case !ok:
		return skipped(order.CauseConfig, "the order is not on record"), nil
	}
	v, err := f.judge(stored, r, false)
	if err != nil || v.state != "" {
		return v, err
	}
	return f.blocked(*r), nil
}

// blocked says whether the shop or the channel has to be left alone.
func (f *flush) blocked(r order.Reminder) verdict {
	if f.stop.state != "" {
		return f.stop
	}
	channel := r.Key.Channel
	if !f.s.Live() {
		return verdict{} // previews may also just be listed
	}
	if f.d.o.Senders[channel] == nil {
		return held(order.CauseConfig, fmt.Sprintf("no sender is set up for %s", channel), f.now().Add(time.Hour))
	}
	if p, ok := f.d.pausedUntil(channel, f.now()); ok {
		return held(order.CauseSender, p.reason, p.until)
	}
	return verdict{}
}

// prepare looks at the order, judges it again and writes the message, all
// within LookFresh; once more if that took too long.
func (f *flush) prepare(ctx context.Context, r *order.Reminder) (Message, verdict, error) {
	for range 2 {
		fresh, read, v := f.look(ctx, r)
		if v.state != "" || ctx.Err() != nil {
			return Message{}, v, nil
		}
		v, err := f.judge(fresh, r, true)
		if err != nil || v.state != "" {
			return Message{}, v, err
		}
		m, err := f.write(fresh, *r)
		if err != nil {
			return Message{}, textVerdict(err, f.now()), nil
		}
		m.NotAfter = read.Add(LookFresh)
		if now := f.now(); !m.Stale(now) && !now.Round(0).Before(read.Round(0)) {
			return m, verdict{}, nil
		}
	}
	return Message{}, held(order.CauseLook, "the look at the order took too long", f.now().Add(lookAgain)), nil
}

func textVerdict(err error, now time.Time) verdict {
	if errors.Is(err, ErrMissing) {
		return skipped(order.CauseText, err.Error())
	}
	return held(order.CauseText, err.Error(), now.Add(time.Hour))
}

func (f *flush) write(o order.Order, r order.Reminder) (Message, error) {
	token := ""
	if f.d.o.Token != nil {
		token = f.d.o.Token(o.Buyer)
	}
	return f.d.texts.Write(f.s, o, r.Key, token, f.now())
}

// settle records a verdict.
func (f *flush) settle(ctx context.Context, r order.Reminder, v verdict) error {
	if v.state == order.Planned {
		f.log.Info("moved", "order", r.Key.Order.String(), "step", r.Key.Step, "due", v.due)
		return f.d.o.Outbox.Reschedule(ctx, r.Key, v.due, v.due)
	}
	at := f.now()
	r.State, r.Cause, r.Reason, r.Changed = v.state, v.cause, v.reason, at
	if !v.state.Final() {
		r.Due = v.due
	}
	f.count(v.state)
	f.log.Info(string(v.state), "order", r.Key.Order.String(), "step", r.Key.Step, "channel", r.Key.Channel,
		"attempt", r.Attempts, "cause", v.cause, "reason", v.reason)
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return f.d.o.Outbox.Settle(detached, r, order.Event{
		At: at, Key: r.Key, State: v.state, Cause: v.cause, Reason: v.reason, Provider: v.provider,
	})
}

func (f *flush) count(s order.State) {
	switch s {
	case order.Sent:
		f.tally.Sent++
	case order.Shown:
		f.tally.Shown++
	case order.Held:
		f.tally.Held++
	case order.Skipped:
		f.tally.Skipped++
	case order.Failed:
		f.tally.Failed++
	case order.Parked:
		f.tally.Parked++
	case order.Lost:
		f.tally.Unknown++
	}
}
