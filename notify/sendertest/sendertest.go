package sendertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/notify"
)

// Fault is how a peer fails from now on.
type Fault int

// Faults.
const (
	Fine            Fault = iota
	RejectTemporary       // the message is turned down for the moment
	RejectPermanent       // the message is turned down for good
	DropBefore            // the connection goes away before the message is whole
	DropAfter             // the message is whole, the connection goes away without an answer
	HangBefore            // no answer, and the message is not whole yet
	HangAfter             // the message is whole, no answer comes
	Echo                  // turned down for good, with address and secrets in the answer
)

// Taken is a message that reached the peer whole, confirmed or not. Raw is a
// mail as it came. Of an SMS it is one line for each header and parameter of the
// request, "name: value", the value quoted.
type Taken struct {
	To  []string
	Raw []byte
}

// Peer is the receiving side.
type Peer interface {
	Set(f Fault)
	Taken() []Taken
}

// Harness starts a fresh sender and its peer.
type Harness struct {
	// Start gives the sender that much time for each step, the connection and the
	// answer among them, and a short grace once its context is cancelled.
	Start func(t *testing.T, timeout time.Duration) (notify.Sender, Peer)
	// SMS is true for a sender of short messages.
	SMS bool
	// Canaries must not occur in any error: passwords and tokens.
	Canaries []string
}

// patient is a timeout that only a hanging peer reaches, however busy the machine.
const patient = 2 * time.Minute

// soon is the longest time that stopping may take on a busy machine.
const soon = patient / 2

// Run runs the whole contract.
func Run(t *testing.T, h Harness) {
	t.Run("delivers", h.delivers)
	for _, c := range []struct {
		fault Fault
		name  string
		want  notify.Kind
	}{
		{RejectTemporary, "turned down for the moment", notify.Temporary},
		{RejectPermanent, "turned down for good", notify.Permanent},
		{DropBefore, "lost before the end", notify.Temporary},
		{DropAfter, "lost after the end", notify.Unknown},
		{HangBefore, "hangs before the end", notify.Temporary},
		{HangAfter, "hangs after the end", notify.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) { h.fails(t, c.fault, c.want) })
	}
	t.Run("cancelled before", h.cancelledBefore)
	t.Run("cancelled while it hangs", func(t *testing.T) { h.cancelledDuring(t, HangBefore, notify.Temporary, 0) })
	t.Run("cancelled while the answer is out", func(t *testing.T) { h.cancelledDuring(t, HangAfter, notify.Unknown, 1) })
	t.Run("too old", h.stale)
	t.Run("injection", h.injection)
	t.Run("keeps secrets", h.canary)
	t.Run("many at a time", h.many)
}

func (h Harness) delivers(t *testing.T) {
	s, peer := h.Start(t, patient)
	for n := range 3 {
		m := h.message(n)
		got, err := s.Send(t.Context(), m)
		if err != nil {
			t.Fatalf("message %d: %v", n, err)
		}
		if got.MessageID != m.MessageID {
			t.Errorf("receipt names message %q, want %q", got.MessageID, m.MessageID)
		}
		if h.SMS && got.Parts < 2 {
			t.Errorf("receipt tells %d parts of a long message", got.Parts)
		}
	}
	if n := len(peer.Taken()); n != 3 {
		t.Errorf("the peer has %d messages, want 3", n)
	}
}

// fails checks one fault, and that the sender works again once it is over.
func (h Harness) fails(t *testing.T, f Fault, want notify.Kind) {
	timeout := patient
	if f == HangBefore || f == HangAfter {
		timeout = h.impatient(t)
	}
	s, peer := h.Start(t, timeout)
	peer.Set(f)
	started := time.Now()
	_, err := s.Send(t.Context(), h.message(1))
	if took, most := time.Since(started), 3*timeout+soon; took > most {
		t.Errorf("it took %s to give up, want at most %s", took, most)
	}
	h.wantKind(t, err, want)
	if n, most := len(peer.Taken()), map[bool]int{true: 1}[want == notify.Unknown]; n != most {
		t.Errorf("the peer has the message %d times, want %d", n, most)
	}
	peer.Set(Fine)
	if _, err := s.Send(t.Context(), h.message(2)); err != nil {
		t.Errorf("once the fault is over: %v", err)
	}
}

