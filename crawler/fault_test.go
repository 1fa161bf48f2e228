package crawler_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

// The seller reads result.Words; each case says a part of it that must stand there.
func TestFaultsOfTheList(t *testing.T) {
	const list = "/admin/orders/plain"
	tests := []struct {
		name    string
		fault   demoshop.Fault
		outcome string
		words   string
	}{
		{"403", demoshop.Fault{Kind: demoshop.Answer, Status: 403}, order.Unavailable, "it answered 403 (forbidden); open it in your browser"},
		{"429", demoshop.Fault{Kind: demoshop.Answer, Status: 429}, order.Unavailable, "lower max_pages_per_hour or visit less often"},
		{"429 with Retry-After", demoshop.Fault{Kind: demoshop.Answer, Status: 429, RetryAfter: "600"}, order.Unavailable, "asks to wait 10m0s"},
		{"500", demoshop.Fault{Kind: demoshop.Answer, Status: 500}, order.Unavailable, "it answered 500 (internal server error); it is not asked again before "},
		{"cut", demoshop.Fault{Kind: demoshop.Cut}, order.Unavailable, "unexpected EOF; it is not asked again before "},
		{"empty table", demoshop.Fault{Kind: demoshop.EmptyTable}, order.LayoutChanged, "list.rows (#orders tr.order) found nothing;"},
		{"changed column", demoshop.Fault{Kind: demoshop.ChangedColumn}, order.LayoutChanged, "list.fields.status (.status)"},
		{"more than 10 MiB", demoshop.Fault{Kind: demoshop.Huge}, order.LayoutChanged, "larger than 10 MiB"},
		{"login page for ever", demoshop.Fault{Kind: demoshop.LoginInstead}, order.Unavailable, "ended the session twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
			r.must(false)
			fresh := r.demo.Add(demoshop.Order{Name: "While it was down", Email: canaryEmail, Phone: canaryPhone})
			test.fault.Path = list
			r.demo.Break(test.fault)
			result, err := r.visit(false)
			if err == nil || result.Outcome != test.outcome || !strings.Contains(result.Words, test.words) {
				t.Errorf("outcome %q, words %q; want %q and %q in it", result.Outcome, result.Words, test.outcome, test.words)
			}
			if result.Complete || len(result.Orders) > 0 && result.Outcome != order.LayoutChanged {
				t.Errorf("complete %v, %d orders: what is not seen means nothing", result.Complete, len(result.Orders))
			}
			r.demo.Mend()
			r.later(time.Hour)
			if _, ok := find(r.must(false).Orders, fresh.ID); !ok {
				t.Error("an order that came in between is lost")
			}
			if w := r.demo.Writes(); len(w) != 0 {
				t.Errorf("the visits wrote: %v", w)
			}
		})
	}
}

func TestFaultsThatPass(t *testing.T) {
	tests := []struct {
		name  string
		fault demoshop.Fault
	}{
		{"500 once", demoshop.Fault{Kind: demoshop.Answer, Status: 502, Times: 1, Skip: 2, Path: "/admin/orders/"}},
		{"cut once", demoshop.Fault{Kind: demoshop.Cut, Times: 1, Path: "/admin/orders/plain"}},
		{"429 with a short Retry-After", demoshop.Fault{Kind: demoshop.Answer, Status: 429, RetryAfter: "1", Times: 1, Path: "/admin/orders/plain"}},
		{"slow", demoshop.Fault{Kind: demoshop.Slow, Delay: 100 * time.Millisecond, Times: 3, Path: "/admin/orders/"}},
		{"login page once", demoshop.Fault{Kind: demoshop.LoginInstead, Times: 1, Skip: 3, Path: "/admin/orders/"}},
		{"GBK by meta tag", demoshop.Fault{Kind: demoshop.GBK}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
			r.demo.Break(test.fault)
			r.compare(r.must(false).Orders)
		})
	}
}

func TestFaultOfALaterPageKeepsTheFirst(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.demo.Break(demoshop.Fault{Kind: demoshop.Answer, Status: 503, Path: "/admin/orders/plain", Skip: 2})
	result, err := r.visit(false)
	if err == nil || len(result.Orders) != 20 || result.Complete || result.Outcome != order.Unavailable {
		t.Errorf("%d orders, complete %v, outcome %q, %v", len(result.Orders), result.Complete, result.Outcome, err)
	}
}

func TestFaultOfAnOrderPageKeepsTheRows(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.demo.Break(demoshop.Fault{Kind: demoshop.Garbage, Path: "/admin/orders/10", Skip: 3, Times: 2})
	result, _ := r.visit(false)
	if len(result.Orders) != 42 {
		t.Errorf("%d orders", len(result.Orders))
	}
	r.demo.Mend()
	r.must(true)
	for id, s := range r.known {
		if s.Status.WantsDetail() && !s.Looked {
			t.Errorf("order %s was never looked at again", id)
		}
	}
}

