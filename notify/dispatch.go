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
	People   People // nil: nothing is known of buyers beyond an order, and nobody has consented
	// Campaigns is what is known of campaigns; nil: their messages wait.
	Campaigns Campaigns
	Texts     *Texts // nil: built in, and those of Settings.TextDir
	Senders   map[order.Channel]Sender
	// Token gives the opaque token by which a person unsubscribes; nil is none.
	Token func(b order.Buyer) string
	// PreviewsLeft tells how many previews may still be mailed to the seller today;
	// nil is none: previews are then only listed in the digest. A preview that was
	// mailed has a ledger line in state shown with a Provider, one that was only
	// listed has none.
	PreviewsLeft func(ctx context.Context, now time.Time) (int, error)
	// OptOut records that a gateway turned a message down since its recipient wants
	// none; nil: only that message is given up.
	OptOut func(ctx context.Context, key order.ReminderKey, b order.Buyer) error
	Log    *slog.Logger // nil is silent
}

// Dispatcher sends what is due. Several shops may be flushed at a time, one
// shop only once at a time: that is what keeps looks and messages one by one.
type Dispatcher struct {
	o     Options
	texts *Texts
	log   *slog.Logger

	// offering is held from the count of a campaign's messages to the begin of one
	// more: shops share the campaign's rate.
	offering sync.Mutex

	mu       sync.Mutex
	paused   map[order.Channel]pause
	segments map[string]*Condition // of campaigns, by what was written
}

// pause is how long a channel is left alone after its account failed.
type pause struct {
	until  time.Time
	times  int
	reason string
}

// New checks that every step has a text in the language of every shop that may
// use it.
func New(o Options) (*Dispatcher, error) {
	if o.Outbox == nil || o.Looker == nil || o.Register == nil {
		return nil, errors.New("a dispatcher needs an outbox, a looker and a register")
	}
	if o.Texts == nil {
		texts, err := LoadTexts(o.Settings.TextDir)
		if err != nil {
			return nil, err
		}
		o.Texts = texts
	}
	o.Settings.Limit.Shown = !o.Settings.Live()
	if err := checkTexts(o.Texts, o.Settings); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Dispatcher{o: o, texts: o.Texts, log: o.Log, paused: map[order.Channel]pause{}, segments: map[string]*Condition{}}, nil
}

func checkTexts(texts *Texts, s Settings) error {
	for name, shop := range s.Shops {
		for _, st := range s.stepsOf(name) {
			if _, ok := texts.Class(shop.language(), st.Template); !ok {
				return fmt.Errorf("shop %s: step %q wants the text %q, which language %q does not have; it has %v", name, st.Name, st.Template, shop.language(), texts.Names(shop.language()))
			}
		}
	}
	return nil
}

// stepsOf are all steps that an order of a shop may get.
func (s Settings) stepsOf(shop string) []Step {
	out := slices.Clone(s.Steps)
	for _, q := range s.Sequences {
		if len(q.Shops) == 0 || slices.Contains(q.Shops, shop) {
			out = append(out, q.Steps...)
		}
	}
	return out
}

// Flush handles what is due in one shop, one by one: all reminders in order of
// time, and then some messages of campaigns, as long as no reminder falls due. The
// rest of those stays due for the next flush, so that the shop is left to its visits
// in between.
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
	f = d.bare(shop, now)
	f.enabled, visited, err = d.o.Register.Enabled(shop)
	return f, visited, err
}

func (d *Dispatcher) bare(shop string, now func() time.Time) *flush {
	return &flush{
		d: d, s: d.o.Settings, now: now, seen: map[order.ReminderKey]bool{}, log: d.log.With("shop", shop),
		waits: map[string]int{},
	}
}
