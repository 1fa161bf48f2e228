package inbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/notify/inbox"
	"nudged/store/order"
)

const secret = "canary-secret-0123456789"

// gateway is a Kannel before a listener that remembers what was taken.
type gateway struct {
	mu    sync.Mutex
	taken []order.Back
	fail  error
	now   time.Time
	log   bytes.Buffer
	inbox.ListenOptions
}

func newGateway() *gateway {
	g := &gateway{now: time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)}
	g.ListenOptions = inbox.ListenOptions{
		Addr: "127.0.0.1:0", Secret: secret, Regions: []string{"CN"}, Now: func() time.Time { return g.now }, Log: slog.New(slog.NewTextHandler(&g.log, nil)),
		Take: func(_ context.Context, b order.Back) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.fail == nil {
				g.taken = append(g.taken, b)
			}
			return g.fail
		},
	}
	return g
}

func get(h http.Handler, method, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "127.0.0.1:40000"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWordsBySMS(t *testing.T) {
	at := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		query string
		want  order.Back
	}{
		"stop":              {"from=%2B447400123456&text=STOP&charset=UTF-8&ts=1795323600&id=u-1&smsc=op", order.Back{At: at, State: order.OptedOut, Ref: "kannel:in:u-1", Phone: "+447400123456", Words: "STOP"}},
		"national, Chinese": {"from=13800138000&text=%E9%80%80%E8%AE%A2&ts=1795323600&id=u-2", order.Back{At: at, State: order.OptedOut, Ref: "kannel:in:u-2", Phone: "+8613800138000", Words: "退订"}},
		"UTF-16":            {"from=8613800138000&text=%90%00%8B%A2&charset=UTF-16BE&ts=1795323600&id=u-3", order.Back{At: at, State: order.OptedOut, Ref: "kannel:in:u-3", Phone: "+8613800138000", Words: "退订"}},
		"UTF-16, unsaid":    {"from=008613800138000&text=%90%00%8B%A2&ts=1795323600&id=u-4", order.Back{At: at, State: order.OptedOut, Ref: "kannel:in:u-4", Phone: "+8613800138000", Words: "退订"}},
		"Latin UTF-16":      {"from=%2B8613800138000&text=%00T%00D&ts=1795323600&id=u-5", order.Back{At: at, State: order.OptedOut, Ref: "kannel:in:u-5", Phone: "+8613800138000", Words: "TD"}},
		"windows":           {"from=%2B33612345678&text=Arr%EAt&charset=WINDOWS-1252&ts=1795323600&id=u-6", order.Back{At: at, State: order.OptedOut, Ref: "kannel:in:u-6", Phone: "+33612345678", Words: "Arrêt"}},
		"reply":             {"from=%2B8613800138000&text=%E6%80%8E%E4%B9%88%E9%80%80%E8%AE%A2%EF%BC%9F&ts=1795323600&id=u-7", order.Back{At: at, State: order.Replied, Ref: "kannel:in:u-7", Phone: "+8613800138000", Words: "怎么退订\uff1f"}},
		"clock ahead":       {"from=%2B8613800138000&text=hi&ts=4102444800&id=u-8", order.Back{At: at.Add(time.Hour), State: order.Replied, Ref: "kannel:in:u-8", Phone: "+8613800138000", Words: "hi"}},
		"without plus":      {"from=447400123456&text=hi&ts=1795323600&id=u-9", order.Back{At: at, State: order.Replied, Ref: "kannel:in:u-9", Phone: "+447400123456", Words: "hi"}},
		"a name":            {"from=Bank&text=hi&id=u", order.Back{}},
		"a short code":      {"from=10086&text=hi&id=u", order.Back{}},
		"no words":          {"from=%2B8613800138000&text=&id=u", order.Back{}},
		"binary":            {"from=%2B8613800138000&text=%01%02&charset=binary&id=u", order.Back{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway()
			w := get(inbox.Handler(g.ListenOptions), http.MethodGet, "/"+secret+"/in?"+c.query)
			if w.Code != http.StatusOK || w.Body.Len() != 0 {
				t.Fatalf("answer %d %q", w.Code, w.Body)
			}
			if c.want.State == "" {
				if len(g.taken) != 0 {
					t.Errorf("taken: %+v", g.taken)
				}
				return
			}
			c.want.Channel = order.BySMS
			if len(g.taken) != 1 || g.taken[0] != c.want {
				t.Errorf("taken: %+v", g.taken)
			}
		})
	}
}

// A gateway whose get-url gives neither id nor time: the second opt-out of a buyer
// who had changed their mind in between is another one than the first.
func TestAnOptOutThatNothingNamesIsNewEachTime(t *testing.T) {
	g := newGateway()
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	g.Now = func() time.Time { return now }
	h := inbox.Handler(g.ListenOptions)
	for range 2 {
		get(h, http.MethodGet, "/"+secret+"/in?from=%2B447400123456&text=STOP")
		now = now.Add(24 * time.Hour)
	}
	if len(g.taken) != 2 || g.taken[0].Ref == g.taken[1].Ref {
		t.Errorf("taken: %+v", g.taken)
	}
}

