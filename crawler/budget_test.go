package crawler_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

func TestPagesPerHour(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	r := newRig(t, demoshop.Options{Now: func() time.Time { return now }}, demoshop.FormRecipe())
	r.spider = crawler.New(crawler.Options{Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	r.shop.PagesPerHour = 12
	result, err := r.visit(false)
	var spent *crawler.BudgetError
	if !errors.As(err, &spent) || spent.Limit != 12 || !spent.Until.Equal(now.Add(time.Hour)) {
		t.Fatalf("got %v", err)
	}
	if result.Pages != 12 || len(result.Orders) != 42 || result.Outcome != order.OK {
		t.Errorf("%d pages, %d orders, outcome %q", result.Pages, len(result.Orders), result.Outcome)
	}
	if last := result.Problems[len(result.Problems)-1]; last.Kind != order.Budget {
		t.Errorf("the problems do not name the budget: %+v", result.Problems)
	}
	if _, _, err := r.spider.Look(t.Context(), r.shop, "1042", r.session); !errors.As(err, &spent) {
		t.Errorf("a look is not counted: %v", err)
	}
	now = now.Add(59*time.Minute + 59*time.Second)
	if _, _, err := r.spider.Look(t.Context(), r.shop, "1042", r.session); !errors.As(err, &spent) {
		t.Errorf("the hour does not roll: %v", err)
	}
	now = now.Add(time.Second)
	if o, _, err := r.spider.Look(t.Context(), r.shop, "1042", r.session); err != nil || o.Status != order.Unpaid {
		t.Errorf("after an hour: %v, %v", o.Status, err)
	}
}

// The shop is away, so that only the pauses are seen: two tries, a second or
// more between them, and a cancelled context that ends the pause.
func TestPoliteness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := crawler.NewPace(2 * time.Second)
		start := time.Now()
		for range 10 {
			if err := p.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		took := time.Since(start)
		if took < 9*1400*time.Millisecond || took > 9*2600*time.Millisecond {
			t.Errorf("ten requests at 2 s took %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start = time.Now()
		if err := p.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

func TestFloor(t *testing.T) {
	for url, want := range map[string]time.Duration{
		"https://shop.example/": time.Second, "http://127.0.0.1:8080/": 0, "http://localhost/": 0, "http://[::1]/": 0, "http://127.0.0.1.example/": time.Second,
	} {
		if got := crawler.DelayOf(url, 0); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
	if got := crawler.DelayOf("https://shop.example/", 5*time.Second); got != 5*time.Second {
		t.Errorf("a recipe's own delay: %s", got)
	}
}