func TestEveryOrderPageChanged(t *testing.T) {
	text := strings.Replace(string(demoshop.FormRecipe()), `found: "#lines"`, `found: "#positions"`, 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	r.demo.Add(demoshop.Order{Name: "Canary", Email: canaryEmail, Phone: canaryPhone})
	result, err := r.visit(false)
	var layout *crawler.LayoutError
	if !errors.As(err, &layout) || result.Outcome != order.LayoutChanged || layout.Saved == "" {
		t.Errorf("outcome %q, %v", result.Outcome, err)
	}
	if _, details := r.pages(); details != 3 || len(result.Orders) != 43 {
		t.Errorf("%d order pages were opened in vain, %d rows kept", details, len(result.Orders))
	}
}

func TestShopIsDown(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.shop.URL = "http://127.0.0.1:1/" // where nobody listens; a port that was just closed may be somebody's again
	result, err := r.visit(false)
	var away *crawler.UnavailableError
	if !errors.As(err, &away) || away.Status != 0 || !strings.Contains(result.Words, "connection refused; it is not asked again before ") {
		t.Errorf("words %q, %v", result.Words, err)
	}
}

func TestSignInFormFaults(t *testing.T) {
	for _, test := range []struct {
		fault   demoshop.Fault
		outcome string
	}{
		{demoshop.Fault{Kind: demoshop.Answer, Status: 503, Path: "/admin/login"}, order.Unavailable},
		{demoshop.Fault{Kind: demoshop.Answer, Status: 200, Path: "/admin/login"}, order.LayoutChanged},
		{demoshop.Fault{Kind: demoshop.Answer, Status: 429, Path: "/admin/login", Skip: 1}, order.Unavailable},
		{demoshop.Fault{Kind: demoshop.Answer, Status: 200, Path: "/admin/", Skip: 2}, order.NeedsYou},
	} {
		r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
		r.demo.Break(test.fault)
		result, err := r.visit(false)
		if err == nil || result.Outcome != test.outcome {
			t.Errorf("%+v: outcome %q, %v", test.fault, result.Outcome, err)
		}
		posts := 0
		for _, q := range r.demo.Log() {
			if q.Method == "POST" {
				posts++
			}
		}
		if posts > 1 {
			t.Errorf("%+v: the password was sent %d times", test.fault, posts)
		}
	}
}

func TestCancelStopsAVisitAtOnce(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.demo.Break(demoshop.Fault{Kind: demoshop.Slow, Delay: time.Minute, Path: "/admin/orders/plain", Skip: 1})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stopped time.Time
	go func() {
		for r.demo.Count("/admin/orders/plain") < 2 && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		stopped = time.Now()
		cancel()
	}()
	result, err := r.visitWith(ctx, false)
	if took := time.Since(stopped); !errors.Is(err, context.Canceled) || took > 30*time.Second {
		t.Errorf("%v after %s", err, took)
	}
	if len(result.Orders) != 10 || result.Complete {
		t.Errorf("%d orders of the first page, complete %v", len(result.Orders), result.Complete)
	}
}

func TestPanicIsCaught(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	calls := 0
	result, err := r.spider.Visit(t.Context(), r.shop, crawler.Known{Seen: func(string) (crawler.Seen, bool) {
		if calls++; calls > 3 {
			panic("canary: " + canaryPassword)
		}
		return crawler.Seen{}, false
	}})
	if err == nil || result.Outcome != order.Broken || !strings.Contains(result.Words, "the other shops go on") {
		t.Errorf("outcome %q, words %q, %v", result.Outcome, result.Words, err)
	}
	r.leak("the error", err.Error())
	if !strings.Contains(r.log.String(), "fault_test.go") {
		t.Error("the log does not have the place of the panic")
	}
	r.compare(r.must(false).Orders)
}

func TestOneShopAtATimeManyInParallel(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	other := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	var group sync.WaitGroup
	for i := range 6 {
		shop := r.shop
		if i%2 == 1 {
			shop = other.shop
			shop.Name = "other"
		}
		group.Go(func() {
			result, err := r.spider.Visit(t.Context(), shop, crawler.Known{})
			if err != nil || len(result.Orders) != 42 {
				t.Errorf("%d orders, %v", len(result.Orders), err)
			}
		})
	}
	group.Wait()
	if r.demo.SignIns() != 3 || other.demo.SignIns() != 3 {
		t.Errorf("signed in %d and %d times", r.demo.SignIns(), other.demo.SignIns())
	}
}

func TestNextLinkToAnotherHost(t *testing.T) {
	text := strings.Replace(string(demoshop.FormRecipe()), "next: {link: a.next}", `next: {link: {text: "http://localhost:9/admin/orders/plain"}}`, 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	result, err := r.visit(false)
	if err == nil || !strings.Contains(err.Error(), "another host") || len(result.Orders) != 10 {
		t.Errorf("%d orders, %v", len(result.Orders), err)
	}
}
