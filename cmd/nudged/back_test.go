package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/demoshop"
	"nudged/notify"
	"nudged/store/order"
)

// fakeKannel takes text messages and calls back as Kannel does.
type fakeKannel struct {
	*httptest.Server
	mu   sync.Mutex
	sent []url.Values
}

func startKannel(t *testing.T) *fakeKannel {
	t.Helper()
	k := &fakeKannel{}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		k.sent = append(k.sent, r.URL.Query())
		k.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "0: Accepted for delivery")
	}))
	t.Cleanup(k.Close)
	return k
}

func (k *fakeKannel) last(t *testing.T) url.Values {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.sent) == 0 {
		t.Fatal("no text message went out")
	}
	return k.sent[len(k.sent)-1]
}

// call is a call-back; it waits until the listener is there.
func call(t *testing.T, address string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		r, err := http.Get(address)
		if err == nil {
			_ = r.Body.Close()
			if r.StatusCode/100 == 2 {
				return
			}
			err = errors.New(r.Status)
		}
		if time.Now().After(end) {
			t.Fatalf("the call-back was not taken: %v", err)
		}
	}
}

const smsSecret = "c4n4ry-secret-of-the-path"

func smsConfig(t *testing.T, dir, gateway, listen string) *config.Config {
	t.Helper()
	text := fmt.Sprintf(`shops:
  - {name: a, recipe: ./shop.yaml, url: 'http://127.0.0.1:9/', user: u, password: {file: secret}, zone: UTC, visit: 10m, contact: help@a.example, region: CN}
reminders:
  mode: live
  steps: [{step: first, after: 1h, by: [sms, email], template: gentle}]
email: {host: 127.0.0.1, security: none, from: Shop <shop@example.test>}
sms: {provider: kannel, url: '%s', user: nudged, password: {file: secret}, from: "10690000", price: 0.05 CNY, replies: {listen: %s, secret: {file: secret}}}
digest: {at: "0 21 * * *", to: [%s]}
data: data
key_file: keys/key
`, gateway, listen, seller)
	for name, body := range map[string]string{"shop.yaml": string(demoshop.FormRecipe()), "secret": smsSecret} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(text), config.Options{Secrets: true, Texts: notify.LoadTexts})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// A reminder by text message from end to end: it goes out, its delivery is
// reported, the buyer answers a question, then opts out; nothing goes out any
// more, and why tells all of it.
func TestATextMessageAndWhatComesBack(t *testing.T) {
	t.Parallel()
	dir, kannel := t.TempDir(), startKannel(t)
	listen, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var offset time.Duration
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(offset) }
	shops, mail, log := newFakeShops(t), &fakeMail{}, &lockedWriter{w: &bytes.Buffer{}}
	shops.now = now
	a, err := openApp(t.Context(), smsConfig(t, dir, kannel.URL, listen), appOptions{
		Now: now, Log: slog.New(slog.NewTextHandler(log, nil)), Spider: shops, Sender: mail,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	shop := a.cfg.Shops[0]
	flow := func() {
		t.Helper()
		_, err := a.flow(t.Context(), shop, false)
		must(err)
	}
	flow()
	shops.add("a", "1", now())
	shops.change("a", "1", func(o *order.Order) { o.Buyer.Email, o.Buyer.Phone, o.Buyer.Name = "", "+8613800138000", "王小红" })
	flow()
	must(a.tellReplies(t.Context())) // from here on replies are handed on
	mu.Lock()
	offset = 61 * time.Minute
	mu.Unlock()
	flow()
	sent := kannel.last(t)
	if sent.Get("to") != "+8613800138000" || !strings.Contains(sent.Get("text"), "12.00") {
		t.Fatalf("sent %q", sent)
	}

	ctx, cancel := context.WithCancel(t.Context())
	listening := make(chan struct{})
	d := &daemon{a: a}
	go func() { d.listen(ctx); close(listening) }()
	call(t, strings.NewReplacer("%%", "%", "%d", "1").Replace(sent.Get("dlr-url")))
	in := "http://" + listen + "/" + smsSecret + "/in?from=%2B8613800138000&ts=" + fmt.Sprint(now().Unix())
	call(t, in+"&id=m1&text="+url.QueryEscape("Do you ship on Sunday? Call 13900139000"))
	must(a.tellReplies(t.Context()))
	must(a.tellReplies(t.Context()))
	call(t, in+"&id=m2&text="+url.QueryEscape("退订"))
	call(t, in+"&id=m2&text="+url.QueryEscape("退订")) // once more: it is recorded once
	cancel()
	<-listening

	// Somebody who opted out gets nothing about a later order either.
	shops.add("a", "2", now())
	shops.change("a", "2", func(o *order.Order) { o.Buyer.Phone = "+8613800138000" })
	flow()
	mu.Lock()
	offset += 61 * time.Minute
	mu.Unlock()
	flow()
	kannel.mu.Lock()
	if len(kannel.sent) != 1 {
		t.Errorf("%d text messages went out", len(kannel.sent))
	}
	kannel.mu.Unlock()
	if got := mail.to(seller); len(got) != 1 || got[0] != "nudged: 王小红 has answered about order 1" {
		t.Errorf("the seller got %q", got)
	} else if text := mail.sent[0].Text; !strings.Contains(text, "Do you ship on Sunday?") || !strings.Contains(text, "+8613800138000") {
		t.Errorf("the mail about the answer:\n%s", text)
	}
	if got := mail.to("buyer2@example.test"); len(got) != 0 {
		t.Errorf("the person who opted out got %q", got)
	}

	said := command1(t, a, "why", "1")
	inOrder(t, said, `reminder "first" by sms was planned`, `reminder "first" by sms sent, after a look`, "it cost 0.", `reminder "first" by sms was delivered`,
		`was answered: "Do you ship on Sunday? Call ***"`, `was answered by an opt-out: "退订"; this person is not written to any more`,
		"next  nothing goes to the buyer any more")
	for _, secret := range []string{"13800138000", "13900139000", smsSecret} {
		if strings.Contains(said, secret) || strings.Contains(fmt.Sprint(log.w), secret) {
			t.Errorf("%s is told:\n%s\n%s", secret, said, log.w)
		}
	}
	if open := command1(t, a, "why", "1", "--contacts", "--json"); !strings.Contains(open, `"phone": "+8613800138000"`) || !strings.Contains(open, `"cost": "0.`) || !strings.Contains(open, "13900139000") {
		t.Errorf("with --contacts:\n%s", open)
	}
	if said := command1(t, a, "why", "2"); !strings.Contains(said, "skipped: the buyer is not to be written to") {
		t.Errorf("the later order:\n%s", said)
	}
}

// command1 runs a command as the daemon would, and wants it to work.
func command1(t *testing.T, a *app, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	status := run(t.Context(), args, world{
		stdin: strings.NewReader(""), stdout: &out, stderr: &out, now: a.now, app: a, file: writeFile,
		lookupEnv: func(string) (string, bool) { return "", false },
	})
	if status != exitDone {
		t.Fatalf("%q: exit code %d\n%s", args, status, out.String())
	}
	return out.String()
}

// inOrder wants the words one after the other.
func inOrder(t *testing.T, text string, words ...string) {
	t.Helper()
	rest := text
	for _, w := range words {
		_, after, found := strings.Cut(rest, w)
		if !found {
			t.Fatalf("%q is not in its place in:\n%s", w, text)
		}
		rest = after
	}
}