// impatient is a timeout short enough to wait for, and long enough for a peer that
// answers: a machine that is busy now gets more.
func (h Harness) impatient(t *testing.T) time.Duration {
	s, _ := h.Start(t, patient)
	started := time.Now()
	if _, err := s.Send(t.Context(), h.message(0)); err != nil {
		t.Fatal(err)
	}
	return min(1500*time.Millisecond+20*time.Since(started), patient)
}

func (h Harness) cancelledBefore(t *testing.T) {
	s, peer := h.Start(t, patient)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Send(ctx, h.message(1))
	h.wantKind(t, err, notify.Temporary)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v does not wrap context.Canceled", err)
	}
	if n := len(peer.Taken()); n != 0 {
		t.Errorf("the peer has %d messages, want none", n)
	}
}

func (h Harness) cancelledDuring(t *testing.T, f Fault, want notify.Kind, taken int) {
	s, peer := h.Start(t, patient)
	peer.Set(f)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := s.Send(ctx, h.message(1))
		ended <- err
	}()
	// A while is enough for it to hang; what is to be with the peer must be there.
	<-time.After(300 * time.Millisecond)
	for late := time.Now().Add(soon); len(peer.Taken()) < taken && time.Now().Before(late); {
		<-time.After(10 * time.Millisecond)
	}
	cancel()
	var err error
	select {
	case err = <-ended:
	case <-time.After(soon):
		t.Fatalf("it did not stop within %s", soon)
	}
	h.wantKind(t, err, want)
	if n := len(peer.Taken()); n != taken {
		t.Errorf("the peer has %d messages, want %d", n, taken)
	}
}

func (h Harness) stale(t *testing.T) {
	s, peer := h.Start(t, patient)
	m := h.message(1)
	m.NotAfter = time.Now().Add(-time.Second)
	_, err := s.Send(t.Context(), m)
	h.wantKind(t, err, notify.Temporary)
	if !errors.Is(err, notify.ErrStale) {
		t.Errorf("error %v does not wrap ErrStale", err)
	}
	if n := len(peer.Taken()); n != 0 {
		t.Errorf("the peer has %d messages, want none", n)
	}
	if _, err := s.Send(t.Context(), h.message(2)); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

func (h Harness) canary(t *testing.T) {
	for _, f := range []Fault{Echo, RejectTemporary, DropBefore, DropAfter} {
		s, peer := h.Start(t, patient)
		peer.Set(f)
		_, err := s.Send(t.Context(), h.message(1))
		if err == nil {
			t.Fatalf("fault %d: no error", f)
		}
		for _, c := range append([]string{Canary, "canary-7311", CanaryPhone, CanaryPhone[3:], "canary-text", "Canaria"}, h.Canaries...) {
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
				if strings.Contains(text, c) {
					t.Errorf("fault %d: the error repeats %q: %s", f, c, text)
				}
			}
		}
	}
}

func (h Harness) many(t *testing.T) {
	s, peer := h.Start(t, patient)
	const n = 24
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := s.Send(t.Context(), h.message(i)); err != nil {
				t.Errorf("message %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for _, got := range peer.Taken() {
		for i := range n {
			if bytes.Contains(got.Raw, []byte(h.mark(i))) {
				seen[h.mark(i)]++
			}
		}
	}
	for i := range n {
		if c := seen[h.mark(i)]; c != 1 {
			t.Errorf("message %d arrived %d times", i, c)
		}
	}
}

func (h Harness) wantKind(t *testing.T, err error, want notify.Kind) {
	t.Helper()
	var se *notify.SendError
	if !errors.As(err, &se) {
		t.Fatalf("error %v is no SendError", err)
	}
	if se.Kind != want {
		t.Errorf("error %q is %s, want %s", se, se.Kind, want)
	}
}
