package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/demoshop"
	"nudged/notify"
	"nudged/store/order"
)

const realPartsConfig = `shops:
  - name: belts
    title: 皮带铺
    recipe: ./shop.yaml
    url: http://127.0.0.1:9/
    user: clerk
    password: {file: shop-password}
    zone: Asia/Shanghai
    visit: 10m
    language: zh
    region: CN
    contact: 微信 belts-help
reminders:
  mode: live
  steps:
    - {step: first, after: 1h, by: [email, sms], template: gentle}
    - {step: help, after: 20h, by: [email, sms], template: helpful}
email: {host: '%s', port: %s, user: '%s', password: {file: smtp-password}, ca_file: '%s', from: 皮带铺 <%s>, unsubscribe: unsubscribe@nudged.test}
inbox: {host: '%s', port: %s, user: '%s', password: {file: imap-password}, ca_file: '%s'}
sms: {provider: kannel, url: '%s', user: '%s', password: {file: sms-password}, from: "10690001", price: 0.05 CNY, replies: {listen: '%s', secret: {file: sms-secret}}}
digest: {at: "0 * * * *", to: [seller@nudged.test]}
data: data
key_file: keys/key
`

// TestRealParts is the program between a mail server, a mailbox and a gateway of
// text messages that are not ours: reminders go out by both ways; a bounce, an
// unsubscribe mail, answers, opt-outs and delivery reports come back; whoever
// wants no more gets no more, and the seller reads all of it.
func TestRealParts(t *testing.T) {
	r := startRealParts(t)
	r.visit()
	r.firstStep()
	r.backByMail()
	r.backByPhone()
	r.takenIn()
	r.sellerGetsTheAnswer()
	r.secondStep()
	r.digestTells()
	r.whyTells()
	r.logIsDiscreet()
}

// realParts is the program around a fake shop; all else is real. Its jobs run
// when the test says so, on a clock that the test puts forward.
type realParts struct {
	*bench
	d    *daemon
	post *postfix
	op   *operator // on the same config
	id   string    // of this run: mailboxes and phones have seen others

	mu      sync.Mutex
	ahead   time.Duration
	out     *lockedWriter
	spoken  int64             // where this run begins in the log of the message centre
	numbers map[string]string // phones by name
	parts   int               // of text messages that phones have got
}

func startRealParts(t *testing.T) *realParts {
	t.Helper()
	dir := t.TempDir()
	r := &realParts{post: needPostfix(t), id: strconv.FormatInt(time.Now().UnixNano(), 36), ahead: -63 * time.Minute}
	r.bench = &bench{t: t, shops: newFakeShops(t), log: &bytes.Buffer{}}
	r.out = &lockedWriter{w: r.log}
	r.shops.now = r.clock
	cfg := r.config(dir)
	r.op = &operator{t: t, conf: cfg.File}
	var err error
	r.app, err = openApp(t.Context(), cfg, appOptions{Now: r.clock, Log: slog.New(slog.NewTextHandler(r.out, nil)), Spider: r.shops})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the log:\n%s", r.said())
		}
	})
	r.startCentre()
	r.startDaemon()
	return r
}

// config is read from a file, as a seller's is.
func (r *realParts) config(dir string) *config.Config {
	r.t.Helper()
	host, port, err := net.SplitHostPort(needPart(r.t, "dovecot", "NUDGED_IMAP"))
	if err != nil {
		r.t.Fatal(err)
	}
	gateway := needPart(r.t, "kannel", "NUDGED_KANNEL")
	file := filepath.Join(dir, "config.yaml")
	for name, body := range map[string]string{
		"shop.yaml": string(demoshop.FormRecipe()), "shop-password": canaryPassword, "smtp-password": r.post.password,
		"imap-password": os.Getenv("NUDGED_IMAP_PASSWORD"), "sms-password": os.Getenv("NUDGED_KANNEL_PASSWORD"), "sms-secret": os.Getenv("NUDGED_KANNEL_SECRET"),
		"config.yaml": fmt.Sprintf(realPartsConfig, r.post.host, r.post.port, r.post.user, r.post.ca, r.post.from,
			host, port, os.Getenv("NUDGED_IMAP_USER"), os.Getenv("NUDGED_IMAP_CA"), gateway, os.Getenv("NUDGED_KANNEL_USER"), os.Getenv("NUDGED_KANNEL_REPLIES")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	cfg, err := config.Load(file, config.Options{Secrets: true, Texts: notify.LoadTexts})
	if err != nil {
		r.t.Fatal(err)
	}
	return cfg
}

// startDaemon makes the daemon as a start does, except that no timer runs its
// jobs. What others have left in mailbox and gateway comes in before its first day.
func (r *realParts) startDaemon() {
	r.t.Helper()
	var err error
	if r.d, err = newDaemon(r.app); err != nil {
		r.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(r.t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.d.listen(ctx) }()
	r.t.Cleanup(func() { stop(); <-ended })
	r.await("the listener for call-backs", func() bool {
		conn, err := net.Dial("tcp", r.cfg.SMS.Replies.Listen)
		return err == nil && conn.Close() == nil
	})
	r.flushCentre()
	r.d.readInbox(r.t.Context())
	r.forward(time.Minute)
	if err := r.d.schedule(newRunner(r.t.Context(), r.app.log)); err != nil {
		r.t.Fatal(err)
	}
	r.d.replies(r.t.Context())
}

func (r *realParts) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.ahead)
}

func (r *realParts) forward(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead += d
}

func (r *realParts) said() string {
	r.out.mu.Lock()
	defer r.out.mu.Unlock()
	return r.log.String()
}

// await polls until something is there.
func (r *realParts) await(what string, there func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(patience); !there(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("%s: waited for in vain", what)
		}
	}
}

