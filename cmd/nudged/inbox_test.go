package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nudged/notify"
	"nudged/notify/inbox"
	"nudged/store/order"
)

// fakeBox is a mailbox: what is in it has the place in the list as its UID.
type fakeBox struct {
	mu    sync.Mutex
	mails []order.Back
	from  []inbox.Cursor // of all reads
	fail  error
	hang  bool
}

func (f *fakeBox) Read(ctx context.Context, from inbox.Cursor, take func(order.Back) error) (inbox.Cursor, error) {
	f.mu.Lock()
	f.from = append(f.from, from)
	mails, fail, hang := slices.Clone(f.mails), f.fail, f.hang
	f.mu.Unlock()
	if hang {
		<-ctx.Done()
		return from, ctx.Err()
	}
	if fail != nil {
		return from, fail
	}
	for i := int(from.UID); i < len(mails); i++ {
		if err := take(mails[i]); err != nil {
			return from, err
		}
		from = inbox.Cursor{Validity: 1, UID: uint32(i + 1)}
	}
	return from, nil
}

func (f *fakeBox) put(b order.Back) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mails = append(f.mails, b)
}

func (f *fakeBox) set(fail error, hang bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.hang = fail, hang
}

// onInbox is onBench with a mailbox.
func onInbox(t *testing.T, do func(t *testing.T, b *bench, box *fakeBox)) {
	t.Helper()
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, _ string) {
		box := &fakeBox{}
		b.inbox = box
		do(t, b, box)
	})
}

func TestAnUnsubscribeMailIsHeededBeforeTheFirstReminder(t *testing.T) {
	onInbox(t, func(t *testing.T, b *bench, box *fakeBox) {
		err := b.serveFor(3*time.Hour, func() {
			time.Sleep(20 * time.Minute)
			b.shops.add("a", "1", time.Now())
			b.shops.add("a", "2", time.Now())
			time.Sleep(30 * time.Minute)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"1", "2"} {
			if got := b.mail.to("buyer" + id + "@example.test"); len(got) != 1 {
				t.Fatalf("buyer %s got %q", id, got)
			}
		}
		// While nudged does not run, one of them orders again and unsubscribes.
		b.shops.add("a", "3", time.Now())
		b.shops.change("a", "3", func(o *order.Order) { o.Buyer.Email = "buyer1@example.test" })
		box.put(order.Back{
			At: time.Now(), Channel: order.ByEmail, State: order.OptedOut, Ref: "<x@y>", Token: b.db.Token(order.Buyer{Email: "buyer1@example.test"}),
		})
		second := b.mail.sent[slices.IndexFunc(b.mail.sent, func(m notify.Message) bool { return m.To == "buyer2@example.test" })]
		box.put(order.Back{
			At: time.Now(), Channel: order.ByEmail, State: order.Bounced, Final: true, Ref: "<z@y>", Message: second.MessageID, Email: "buyer2@example.test", Words: "no such user",
		})
		time.Sleep(61 * time.Minute)
		if err := b.serveFor(26*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		if got := b.mail.to("buyer1@example.test"); len(got) != 1 {
			t.Errorf("after the unsubscribe mail the buyer got %q", got)
		}
		for _, who := range []order.Email{"buyer1@example.test", "buyer2@example.test"} {
			if yes, _, err := b.db.Suppressed(order.Buyer{Email: who}); err != nil || !yes {
				t.Errorf("%s is written to still, %v", who.Reveal(), err)
			}
		}
		if last := box.from[len(box.from)-1]; last.UID != 2 {
			t.Errorf("the mailbox was last read from %+v", last)
		}
	})
}

func TestAReplyIsHandedOnOnce(t *testing.T) {
	onInbox(t, func(t *testing.T, b *bench, box *fakeBox) {
		down := errors.New("down")
		err := b.serveFor(6*time.Hour, func() {
			time.Sleep(10 * time.Minute)
			b.shops.add("a", "1", time.Now())
			time.Sleep(2 * time.Hour)
			synctest.Wait()
			sent := b.mail.sent[0]
			box.set(down, false)
			box.put(order.Back{
				At: time.Now(), Channel: order.ByEmail, State: order.Replied, Ref: "<r@y>", Message: sent.MessageID, Email: "buyer1@example.test", Words: "Is it in stock?",
			})
			time.Sleep(7 * time.Minute)
			b.wantTold()
			box.set(nil, false)
			time.Sleep(5 * time.Minute)
			b.wantTold("nudged: Buyer 1 has answered about order 1")
			box.put(order.Back{At: time.Now(), Channel: order.ByEmail, State: order.Replied, Ref: "<s@y>", Message: "nobody@knows", Words: "Hello?"})
			box.put(order.Back{At: time.Now(), Channel: order.ByEmail, State: order.OptedOut, Ref: "<t@y>", Token: "0123456789abcdef0123"})
			time.Sleep(5 * time.Minute)
			b.wantTold("nudged: Buyer 1 has answered about order 1", "nudged: a buyer has answered")
			if _, err := b.facts(context.Background(), time.Now().Add(-6*time.Hour), time.Now(), 1, false); err != nil {
				t.Errorf("the digest: %v", err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := b.state("a", "1", "first"); r.State != order.Replied {
			t.Errorf("the reminder: %+v", r)
		}
	})
}

func TestAMailboxThatCannotBeReadIsToldAndStopsNothing(t *testing.T) {
	onInbox(t, func(t *testing.T, b *bench, box *fakeBox) {
		const down, up = "nudged: the mailbox of replies cannot be read", "nudged: the mailbox of replies can be read again"
		box.set(errors.New("no route to host"), false)
		err := b.serveFor(8*time.Hour, func() {
			time.Sleep(time.Minute)
			b.shops.add("a", "1", time.Now())
			time.Sleep(30 * time.Minute)
			b.wantTold(down)
			box.set(nil, true) // silence
			time.Sleep(2 * time.Hour)
			if got := b.mail.to("buyer1@example.test"); len(got) != 1 {
				t.Errorf("the buyer got %q", got)
			}
			b.wantTold(down)
		})
		if err != nil {
			t.Fatal(err)
		}
		box.set(nil, false)
		if err := b.serveFor(10*time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		b.wantTold(down, up)
		if strings.Contains(b.log.String(), "level=ERROR") {
			t.Errorf("log:\n%s", b.log)
		}
	})
}

func TestStoppingDoesNotWaitForASilentMailbox(t *testing.T) {
	onInbox(t, func(t *testing.T, b *bench, box *fakeBox) {
		box.set(nil, true)
		begin := time.Now()
		if err := b.serveFor(20*time.Second, nil); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 21*time.Second {
			t.Errorf("stopping took %s", took-20*time.Second)
		}
	})
}
