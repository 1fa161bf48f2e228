package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/control"
	"nudged/crawler"
)

// Times of the daemon.
const (
	stopDeadline = 20 * time.Second
	tellEvery    = time.Minute
	digestCheck  = 10 * time.Minute
	fullRetry    = time.Hour
)

// nightly is when a shop's full scan falls due: once a night, at the first visit
// from then on.
const nightly = "0 3 * * *"

// daemon runs an app on its schedule until the context ends.
type daemon struct {
	a     *app
	slots chan struct{}
	night config.Schedule

	digesting sync.Mutex  // held while a digest is sent
	asked     atomic.Bool // for a digest, perhaps while somebody else looks whether one is due
	awake     time.Time   // since when a late digest waits for visits

	mu       sync.Mutex
	tried    map[string]time.Time // last attempt of a full scan
	waits    map[string]string    // what was logged of shops that wait for a person
	visiting map[string]bool      // the shops whose visit is under way
}

func newDaemon(a *app) (*daemon, error) {
	night, err := config.ParseSchedule(nightly)
	if err != nil {
		return nil, err
	}
	return &daemon{
		a: a, slots: make(chan struct{}, maxVisits), night: night,
		tried: map[string]time.Time{}, waits: map[string]string{}, visiting: map[string]bool{},
	}, nil
}

// serve is the life of the daemon. listen makes commands answered; what it
// returns is closed at the end.
func (a *app) serve(ctx context.Context, listen func() (io.Closer, error)) error {
	d, err := newDaemon(a)
	if err != nil {
		return err
	}
	a.heeded = new(sync.Once)
	if err := d.recover(ctx); err != nil {
		return err
	}
	server, err := listen()
	if err != nil {
		return err
	}
	r := newRunner(ctx, a.log)
	if err := d.schedule(r); err != nil {
		return errors.Join(err, server.Close())
	}
	a.log.Info("started", "shops", len(a.cfg.Shops), "mode", a.cfg.Reminders.Mode, "data", a.cfg.Data)
	a.heed(ctx)
	r.start()
	<-ctx.Done()
	return d.stop(r, server)
}

// stop ends jobs and commands at once and waits for them, but not for ever: the
// database is safe at any moment.
func (d *daemon) stop(r *runner, server io.Closer) error {
	d.a.log.Info("stopping")
	closed := make(chan error, 1)
	go func() { closed <- server.Close() }()
	var errs []error
	if !r.stop(stopDeadline) {
		errs = append(errs, fmt.Errorf("a job did not end within %s; what it had in flight is settled at the next start", stopDeadline))
	}
	select {
	case err := <-closed:
		errs = append(errs, err)
	case <-time.After(time.Second):
		errs = append(errs, errors.New("a command did not end in time"))
	}
	return errors.Join(errs...)
}

// recover settles what a crash cut off, and plans what it may have kept from
// being planned.
func (d *daemon) recover(ctx context.Context) error {
	if err := d.a.settleCutOff(ctx); err != nil {
		return err
	}
	for _, shop := range d.a.cfg.Shops {
		if err := d.a.plan(ctx, shop.Name); err != nil {
			return err
		}
	}
	return nil
}

func (d *daemon) schedule(r *runner) error {
	now := d.a.now()
	for _, shop := range d.a.cfg.Shops {
		if err := d.a.onTrial(r.ctx, shop); err != nil {
			d.a.log.Warn("the shop is not visited", "shop", shop.Name, "err", err)
		}
		times := zoned{shop.Visit, shop.Zone}
		last, ok, err := d.a.db.Marked(markVisit + shop.Name)
		if err != nil {
			return err
		}
		r.add("visit "+shop.Name, times, !ok || missed(times, last, now), func(ctx context.Context) {
			d.visit(ctx, shop)
			d.digest(ctx) // it may have waited for this
		})
		if beat := shop.Recipe.Heartbeat; beat != nil {
			r.add("heartbeat "+shop.Name, every(beat.Every), false, func(ctx context.Context) { d.beat(ctx, shop) })
		}
		r.add("tell "+shop.Name, dues{r.ctx, d.a, shop.Name}, true, func(ctx context.Context) { d.tell(ctx, shop) })
	}
	r.add("sweep", every(24*time.Hour), true, func(context.Context) { d.a.sweep() })
	r.add("campaigns", every(campaignsEvery), true, d.campaigns)
	d.scheduleBack(r)
	if d.a.cfg.Digest == nil {
		return nil
	}
	r.add("needs", every(digestCheck), true, d.needs)
	r.add("alerts", every(alertCheck), true, d.alerts)
	if _, ok, err := d.a.db.Marked(markDigest); err != nil {
		return err
	} else if !ok {
		// The first digest tells the time from now on.
		if err := d.a.db.Mark(r.ctx, markDigest, now); err != nil {
			return err
		}
	}
	r.add("digest", zoned{d.a.cfg.Digest.At, d.a.cfg.Digest.Zone}, true, d.digest)
	r.add("digest again", every(digestCheck), false, d.digest)
	return nil
}

