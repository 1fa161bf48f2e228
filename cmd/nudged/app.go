package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// What the neighbours ask for and what they get: this is the only place that
// sees both sides.
var (
	_ notify.Outbox   = (*store.DB)(nil)
	_ notify.Register = (*store.DB)(nil)
	_ notify.People   = (*store.DB)(nil)
	_ notify.Looker   = (*app)(nil)
	_ visitor         = (*crawler.Spider)(nil)
)

// visitor reads shops; a test's stands in for Chrome.
type visitor interface {
	Visit(ctx context.Context, shop crawler.Shop, known crawler.Known) (crawler.Result, error)
	Look(ctx context.Context, shop crawler.Shop, id string, session []byte) (order.Order, []byte, error)
	Idle(shop string)
	Close() error
}

// app is everything that is open while a command or the daemon runs.
type app struct {
	cfg        *config.Config
	db         *store.DB
	spider     visitor
	sender     notify.Sender // of mail; nil without an email section
	sms        notify.Sender // nil without an sms section
	inbox      mailbox       // nil without an inbox section
	texts      *notify.Texts
	dispatcher *notify.Dispatcher
	settings   notify.Settings
	alarms     *alarms
	log        *slog.Logger
	now        func() time.Time
	queues     map[string]chan struct{} // one turn a shop: visits, looks and sends are strictly serial
	heeded     *sync.Once               // what has come back was read before the first message since the start
	telling    sync.Mutex               // held while the seller is told of a need
	needing    sync.Mutex               // held while what a shop needs is changed
	reading    sync.Mutex               // held while the mailbox is read
	campaigns  sync.Mutex               // held while a campaign's state is changed and its messages planned
	closers    []func() error
}

// appOptions of an app; what is nil of Spider, Sender, SMS and Inbox is made from
// the config.
type appOptions struct {
	Now      func() time.Time
	Log      *slog.Logger
	Progress func(shop string, done, total int, what string)
	Spider   visitor
	Sender   notify.Sender
	SMS      notify.Sender
	Inbox    mailbox
	Sealed   bool // the config was read without passwords: nothing is sent
	Loopback bool // the demo and tests: the browser reaches nothing but this machine
}

// openApp opens the database and makes everything around it. Nothing is
// contacted yet.
func openApp(ctx context.Context, cfg *config.Config, o appOptions) (_ *app, err error) {
	a := &app{cfg: cfg, log: o.Log, now: o.Now, queues: map[string]chan struct{}{}, settings: cfg.Settings(), heeded: new(sync.Once)}
	a.settings.Zones = notify.NewZones()
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	for _, s := range cfg.Shops {
		a.queues[s.Name] = make(chan struct{}, 1)
	}
	if err := a.openStore(ctx); err != nil {
		return nil, err
	}
	if a.spider = o.Spider; a.spider == nil {
		a.spider = crawler.New(crawler.Options{
			Browser: browser.Options{
				Path: cfg.Browser.Path, Headed: cfg.Browser.Headed, LoopbackOnly: o.Loopback || onLoopback(cfg.Shops),
				ProfileRoot: filepath.Join(cfg.Data, "chrome"), Log: o.Log,
			},
			Log: o.Log, Now: o.Now, SaveDir: filepath.Join(cfg.Data, "saved"), Progress: o.Progress,
		})
	}
	a.closers = append(a.closers, a.spider.Close)
	if err := a.openMessages(o); err != nil {
		return nil, err
	}
	return a, a.openDispatcher()
}

func (a *app) openStore(ctx context.Context) error {
	key, err := store.KeyFile(a.cfg.Key)
	if err != nil {
		return err
	}
	a.db, err = store.Open(ctx, databasePath(a.cfg), store.Options{Key: key, Now: a.now, Log: a.log})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, a.db.Close)
	return nil
}

func databasePath(cfg *config.Config) string { return filepath.Join(cfg.Data, "nudged.db") }

func (a *app) openDispatcher() error {
	senders := map[order.Channel]notify.Sender{}
	if a.sender != nil {
		senders[order.ByEmail] = a.sender
	}
	if a.sms != nil {
		senders[order.BySMS] = a.sms
	}
	var err error
	a.dispatcher, err = notify.New(notify.Options{
		Settings: a.settings, Outbox: a.db, Looker: a, Register: a.db, People: a.db, Campaigns: members{a.db}, Senders: senders, Texts: a.texts,
		Token: a.db.Token, PreviewsLeft: a.previewsLeft, OptOut: a.optOut, Log: a.log,
	})
	return err
}

// optOut takes note of somebody who told the gateway, not us.
func (a *app) optOut(ctx context.Context, key order.ReminderKey, b order.Buyer) error {
	back := order.Back{At: a.now(), Channel: key.Channel, State: order.OptedOut, Ref: "refused " + key.String()}
	who := b.By(key.Channel)
	back.Email, back.Phone = who.Email, who.Phone
	_, err := a.db.Back(ctx, back)
	return err
}

// onLoopback reports whether all shops are on this machine: then Chrome has no
// business elsewhere.
func onLoopback(shops []config.Shop) bool {
	return len(shops) > 0 && !slices.ContainsFunc(shops, func(s config.Shop) bool { return !notify.Loopback(s.URL.Hostname()) })
}

// settleCutOff notes what was under way when nudged was killed: it may have
// arrived, so it is never made again. It is for whoever has just opened the
// database to send; nobody else can be sending then.
func (a *app) settleCutOff(ctx context.Context) error {
	lost, err := a.db.Recover(ctx, a.now())
	for _, r := range lost {
		a.log.Warn("a hand-over was cut off by a crash; its outcome is not known and it is not sent again",
			"shop", r.Key.Order.Shop, "order", r.Key.Order.ID, "step", r.Key.Step, "channel", r.Key.Channel)
	}
	return err
}

// Close closes everything, the last opened first.
func (a *app) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// maxPreviews mailed to the seller in one day; the digest lists the rest.
const maxPreviews = 10

func (a *app) previewsLeft(ctx context.Context, now time.Time) (int, error) {
	events, err := a.db.Ledger(ctx, now.Add(-24*time.Hour), now.Add(time.Second))
	if err != nil {
		return 0, fmt.Errorf("count today's previews: %w", err)
	}
	left := maxPreviews
	for _, e := range events {
		if e.State == order.Shown && e.Provider != "" {
			left--
		}
	}
	return max(left, 0), nil
}

// enter waits for a shop's turn; leave gives it back.
func (a *app) enter(ctx context.Context, shop string) (leave func(), err error) {
	queue, ok := a.queues[shop]
	if !ok {
		return nil, fmt.Errorf("there is no shop %s in the config", shop)
	}
	select {
	case queue <- struct{}{}:
		return func() { <-queue }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("shop %s: %w", shop, ctx.Err())
	}
}

// enterNow takes a shop's turn if nobody has it.
func (a *app) enterNow(shop string) (leave func(), ok bool) {
	queue := a.queues[shop]
	select {
	case queue <- struct{}{}:
		return func() { <-queue }, true
	default:
		return nil, false
	}
}