func (r *realParts) awaitState(who, step string, want order.State) {
	r.t.Helper()
	r.await(fmt.Sprintf("step %s of %s to be %s", step, who, want), func() bool { return r.state("belts", r.order(who), step).State == want })
}

// order is the id of somebody's order.
func (r *realParts) order(who string) string { return who + "-" + r.id }

// address is the mailbox of somebody; moved is known to have gone.
func (r *realParts) address(who string) string {
	if who == "moved" {
		return "moved@example.test"
	}
	return who + "-" + r.id + "@example.test"
}

func (r *realParts) buyer(who string) order.Buyer {
	if number, ok := r.numbers[who]; ok {
		return order.Buyer{Name: "王小红", Phone: order.Phone(number)}
	}
	return order.Buyer{Name: "李雷", Email: order.Email(r.address(who))}
}

// byMail and byPhone are the buyers, named by what they will do.
func byMail() []string  { return []string{"moved", "leaves", "answers", "silent"} }
func byPhone() []string { return []string{"tuiding", "stop", "asks", "waits"} }

// visit brings the orders in: the shop is seen empty first, since what is older
// than the first visit is not reminded.
func (r *realParts) visit() {
	r.t.Helper()
	wants(r.t, r.op.must("check"), "no mistakes")
	shop := r.cfg.Shops[0]
	r.d.visit(r.t.Context(), shop)
	r.forward(time.Minute)
	for _, who := range append(byMail(), byPhone()...) {
		id := r.order(who)
		r.shops.add("belts", id, r.clock())
		r.shops.change("belts", id, func(o *order.Order) {
			o.Buyer, o.Link, o.Total = r.buyer(who), "https://belts.example/account/orders/"+id, order.Money{Minor: 12800, Currency: "CNY"}
			o.Lines = []order.Line{{Title: "黄铜皮带扣", Quantity: 1}}
		})
	}
	r.d.visit(r.t.Context(), shop)
	for _, who := range append(byMail(), byPhone()...) {
		if got := r.state("belts", r.order(who), "first"); got.State != order.Planned {
			r.t.Fatalf("%s: %+v", who, got)
		}
	}
}

// firstStep goes out, and arrives as it was written.
func (r *realParts) firstStep() {
	r.t.Helper()
	r.forward(61 * time.Minute)
	r.d.tell(r.t.Context(), r.cfg.Shops[0])
	for _, who := range byMail() {
		if got := r.state("belts", r.order(who), "first"); got.State != order.Sent || got.Key.Channel != order.ByEmail {
			r.t.Fatalf("%s: %+v", who, got)
		}
	}
	for _, who := range []string{"leaves", "answers", "silent"} {
		r.readLetter(who, r.letter("customers", r.message(who, "first")))
	}
	for _, who := range byPhone() {
		r.readText(who, "皮带铺", r.order(who), "128.00", "https://belts.example/account/orders/"+r.order(who))
		r.awaitState(who, "first", order.Delivered)
	}
}

// secondStep is for those only who have neither left nor answered. The message
// centre is down for a while: what the gateway has queued is sent, but not
// delivered.
func (r *realParts) secondStep() {
	r.t.Helper()
	r.forward(20 * time.Hour)
	r.t.Cleanup(func() { r.centre("start") })
	r.centre("stop")
	r.d.tell(r.t.Context(), r.cfg.Shops[0])
	if got := r.state("belts", r.order("waits"), "help"); got.State != order.Sent {
		r.t.Errorf("while the centre is down: %+v", got)
	}
	r.centre("start")
	for who, cause := range map[string]order.Cause{
		"moved": order.CauseSuppressed, "leaves": order.CauseSuppressed, "tuiding": order.CauseSuppressed, "stop": order.CauseSuppressed,
		"answers": order.CauseReplied, "asks": order.CauseReplied,
	} {
		if got := r.state("belts", r.order(who), "help"); got.State != order.Skipped || got.Cause != cause {
			r.t.Errorf("%s: %+v", who, got)
		}
	}
	r.readLetter("silent", r.letter("customers", r.message("silent", "help")))
	r.readText("waits", "皮带铺", r.order("waits"), "微信 belts-help")
	r.awaitState("waits", "help", order.Delivered)
	for _, who := range []string{"tuiding", "stop", "asks"} {
		if got := r.phone(who); len(got) != 0 {
			r.t.Errorf("the phone of %s got %q", who, got)
		}
	}
}