func TestDeliveryReports(t *testing.T) {
	for kind, want := range map[string]order.Back{
		"1": {State: order.Delivered}, "2": {State: order.Bounced, Words: "the network could not deliver it"}, "16": {State: order.Bounced, Words: "the operator refused it"},
		"4": {}, "8": {}, "32": {},
	} {
		g := newGateway()
		w := get(inbox.Handler(g.ListenOptions), http.MethodGet, "/"+secret+"/report?type="+kind+"&id=m-17&ts=1795323600")
		if w.Code != http.StatusOK || w.Body.Len() != 0 {
			t.Fatalf("type %s: answer %d %q", kind, w.Code, w.Body)
		}
		if want.State == "" {
			if len(g.taken) != 0 {
				t.Errorf("type %s: %+v", kind, g.taken)
			}
			continue
		}
		want.Channel, want.Message, want.Ref, want.At = order.BySMS, "m-17", "kannel:m-17:"+kind, time.Unix(1795323600, 0).UTC()
		if len(g.taken) != 1 || g.taken[0] != want {
			t.Errorf("type %s: %+v", kind, g.taken)
		}
	}
}

// A second text with the same words is another one, also where Kannel gives no id.
func TestRefOfTexts(t *testing.T) {
	g := newGateway()
	h := inbox.Handler(g.ListenOptions)
	for _, ts := range []string{"1795323600", "1795323600", "1795323660"} {
		get(h, http.MethodGet, "/"+secret+"/in?from=%2B8613800138000&text=hi&ts="+ts)
	}
	if len(g.taken) != 3 || g.taken[0].Ref != g.taken[1].Ref || g.taken[0].Ref == g.taken[2].Ref || g.taken[0].Ref == "" {
		t.Errorf("taken: %+v", g.taken)
	}
}

// Everything that is not a call-back looks the same from outside.
func TestNothingIsToldToStrangers(t *testing.T) {
	g := newGateway()
	h := inbox.Handler(g.ListenOptions)
	q := "?from=%2B8613800138000&text=STOP&type=1&id=m"
	var first *httptest.ResponseRecorder
	for _, c := range [][2]string{
		{"GET", "/"}, {"GET", "/in" + q}, {"GET", "/wrong/in" + q}, {"GET", "/" + secret + q}, {"GET", "/" + secret + "/"}, {"GET", "/" + secret + "/other" + q},
		{"GET", "/" + secret + "/in/" + q}, {"GET", "/" + secret + "x/in" + q}, {"GET", "/" + secret[:len(secret)-1] + "/in" + q}, {"GET", "/" + strings.ToUpper(secret) + "/in" + q},
		{"POST", "/" + secret + "/in" + q}, {"HEAD", "/" + secret + "/in" + q}, {"PUT", "/" + secret + "/report" + q}, {"OPTIONS", "/" + secret + "/in"}, {"GET", "//in" + q},
		{"GET", "/" + secret + "/../in" + q}, {"GET", "/" + url.PathEscape(secret+"/in") + "x" + q},
	} {
		w := get(h, c[0], c[1])
		if first == nil {
			first = w
		}
		if w.Code != http.StatusNotFound || w.Body.Len() != 0 || len(w.Header()) != len(first.Header()) {
			t.Errorf("%s %s: %d %q %v", c[0], c[1], w.Code, w.Body, w.Header())
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/"+secret+"/in"+q, nil)
	r.RemoteAddr = "192.0.2.7:40000"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("from another machine: %d", w.Code)
	}
	if len(g.taken) != 0 || g.log.Len() != 0 {
		t.Errorf("taken %+v, logged %s", g.taken, &g.log)
	}
}

func TestCallBacksThatAreSetUpWrong(t *testing.T) {
	g := newGateway()
	h := inbox.Handler(g.ListenOptions)
	for _, target := range []string{
		"/in", "/in?text=hi", "/in?from=%2B8613800138000", "/report?type=x&id=m", "/report?type=1", "/report?type=1&id=a%20b", "/report?type=1&id=" + strings.Repeat("x", 300), "/report?type=-1&id=m", "/in?from=%zz&text=a",
		"/report?type=99999999999999999999&id=m",
	} {
		if w := get(h, http.MethodGet, "/"+secret+target); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	g.fail = errors.New("the disk is full")
	if w := get(h, http.MethodGet, "/"+secret+"/in?from=%2B8613800138000&text=canary-words&id=u"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a failing store: %d", w.Code)
	}
	log := g.log.String()
	if len(g.taken) != 0 || !strings.Contains(log, "the disk is full") || !strings.Contains(log, "from=%p") {
		t.Errorf("taken %+v, logged %s", g.taken, log)
	}
	for _, private := range []string{"138001", "canary"} {
		if strings.Contains(log, private) {
			t.Errorf("the log holds %q: %s", private, log)
		}
	}
}

func TestRateOfCallBacks(t *testing.T) {
	g := newGateway()
	h := inbox.Handler(g.ListenOptions)
	codes := map[int]int{}
	call := func(n int) {
		for range n {
			codes[get(h, http.MethodGet, "/"+secret+"/report?type=8&id=m").Code]++
		}
	}
	call(600)
	if codes[http.StatusOK] != 500 || codes[http.StatusServiceUnavailable] != 100 {
		t.Errorf("answers %v", codes)
	}
	g.now = g.now.Add(2 * time.Second)
	call(200)
	if codes[http.StatusOK] != 600 {
		t.Errorf("answers %v two seconds later", codes)
	}
	// Strangers do not use it up.
	g.now = g.now.Add(time.Second)
	for range 1000 {
		get(h, http.MethodGet, "/wrong/in")
	}
	if w := get(h, http.MethodGet, "/"+secret+"/report?type=8&id=m"); w.Code != http.StatusOK {
		t.Errorf("after strangers: %d", w.Code)
	}
}

func TestListenOnlyHere(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "shop.example:0", "127.0.0.1.example.com:0", "127.0.0.1", ""} {
		g := newGateway()
		g.Addr = addr
		if l, err := inbox.Listen(t.Context(), g.ListenOptions); err == nil {
			_ = l.Close()
			t.Errorf("%q was taken", addr)
		} else if !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%q: %v", addr, err)
		}
	}
	g := newGateway()
	g.Secret = "canary"
	if _, err := inbox.Listen(t.Context(), g.ListenOptions); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("a short secret: %v", err)
	}
}

