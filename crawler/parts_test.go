package crawler_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/store/order"
)

// cutAt visits and keeps, as a program does that is killed after so many parts:
// the parts, and nothing else.
func (s *tiny) cutAt(t *testing.T, full bool, last int) (parts int) {
	t.Helper()
	ctx, kill := context.WithCancelCause(t.Context())
	known := s.knows(full)
	known.Part = func(_ context.Context, part crawler.Result) error {
		if part.Kind != order.Part || part.Complete || part.Full || len(part.Orders) == 0 || part.Session == nil {
			t.Errorf("a part is %+v", part.Visit)
		}
		if parts++; parts <= last {
			s.learn(part.Orders)
			s.session = part.Session
		}
		if parts == last {
			kill(errors.New("killed"))
		}
		return nil
	}
	_, _ = s.spider.Visit(ctx, s.shop, known)
	return parts
}

func TestKilledVisitLosesLittle(t *testing.T) {
	for name, list := range pagings() {
		for _, last := range []int{1, 2, 5} {
			s := newTiny(t, 400, tinyRecipe(allowSkip, list, tinyDetail))
			if n := s.cutAt(t, false, last); n < last {
				t.Fatalf("%s: only %d parts", name, n)
			}
			if n := len(s.known); n < 20*last || n == 400 {
				t.Errorf("%s: after %d parts %d orders are kept", name, last, n)
			}
			s.restart(crawler.Options{})
			asked := len(s.took())
			s.must(false)
			if again := len(s.took()); asked+again > 400*2/3+40+60 {
				t.Errorf("%s: %d and then %d requests", name, asked, again)
			}
			s.allKnown(t, name)
		}
	}
}

// allKnown fails if an order is not known, or its own page not read.
func (s *tiny) allKnown(t *testing.T, what string) {
	t.Helper()
	for _, o := range s.orders {
		if k, ok := s.known[o.id]; !ok || k.Status.WantsDetail() && !k.Looked {
			t.Errorf("%s: order %s: known %v, %+v", what, o.id, ok, k)
		}
	}
}

// New orders fill several pages; the program is killed when it has kept the
// first of them. The next visit does not take these for the known ones.
func TestKilledVisitLeavesNoGap(t *testing.T) {
	for name, list := range pagings() {
		s := newTiny(t, 200, tinyRecipe(allowSkip, list, ""))
		s.must(false)
		for i := range 90 {
			s.insert(fmt.Sprint(2000 + i))
		}
		s.before = func(string) { s.now = s.now.Add(20 * time.Second) }
		s.cutAt(t, false, 2)
		if n := len(s.known); n <= 200 || n >= 290 {
			t.Errorf("%s: %d orders are known", name, n)
		}
		s.insert("3000")
		s.must(false)
		s.allKnown(t, name)
	}
}

func TestPartThatCannotBeKeptEndsTheVisit(t *testing.T) {
	s := newTiny(t, 400, tinyRecipe("", pagings()["page"], ""))
	known := s.knows(true)
	full := errors.New("the disk is full")
	known.Part = func(context.Context, crawler.Result) error { return full }
	result, err := s.spider.Visit(t.Context(), s.shop, known)
	if !errors.Is(err, full) || len(result.Orders) < 200 || result.Complete {
		t.Errorf("%d orders, %v", len(result.Orders), err)
	}
}
