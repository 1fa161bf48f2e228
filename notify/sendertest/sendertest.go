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
	"nudged/store/order"
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

// Taken is a message that reached the peer whole, confirmed or not.
type Taken struct {
	To  []string
	Raw []byte
}

// Peer is the receiving side.
type Peer interface {
	Set(f Fault)
	Taken() []Taken
}

// Harness starts a fresh sender and its peer. The sender's timeouts should be
// around a second or two.
type Harness struct {
	Start func(t *testing.T) (notify.Sender, Peer)
	// Canaries must not occur in any error: passwords and tokens.
	Canaries []string
	// Slow is the longest time that the sender may need to give up by itself.
	Slow time.Duration
}

// Canary is the address of all messages of the suite.
const Canary = "canary-7311@buyers.example"

// Message is a good message, a different one for each n.
func Message(n int) notify.Message {
	key := order.ReminderKey{Order: order.Key{Shop: "buckles", ID: fmt.Sprint(n)}, Step: "first", Channel: order.ByEmail}
	return notify.Message{
		Key: key, To: Canary, ToName: "小红 Canaria", From: "shop@buckles.example", FromName: "Buckles & Söhne",
		ReplyTo: "help@buckles.example", Subject: fmt.Sprintf("您的订单 %d 待支付", n), Text: "Hello,\n\n.a line with a dot\n" + strings.Repeat("long ", 400) + "\n",
		HTML: "<p>Hello</p>", MessageID: notify.MessageID(key, "", "shop@buckles.example"),
		ListUnsubscribe: "mailto:help@buckles.example?subject=unsubscribe%20abc123", Date: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
	}
}

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
	s, peer := h.Start(t)
	for n := range 3 {
		m := Message(n)
		got, err := s.Send(t.Context(), m)
		if err != nil {
			t.Fatalf("message %d: %v", n, err)
		}
		if got.MessageID != m.MessageID {
			t.Errorf("receipt names message %q, want %q", got.MessageID, m.MessageID)
		}
	}
	if n := len(peer.Taken()); n != 3 {
		t.Errorf("the peer has %d messages, want 3", n)
	}
}

// fails checks one fault, and that the sender works again once it is over.
func (h Harness) fails(t *testing.T, f Fault, want notify.Kind) {
	s, peer := h.Start(t)
	peer.Set(f)
	started := time.Now()
	_, err := s.Send(t.Context(), Message(1))
	if took := time.Since(started); took > h.Slow {
		t.Errorf("it took %s to give up, want at most %s", took, h.Slow)
	}
	h.wantKind(t, err, want)
	if n, most := len(peer.Taken()), map[bool]int{true: 1}[want == notify.Unknown]; n != most {
		t.Errorf("the peer has the message %d times, want %d", n, most)
	}
	peer.Set(Fine)
	if _, err := s.Send(t.Context(), Message(2)); err != nil {
		t.Errorf("once the fault is over: %v", err)
	}
}

func (h Harness) cancelledBefore(t *testing.T) {
	s, peer := h.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Send(ctx, Message(1))
	h.wantKind(t, err, notify.Temporary)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v does not wrap context.Canceled", err)
	}
	if n := len(peer.Taken()); n != 0 {
		t.Errorf("the peer has %d messages, want none", n)
	}
}

func (h Harness) cancelledDuring(t *testing.T, f Fault, want notify.Kind, taken int) {
	s, peer := h.Start(t)
	peer.Set(f)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	time.AfterFunc(300*time.Millisecond, cancel)
	started := time.Now()
	_, err := s.Send(ctx, Message(1))
	if took := time.Since(started); took > h.Slow {
		t.Errorf("it took %s to stop, want at most %s", took, h.Slow)
	}
	h.wantKind(t, err, want)
	if n := len(peer.Taken()); n != taken {
		t.Errorf("the peer has %d messages, want %d", n, taken)
	}
}

