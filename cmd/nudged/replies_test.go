package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// answer records a reply by mail, as the inbox would.
func (b *bench) answerFrom(who order.Email, words string) {
	b.t.Helper()
	err := b.cameBack(b.t.Context(), order.Back{Channel: order.ByEmail, State: order.Replied, Email: who, Words: words, Ref: words})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) handOn() {
	b.t.Helper()
	if err := b.tellReplies(b.t.Context()); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) wantHandedOn(words ...string) {
	b.t.Helper()
	b.mail.mu.Lock()
	defer b.mail.mu.Unlock()
	var got []string
	for _, m := range b.mail.sent {
		for _, w := range []string{"first", "second", "third", "own words"} {
			if strings.Contains(m.Text, w) {
				got = append(got, w)
			}
		}
	}
	if strings.Join(got, ",") != strings.Join(words, ",") {
		b.t.Errorf("handed on: %q, want %q", got, words)
	}
}

// The clock of the machine is put right while the daemon runs.
func TestAReplyIsHandedOnAlsoAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	dir, mail, now := t.TempDir(), &fakeMail{}, time.Now()
	a, err := openApp(t.Context(), testConfig(t, dir, "pw", tail, "a"), appOptions{
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Spider: newFakeShops(t), Sender: mail,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b := &bench{app: a, t: t, mail: mail}
	b.handOn() // from here on
	now = now.Add(time.Hour)
	b.answerFrom("ann@buyers.example", "first")
	b.handOn()
	b.handOn()
	now = now.Add(-30 * time.Minute)
	b.answerFrom("ann@buyers.example", "second")
	b.handOn()
	b.handOn()
	b.wantHandedOn("first", "second")
}

// One that the seller's server never takes is in the digest; those after it come.
func TestAReplyThatNoServerTakesKeepsNoOthersBack(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.handOn()
		time.Sleep(time.Minute)
		kind := notify.Temporary
		b.mail.fail = func(m notify.Message) error {
			if strings.Contains(m.Text, "first") {
				return &notify.SendError{Kind: kind, Err: errors.New("554 looks like spam")}
			}
			return nil
		}
		b.answerFrom("ann@buyers.example", "first")
		b.answerFrom("bob@buyers.example", "second")
		if err := b.tellReplies(t.Context()); err == nil {
			t.Error("one that may pass later is given up")
		}
		b.wantHandedOn()
		kind = notify.Permanent
		b.handOn()
		b.wantHandedOn("second")
	})
}

// The seller answers the digest: that is no answer of a buyer, and is not mailed
// back.
func TestTheSellersOwnAnswerIsNotMailedBack(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		b.handOn()
		time.Sleep(time.Minute)
		b.answerFrom(seller, "own words")
		b.answerFrom("ann@buyers.example", "third")
		b.handOn()
		b.wantHandedOn("third")
	})
}
