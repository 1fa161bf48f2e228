package email

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Account is one of several mail accounts.
type Account struct {
	Options
	// Most messages in any stretch of Per; 0 is no limit. It is counted from the
	// start of the program: the server's own refusal is waited out like any other.
	Most int
	Per  time.Duration
	// From is the address that the account may send from, "" any. Answers still go
	// where the message says, or to its own sender.
	From order.Email
}

// How long an account is left alone after it failed, while others can do its work.
// One that refused user and password is left alone longer: more attempts may lock
// it.
const (
	resting        = 15 * time.Minute
	restingRefused = time.Hour
)

// Accounts sends by the first account that has room, and by the next one when
// an account is surely at fault. It is safe for concurrent use.
type Accounts struct {
	now func() time.Time
	all []*account
}

type account struct {
	Account
	sender *Sender

	mu    sync.Mutex
	sent  []time.Time       // within Per, oldest first
	until time.Time         // it rests
	why   *notify.SendError // for which it rests
}

var _ notify.Sender = (*Accounts)(nil)

// NewAccounts makes a sender of each.
func NewAccounts(accounts []Account) (*Accounts, error) {
	if len(accounts) == 0 {
		return nil, errors.New("smtp: no account; write at least one")
	}
	a := &Accounts{now: accounts[0].Now}
	if a.now == nil {
		a.now = time.Now
	}
	for _, o := range accounts {
		if o.Most < 0 || (o.Most > 0 && o.Per <= 0) {
			return nil, fmt.Errorf("smtp: the limit of the account at %s is not one; write how many in which time", o.Host)
		}
		s, err := New(o.Options)
		if err != nil {
			return nil, err
		}
		a.all = append(a.all, &account{Account: o, sender: s})
	}
	return a, nil
}

// Send hands one message over. See [notify.Sender] for what its errors mean. A
// message goes to a second account only when the first has surely not taken it.
func (a *Accounts) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	var failed error
	var free time.Time
	var why *notify.SendError
	for _, acc := range a.all {
		now := a.now()
		if until, rests, ok := acc.take(now); !ok {
			if free.IsZero() || until.Before(free) {
				free = until
			}
			if rests != nil {
				why = rests
			}
			continue
		}
		receipt, err := acc.sender.Send(ctx, acc.address(m))
		var se *notify.SendError
		if !errors.As(err, &se) || !se.Account || se.Kind == notify.Unknown {
			return receipt, err
		}
		failed = err
		acc.giveBack(now)
		switch {
		case len(a.all) == 1: // the caller decides
		case se.Refused:
			acc.rest(now.Add(restingRefused), se)
		default:
			acc.rest(now.Add(resting), se)
		}
	}
	switch {
	case failed != nil:
		return notify.Receipt{}, failed
	case why != nil: // what is wrong with an account is told, and not that another one has no room
		return notify.Receipt{}, &notify.SendError{Kind: notify.Temporary, Account: true, Refused: why.Refused, Until: free, Advice: why.Advice, Err: why.Err}
	}
	return notify.Receipt{}, &notify.SendError{
		Kind: notify.Temporary, Account: true, Until: free,
		Err:    errors.New("smtp: no mail account may send another message now"),
		Advice: fmt.Sprintf("it goes on at %s; give an account a higher limit, or add one", free.UTC().Format("15:04 MST")),
	}
}

// address makes the account the sender, where it may be no other.
func (c *account) address(m notify.Message) notify.Message {
	if c.From == "" || c.From == m.From {
		return m
	}
	if m.ReplyTo == "" {
		m.ReplyTo = m.From
	}
	m.From = c.From
	return m
}

// take counts one message, if there is room for it; else it says when there is,
// and why it rests.
func (c *account) take(now time.Time) (until time.Time, why *notify.SendError, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.until) {
		return c.until, c.why, false
	}
	if c.Most == 0 {
		return time.Time{}, nil, true
	}
	keep := c.sent[:0]
	for _, at := range c.sent {
		if now.Sub(at) < c.Per {
			keep = append(keep, at)
		}
	}
	c.sent = keep
	if len(c.sent) >= c.Most {
		return c.sent[0].Add(c.Per), nil, false
	}
	c.sent = append(c.sent, now)
	return time.Time{}, nil, true
}

// giveBack forgets a message that did not go out.
func (c *account) giveBack(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, t := range c.sent {
		if t.Equal(at) {
			c.sent = append(c.sent[:i], c.sent[i+1:]...)
			return
		}
	}
}

func (c *account) rest(until time.Time, why *notify.SendError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until, c.why = until, why
}

// Probe signs in to each account and leaves, without a message.
func (a *Accounts) Probe(ctx context.Context) error {
	var errs []error
	for _, c := range a.all {
		errs = append(errs, c.sender.Probe(ctx))
	}
	return errors.Join(errs...)
}

// Close ends all idle connections.
func (a *Accounts) Close() error {
	var errs []error
	for _, c := range a.all {
		errs = append(errs, c.sender.Close())
	}
	return errors.Join(errs...)
}
