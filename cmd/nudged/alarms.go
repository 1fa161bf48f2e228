package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"nudged/notify"
	"nudged/store"
)

// Pauses after mail to the seller did not go out.
const (
	probeAgain   = 10 * time.Minute
	refusedAgain = time.Hour // the account could be locked
)

// alarms are the troubles that the seller is told of apart from the digest, each
// once, and its end once more. What was told is on record, so that a restart
// does not say it again.
type alarms struct {
	db  *store.DB
	now func() time.Time
	err func(error) // what cannot be noted is logged and stops nothing

	mu       sync.Mutex
	standing map[string]bool // keys of troubles that last; read from the database at the start
	mailNext time.Time       // no mail to the seller before, since mail does not go out
}

func newAlarms(db *store.DB, now func() time.Time, failed func(error)) (*alarms, error) {
	n := &alarms{db: db, now: now, err: failed, standing: map[string]bool{}}
	all, err := db.Alerts()
	for _, al := range all {
		n.standing[al.Key] = al.Over.IsZero()
	}
	return n, err
}

// alertKey names a trouble: "email", or "shop:buckles".
func alertKey(kind notify.AlertKind, shop string) string {
	if shop == "" {
		return string(kind)
	}
	return string(kind) + ":" + shop
}

func alertKind(key string) notify.AlertKind {
	kind, _, _ := strings.Cut(key, ":")
	return notify.AlertKind(kind)
}

// times is how often in a row something must fail before the seller is told.
func times(kind notify.AlertKind) int {
	if kind == notify.AlertRefused || kind == notify.AlertNeed {
		return 1
	}
	return 3
}

// raise notes that something failed. At once means that trying again will not help.
func (n *alarms) raise(ctx context.Context, kind notify.AlertKind, shop, words string, atOnce bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := alertKey(kind, shop)
	al, _, err := n.db.Alert(key)
	if err != nil {
		n.err(err)
		return
	}
	if al.At.IsZero() || !al.Over.IsZero() {
		al = store.Alert{Key: key, At: n.now()}
	}
	if !al.Told.IsZero() && al.Words == words {
		return // nothing new
	}
	if al.Count++; atOnce {
		al.Count = max(al.Count, times(kind))
	}
	al.Words = words
	n.keep(ctx, al)
}

// lift notes that it works. That nobody was told of what has gone by itself, nobody
// needs to be told either.
func (n *alarms) lift(ctx context.Context, kind notify.AlertKind, shop string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := alertKey(kind, shop)
	if kind == notify.AlertEmail {
		n.mailNext = time.Time{}
	}
	if !n.standing[key] {
		return
	}
	al, ok, err := n.db.Alert(key)
	if err != nil {
		n.err(err)
		return
	}
	if !ok || !al.Over.IsZero() {
		return
	}
	al.Over = n.now()
	if al.Told.IsZero() && al.Count < times(kind) {
		al.OverTold = al.Over
	}
	n.keep(ctx, al)
}

func (n *alarms) keep(ctx context.Context, al store.Alert) {
	if err := n.db.SetAlert(context.WithoutCancel(ctx), al); err != nil {
		n.err(err)
		return
	}
	n.standing[al.Key] = al.Over.IsZero()
}

// ended notes a trouble that was told in another way, and is over.
func (n *alarms) ended(ctx context.Context, al store.Alert) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keep(ctx, al)
}

// stands reports whether a trouble is known and lasts.
func (n *alarms) stands(kind notify.AlertKind) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.standing[alertKey(kind, "")]
}

// mailDown reports whether mail does not go out, and whether it is time for another
// try.
func (n *alarms) mailDown() (down, again bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.standing[string(notify.AlertEmail)], !n.now().Before(n.mailNext)
}

// told notes that the seller knows of a trouble, or of its end.
func (n *alarms) told(ctx context.Context, key string, end bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	al, _, err := n.db.Alert(key)
	if err != nil {
		n.err(err)
		return
	}
	if al.Told.IsZero() {
		al.Told = n.now()
	}
	if end {
		al.OverTold = n.now()
	}
	n.keep(ctx, al)
}

// watched reports to the alarms how a sender does.
type watched struct {
	notify.Sender
	kind   notify.AlertKind
	alarms *alarms
}

// Send is that of the sender.
func (w watched) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	receipt, err := w.Sender.Send(ctx, m)
	w.judge(ctx, err)
	return receipt, err
}

// Probe tries the account without sending anything, where it can.
func (w watched) Probe(ctx context.Context) error {
	p, ok := w.Sender.(prober)
	if !ok {
		return nil
	}
	err := p.Probe(ctx)
	w.judge(ctx, err)
	return err
}

// prober tries an account without sending anything.
type prober interface {
	Probe(ctx context.Context) error
}

// judge tells trouble of the account from that of one message. That a limit of
// the seller's own is reached is no trouble.
func (w watched) judge(ctx context.Context, err error) {
	var failed *notify.SendError
	switch {
	case err == nil:
		w.alarms.lift(ctx, w.kind, "")
	case ctx.Err() != nil, !errors.As(err, &failed), !failed.Account, !failed.Until.IsZero():
	default:
		w.alarms.raise(ctx, w.kind, "", failed.Error(), failed.Refused)
		if w.kind == notify.AlertEmail {
			w.alarms.restMail(failed.Refused)
		}
	}
}

func (n *alarms) restMail(refused bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	wait := probeAgain
	if refused {
		wait = refusedAgain
	}
	n.mailNext = n.now().Add(wait)
}