// every is a plain interval.
type every time.Duration

// Next gives the next multiple of the interval.
func (e every) Next(t time.Time) time.Time { return t.Truncate(time.Duration(e)).Add(time.Duration(e)) }

// dues are the times to tell in a shop: when its next reminder falls due, and
// once a minute for what a visit has planned meanwhile or what is overdue.
type dues struct {
	ctx  context.Context // of the daemon
	a    *app
	shop string
}

// Next gives the first such time after t: one due time is never given twice.
func (s dues) Next(t time.Time) time.Time {
	minute := every(tellEvery).Next(t)
	due, ok, err := s.a.db.NextDue(s.ctx, s.shop)
	if err == nil && ok && due.After(t) && due.Before(minute) {
		return due
	}
	return minute
}

// visit is one scheduled flow of a shop.
func (d *daemon) visit(ctx context.Context, shop config.Shop) {
	defer d.underWay(shop.Name)()
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return
	}
	now := d.a.now()
	full, err := d.full(shop, now)
	if err == nil {
		err = d.a.db.Mark(ctx, markVisit+shop.Name, now)
	}
	if err != nil {
		if ctx.Err() == nil { // a stop is nobody's error
			d.a.log.Error("the visit cannot begin", "shop", shop.Name, "err", err)
		}
		return
	}
	out, err := d.a.flow(ctx, shop, full)
	d.report(ctx, shop, err)
	if err := d.a.tellNeed(ctx, shop.Name); err != nil && ctx.Err() == nil {
		d.a.log.Error("the seller could not be told that the shop waits; it is tried again", "shop", shop.Name, "err", err)
	}
	if out.Done {
		if err := d.a.db.Mark(context.WithoutCancel(ctx), fullScan(shop), now); err != nil {
			d.a.log.Error("the full scan could not be noted", "shop", shop.Name, "err", err)
		}
	}
}

// report says what went wrong. That a shop still refuses a password, waits for a
// person, is on trial or has closed for the night is no news at every visit.
func (d *daemon) report(ctx context.Context, shop config.Shop, err error) {
	var refused *crawler.RefusedError
	var needs *crawler.NeedsYouError
	var trial *trialError
	var spent *crawler.BudgetError
	switch {
	case err == nil, ctx.Err() != nil:
	case errors.As(err, &refused), errors.As(err, &trial), errors.As(err, &needs) && d.known(shop, needs),
		errors.As(err, &spent) && spent.Hours != "":
		d.a.log.Debug("not visited", "shop", shop.Name, "err", err)
	default:
		d.a.log.Warn("the visit failed", "shop", shop.Name, "err", err)
	}
}

// full decides whether this visit reads all pages.
func (d *daemon) full(shop config.Shop, now time.Time) (bool, error) {
	last, ok, err := d.a.db.Marked(fullScan(shop))
	if err != nil {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if ok && !missed(zoned{d.night, shop.Zone}, last, now) || now.Sub(d.tried[shop.Name]) < fullRetry {
		return false, nil
	}
	d.tried[shop.Name] = now
	return true, nil
}

// fullScan is the mark of a shop's last full scan. A recipe that has changed since
// has had none: what could not be read by the old one may stand on any page.
func fullScan(shop config.Shop) string {
	mark := markFull + shop.Name
	if hash, err := hashOf(recipeSource(shop)); err == nil {
		mark += " " + hash
	}
	return mark
}

// tell sends what is due between visits, unless a visit is under way: it ends
// with the same.
func (d *daemon) tell(ctx context.Context, shop config.Shop) {
	leave, ok := d.a.enterNow(shop.Name)
	if !ok {
		return
	}
	defer leave()
	tally, err := d.a.tell(ctx, shop.Name)
	if tally.Looks > 0 {
		d.a.spider.Idle(shop.Name)
	}
	if err != nil && ctx.Err() == nil {
		d.a.log.Error("reminders could not be handled", "shop", shop.Name, "err", err)
	}
}

// answer runs a command that came over the socket.
func (a *app) answer(ctx context.Context, r control.Request, out control.Answer) int {
	width := 0
	if r.TTY {
		width = min(max(r.Width, 40), 500)
	}
	a.log.Debug("command", "args", strings.Join(r.Args[:min(1, len(r.Args))], " "))
	return run(ctx, r.Args, world{
		stdin: bytes.NewReader(r.Input), stdout: out.Out, stderr: out.Err, file: out.File,
		lookupEnv: func(string) (string, bool) { return "", false }, now: a.now, tty: r.TTY, width: width, app: a,
	})
}