// What is being taken when we stop is taken to its end.
func TestServeStops(t *testing.T) {
	g := newGateway()
	g.Addr = "localhost:0"
	began, goOn := make(chan struct{}), make(chan struct{})
	take := g.Take
	g.Take = func(ctx context.Context, b order.Back) error {
		close(began)
		<-goOn
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return take(ctx, b)
	}
	ctx, stop := context.WithCancel(t.Context())
	l, err := inbox.Listen(ctx, g.ListenOptions)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- l.Serve(ctx) }()
	code := make(chan int, 1)
	go func() {
		resp, err := http.Get("http://" + l.Addr() + "/" + secret + "/in?from=%2B8613800138000&text=STOP&id=u")
		if err != nil {
			code <- -1
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		code <- resp.StatusCode
	}()
	<-began
	stop()
	time.Sleep(20 * time.Millisecond)
	close(goOn)
	if got := <-code; got != http.StatusOK {
		t.Errorf("answer %d", got)
	}
	if err := <-served; err != nil || len(g.taken) != 1 {
		t.Errorf("%v, taken %+v", err, g.taken)
	}
	if resp, err := http.Get("http://" + l.Addr() + "/"); err == nil {
		_ = resp.Body.Close()
		t.Error("it still answers")
	}
}

// FuzzCallBack holds what must be so whatever Kannel, or another program, asks.
func FuzzCallBack(f *testing.F) {
	f.Add("in", "from=%2B8613800138000&text=%90%00%8B%A2&charset=UTF-16BE&ts=1795323600&id=u-3")
	f.Add("in", "from=13800138000&text=STOP&id=")
	f.Add("report", "type=1&id=m")
	f.Add("report", "type=16&id=m&ts=x")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, what, query string) {
		g := newGateway()
		r := &http.Request{Method: http.MethodGet, RemoteAddr: "127.0.0.1:1", URL: &url.URL{Path: "/" + secret + "/" + what, RawQuery: query}, Header: http.Header{}}
		w := httptest.NewRecorder()
		inbox.Handler(g.ListenOptions).ServeHTTP(w, r)
		if w.Body.Len() != 0 {
			t.Errorf("%q", w.Body)
		}
		if what != "in" && what != "report" && w.Code != http.StatusNotFound {
			t.Errorf("%q answered %d", what, w.Code)
		}
		for _, b := range g.taken {
			switch {
			case b.Ref == "" || b.Channel != order.BySMS || b.At.After(g.now) || b.Final || b.Token != "" || b.Email != "":
				t.Errorf("%+v", b)
			case what == "in" && (b.Phone == "" || b.Phone[0] != '+' || len(b.Phone) > 16 || b.Words == "" || len([]rune(b.Words)) > 2000 || b.Message != ""):
				t.Errorf("%+v", b)
			case what == "report" && (b.Message == "" || b.Phone != ""):
				t.Errorf("%+v", b)
			}
		}
	})
}
