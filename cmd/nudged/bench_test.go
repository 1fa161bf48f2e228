package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/textproto"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"nudged/notify"
	"nudged/notify/email"
	"nudged/store"
	"nudged/store/order"
)

const benchMessages = 300

// BenchmarkSend compares the dispatcher, which judges each reminder twice, writes
// the words and hands them to the mail sender, with a bare loop: one connection,
// words that are fixed, and the same two commits for each.
// "bare" is the share of the bare loop's speed that is left; the bar is 0.8.
func BenchmarkSend(b *testing.B) {
	k, err := startSink(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer k.Close()
	var ours, bare time.Duration
	for n := 0; b.Loop(); n++ {
		w := newSendBench(b, k, n)
		ours += w.timed(w.dispatch)
		w = newSendBench(b, k, n)
		bare += w.timed(w.loop)
	}
	b.ReportMetric(bare.Seconds()/ours.Seconds(), "bare")
	b.ReportMetric(float64(b.N*benchMessages)/ours.Seconds(), "messages/s")
}

// sendBench is a database with messages that are due.
type sendBench struct {
	b    *testing.B
	db   *store.DB
	sink *sink
	s    notify.Settings
	now  time.Time
	due  []order.Reminder
}

func newSendBench(b *testing.B, k *sink, n int) *sendBench {
	b.Helper()
	w := &sendBench{b: b, sink: k, now: time.Now()}
	w.s = notify.Settings{
		Mode: notify.Live, Limit: order.Limit{Count: 2, Per: 24 * time.Hour},
		Steps: []notify.Step{{Name: "first", After: time.Hour, By: []order.Channel{order.ByEmail}, Template: "gentle"}},
		Shops: map[string]notify.ShopFacts{"bench": {Name: "Bench", From: "shop@buckles.example"}},
	}
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), fmt.Sprintf("%d.db", n)), store.Options{Key: [32]byte{1}})
	if err != nil {
		b.Fatal(err)
	}
	w.db = db
	b.Cleanup(func() { _ = db.Close() })
	at := w.now.Add(-90 * time.Minute)
	v := order.Visit{Shop: "bench", Kind: order.Scan, At: at, Ended: at, Complete: true, Outcome: order.OK}
	for i := range benchMessages {
		id := strconv.Itoa(i)
		v.Orders = append(v.Orders, order.Order{
			Shop: "bench", ID: id, Number: id, Status: order.Unpaid, Created: at.Add(time.Minute), Seen: at, Looked: at,
			Total: order.Money{Minor: 1200, Currency: "EUR"}, Lines: []order.Line{{Title: "Mug", Quantity: 1}},
			Buyer: order.Buyer{Name: "Buyer " + id, Email: order.Email("buyer" + id + "@example.test")},
		})
	}
	_, err = db.Enable(b.Context(), "bench", at)
	w.check(err)
	_, err = db.Record(b.Context(), v)
	w.check(err)
	for _, o := range v.Orders {
		w.due = append(w.due, notify.Plan(w.s, o, notify.Person{}, at, w.now)...)
	}
	w.check(db.Plan(b.Context(), w.due))
	return w
}

func (w *sendBench) check(err error) {
	if err != nil {
		w.b.Helper()
		w.b.Fatal(err)
	}
}

func (w *sendBench) timed(send func() int) time.Duration {
	before, start := len(w.sink.caught()), time.Now()
	n := send()
	took := time.Since(start)
	if got := len(w.sink.caught()) - before; n != benchMessages || got != n {
		w.b.Fatalf("%d sent, %d arrived, want %d", n, got, benchMessages)
	}
	w.check(w.db.Close())
	return took
}

// Look is the shop: the order as it is on record, read now.
func (w *sendBench) Look(_ context.Context, shop, id string) (order.Order, error) {
	o, _, err := w.db.Order(order.Key{Shop: shop, ID: id})
	o.Seen, o.Looked = time.Now(), time.Now()
	return o, err
}

func (w *sendBench) dispatch() int {
	sender, err := email.New(email.Options{Host: w.sink.host, Port: w.sink.port, Security: email.None})
	w.check(err)
	defer sender.Close()
	d, err := notify.New(notify.Options{
		Settings: w.s, Outbox: w.db, Looker: w, Register: w.db, People: w.db, Token: w.db.Token,
		Senders: map[order.Channel]notify.Sender{order.ByEmail: sender},
	})
	w.check(err)
	tally, err := d.Flush(w.b.Context(), "bench", time.Now)
	w.check(err)
	return tally.Sent
}

// bareMail writes a mail of the usual size, of a text and an HTML part.
func bareMail(to io.Writer, n int) error {
	parts := multipart.NewWriter(to)
	_, err := fmt.Fprintf(to, "From: Bench <shop@buckles.example>\r\nTo: Buyer <buyer%d@example.test>\r\nSubject: Your order %d\r\n"+
		"Message-ID: <%d@buckles.example>\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=%s\r\n\r\n",
		n, n, n, time.Now().Format(time.RFC1123Z), parts.Boundary())
	if err != nil {
		return err
	}
	for kind, lines := range map[string]int{"plain": 12, "html": 90} {
		part, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/" + kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return err
		}
		text := quotedprintable.NewWriter(part)
		_, err = text.Write(bytes.Repeat([]byte("a line=of some length in a message of the usual size, more or less\r\n"), lines))
		if err = errors.Join(err, text.Close()); err != nil {
			return err
		}
	}
	return parts.Close()
}

func (w *sendBench) loop() int {
	conn, err := net.Dial("tcp", net.JoinHostPort(w.sink.host, strconv.Itoa(w.sink.port)))
	w.check(err)
	c := smtp.NewClient(conn)
	defer c.Close()
	for i, r := range w.due {
		w.check(w.db.Begin(w.b.Context(), r.Key, "", time.Now(), order.Limit{}))
		w.check(c.Mail("shop@buckles.example", nil))
		w.check(c.Rcpt(fmt.Sprintf("buyer%d@example.test", i), nil))
		body, err := c.Data()
		w.check(err)
		w.check(bareMail(body, i))
		w.check(body.Close())
		r.State, r.Changed = order.Sent, time.Now()
		w.check(w.db.Settle(w.b.Context(), r, order.Event{At: r.Changed, Key: r.Key, State: r.State, Provider: "ok"}))
	}
	return len(w.due)
}
