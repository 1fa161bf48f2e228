package email_test

import (
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/email"
	"nudged/notify/sendertest"
)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time          { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) forward(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

func accounts(t *testing.T, all ...email.Account) *email.Accounts {
	t.Helper()
	a, err := email.NewAccounts(all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// Several accounts keep the contract of one.
func TestAccountsContract(t *testing.T) {
	sendertest.Run(t, sendertest.Harness{
		Canaries: []string{password},
		Start: func(t *testing.T, timeout time.Duration) (notify.Sender, sendertest.Peer) {
			s := startServer(t)
			return accounts(t, email.Account{Options: within(s.options(), timeout), Most: 1000, Per: time.Hour}), s
		},
	})
}

// Two messages an hour by the first account, then one by the second; then no
// more, until the first has room again.
func TestAccountsKeepTheirLimits(t *testing.T) {
	first, second := startServer(t), startServer(t)
	c := &clock{at: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	o1, o2 := first.options(), second.options()
	o1.Now, o2.Now = c.now, c.now
	a := accounts(t, email.Account{Options: o1, Most: 2, Per: time.Hour}, email.Account{Options: o2, Most: 1, Per: 24 * time.Hour, From: "second@other.example"})
	for n := range 3 {
		if _, err := a.Send(t.Context(), sendertest.Message(n)); err != nil {
			t.Fatal(err)
		}
		c.forward(time.Minute)
	}
	_, err := a.Send(t.Context(), sendertest.Message(3))
	se := asSend(t, err)
	if want := time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC); se.Kind != notify.Temporary || !se.Account || !se.Until.Equal(want) {
		t.Errorf("%v account %v until %s: %v", se.Kind, se.Account, se.Until, err)
	}
	c.forward(57 * time.Minute) // an hour after the first message
	if _, err := a.Send(t.Context(), sendertest.Message(3)); err != nil {
		t.Error(err)
	}
	if n, m := len(first.Taken()), len(second.Taken()); n != 3 || m != 1 {
		t.Errorf("%d by the first, %d by the second", n, m)
	}
	got, err := mail.ReadMessage(strings.NewReader(string(second.Taken()[0].Raw)))
	if err != nil {
		t.Fatal(err)
	}
	if from, reply := got.Header.Get("From"), got.Header.Get("Reply-To"); !strings.Contains(from, "<second@other.example>") || !strings.Contains(reply, "<help@buckles.example>") {
		t.Errorf("from %s, answers to %s", from, reply)
	}
}

// An account that is at fault is left alone for a while, and its message goes by
// the next one; a message that may have been taken goes nowhere else.
func TestAccountsStepIn(t *testing.T) {
	first, second := startServer(t), startServer(t)
	c := &clock{at: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	o1, o2 := first.options(), second.options()
	o1.Now, o2.Now, o1.Password = c.now, c.now, "wrong"
	a := accounts(t, email.Account{Options: o1, Most: 5, Per: time.Hour}, email.Account{Options: o2})
	tries := 0
	for n := range 3 {
		if _, err := a.Send(t.Context(), sendertest.Message(n)); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			tries = first.counted()
		}
	}
	if n := first.counted(); n != tries {
		t.Errorf("the account at fault was asked again at once: %d sessions, then %d", tries, n)
	}
	if m := len(second.Taken()); tries == 0 || m != 3 {
		t.Errorf("the account at fault was tried %d times, the other took %d", tries, m)
	}
	c.forward(16 * time.Minute) // too soon for an account that may be locked by it
	if _, err := a.Send(t.Context(), sendertest.Message(3)); err != nil || first.counted() != tries {
		t.Errorf("within its rest it was tried %d times, %v", first.counted(), err)
	}
	c.forward(time.Hour)
	if _, err := a.Send(t.Context(), sendertest.Message(4)); err != nil || first.counted() != 2*tries {
		t.Errorf("after its rest it was tried %d times, %v", first.counted(), err)
	}
	for _, fault := range []sendertest.Fault{sendertest.DropAfter, sendertest.RejectPermanent, sendertest.RejectTemporary} {
		whole, other := startServer(t), startServer(t)
		b := accounts(t, email.Account{Options: whole.options()}, email.Account{Options: other.options()})
		whole.Set(fault)
		if _, err := b.Send(t.Context(), sendertest.Message(1)); err == nil || len(other.Taken()) != 0 {
			t.Errorf("fault %d: %v, and the second account took %d", fault, err, len(other.Taken()))
		}
	}
}

// The last account that fails is the one to tell of.
func TestAccountsAllAtFault(t *testing.T) {
	s := startServer(t)
	bad := s.options()
	bad.Password = "wrong"
	a := accounts(t, email.Account{Options: bad}, email.Account{Options: bad})
	_, err := a.Send(t.Context(), sendertest.Message(1))
	if se := asSend(t, err); !se.Account || !se.Refused {
		t.Errorf("account %v, refused %v: %v", se.Account, se.Refused, err)
	}
	_, err = a.Send(t.Context(), sendertest.Message(2)) // they rest, and the reason is still the same
	if se := asSend(t, err); !se.Refused || se.Until.IsZero() || strings.Contains(err.Error(), "limit") {
		t.Errorf("refused %v until %s: %v", se.Refused, se.Until, err)
	}
	if err := a.Probe(t.Context()); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("probe: %v", err)
	}
	for _, bad := range [][]email.Account{nil, {{Options: s.options(), Most: 3}}, {{Options: email.Options{}}}} {
		if _, err := email.NewAccounts(bad); err == nil {
			t.Errorf("%d accounts, which are none, make a sender", len(bad))
		}
	}
}