func (h Harness) stale(t *testing.T) {
	s, peer := h.Start(t)
	m := Message(1)
	m.NotAfter = time.Now().Add(-time.Second)
	_, err := s.Send(t.Context(), m)
	h.wantKind(t, err, notify.Temporary)
	if !errors.Is(err, notify.ErrStale) {
		t.Errorf("error %v does not wrap ErrStale", err)
	}
	if n := len(peer.Taken()); n != 0 {
		t.Errorf("the peer has %d messages, want none", n)
	}
	if _, err := s.Send(t.Context(), Message(2)); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

const evil = "evil@attacker.example"

// injection puts line breaks wherever foreign text could stand. Refusing is
// fine; a header or recipient of the attacker's is not.
func (h Harness) injection(t *testing.T) {
	for _, br := range []string{"\r\n", "\n", "\r", "\u2028", "\x00", "\r\n\r\n"} {
		for name, change := range attacks(br) {
			s, peer := h.Start(t)
			m := Message(1)
			change(&m)
			if _, err := s.Send(t.Context(), m); err != nil {
				h.wantKind(t, err, notify.Permanent)
			}
			for _, got := range peer.Taken() {
				if found := injected(got); found != "" {
					t.Errorf("%s with %q: %s", name, br, found)
				}
			}
		}
	}
}

func attacks(br string) map[string]func(m *notify.Message) {
	tail := br + "Bcc: " + evil + br + "X-Evil: 1"
	return map[string]func(m *notify.Message){
		"subject":         func(m *notify.Message) { m.Subject += tail },
		"name":            func(m *notify.Message) { m.ToName += tail },
		"quoted name":     func(m *notify.Message) { m.ToName = `x" <` + evil + `>, "` },
		"sender":          func(m *notify.Message) { m.FromName += tail },
		"address":         func(m *notify.Message) { m.To += order.Email(tail) },
		"second address":  func(m *notify.Message) { m.To += ", " + evil },
		"address command": func(m *notify.Message) { m.To += order.Email(">" + br + "RCPT TO:<" + evil + ">") },
		"reply":           func(m *notify.Message) { m.ReplyTo += order.Email(tail) },
		"id":              func(m *notify.Message) { m.MessageID += ">" + tail },
		"unsubscribe":     func(m *notify.Message) { m.ListUnsubscribe += ">" + tail },
		"body":            func(m *notify.Message) { m.Text += br + "." + br + "RCPT TO:<" + evil + ">" + br },
	}
}

// injected says what of the attacker's got through.
func injected(got Taken) string {
	header, _, _ := bytes.Cut(got.Raw, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(strings.ReplaceAll(string(header), "\r", "\n"), "\n") {
		if strings.HasPrefix(line, "Bcc:") || strings.HasPrefix(line, "X-Evil:") {
			return "the header has a line " + line
		}
	}
	if len(got.To) != 1 || strings.Contains(got.To[0], evil) {
		return fmt.Sprintf("it went to %q", got.To)
	}
	return ""
}

func (h Harness) canary(t *testing.T) {
	for _, f := range []Fault{Echo, RejectTemporary, DropBefore, DropAfter} {
		s, peer := h.Start(t)
		peer.Set(f)
		_, err := s.Send(t.Context(), Message(1))
		if err == nil {
			t.Fatalf("fault %d: no error", f)
		}
		for _, c := range append([]string{Canary, "canary-7311"}, h.Canaries...) {
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
				if strings.Contains(text, c) {
					t.Errorf("fault %d: the error repeats %q: %s", f, c, text)
				}
			}
		}
	}
}

func (h Harness) many(t *testing.T) {
	s, peer := h.Start(t)
	const n = 24
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := s.Send(t.Context(), Message(i)); err != nil {
				t.Errorf("message %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for _, got := range peer.Taken() {
		for i := range n {
			if bytes.Contains(got.Raw, []byte(Message(i).MessageID)) {
				seen[Message(i).MessageID]++
			}
		}
	}
	for i := range n {
		if c := seen[Message(i).MessageID]; c != 1 {
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
