package crawler_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/store/order"
)

// asksAgain tells after which time the shop is asked again.
func (s *tiny) asksAgain(t *testing.T, step time.Duration) time.Duration {
	t.Helper()
	began := s.now
	s.took()
	for len(s.took()) == 0 {
		s.now = s.now.Add(step)
		if s.now.Sub(began) > 48*time.Hour {
			t.Fatal("the shop is never asked again")
		}
		_, _ = s.visit(false)
	}
	return s.now.Sub(began)
}

func TestBackOffLadder(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusForbidden, http.StatusServiceUnavailable} {
		s := newTiny(t, 5, tinyRecipe("", pagings()["link"], tinyDetail))
		s.must(false)
		s.faults["/list"] = status
		result, err := s.visit(false)
		var away *crawler.UnavailableError
		if !errors.As(err, &away) || !away.Until.Equal(s.now.Add(time.Minute)) || !strings.Contains(result.Words, "not asked again before 09:01:00") {
			t.Fatalf("%d: until %v, %v", status, away.Until, err)
		}
		s.took()
		if _, _, err := s.spider.Look(t.Context(), s.shop, "1004", s.session); !errors.As(err, &away) || away.Status != status || len(s.took()) > 0 {
			t.Errorf("%d: a look asks: %v", status, err)
		}
		for i, want := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 2 * time.Hour} {
			if i%2 == 1 {
				s.restart(crawler.Options{}) // the session remembers
			}
			if got := s.asksAgain(t, 30*time.Second); got != want {
				t.Errorf("%d: after failure %d it is asked again after %s, want %s", status, i+1, got, want)
			}
		}
		delete(s.faults, "/list")
		s.asksAgain(t, time.Minute)
		s.faults["/list"] = status
		if _, err = s.visit(false); !errors.As(err, &away) || !away.Until.Equal(s.now.Add(time.Minute)) {
			t.Errorf("%d: a success does not begin anew: %v", status, err)
		}
		s.took()
		s.spider.Again("tiny")
		if _, _ = s.visit(false); len(s.took()) == 0 {
			t.Errorf("%d: a person's word is not heard", status)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"30":                          time.Minute, // less than the ladder's own
		"600":                         10 * time.Minute,
		"9999999999":                  24 * time.Hour,
		"99999999999999999999999":     time.Minute,
		"-5":                          time.Minute,
		"soon":                        time.Minute,
		httpDate(start, 3*time.Hour):  3 * time.Hour,
		httpDate(start, -time.Hour):   time.Minute,
		httpDate(start, 80*time.Hour): 24 * time.Hour,
	} {
		s := newTiny(t, 5, tinyRecipe("", pagings()["link"], ""))
		next := s.Config.Handler
		s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path == "/list" {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			next.ServeHTTP(w, q)
		})
		_, err := s.visit(false)
		var away *crawler.UnavailableError
		if !errors.As(err, &away) || !away.Until.Equal(start.Add(want)) {
			t.Errorf("Retry-After %q: %v, want %s", header, err, start.Add(want).Format(time.TimeOnly))
		}
	}
}

func httpDate(from time.Time, later time.Duration) string {
	return from.Add(later).Format(http.TimeFormat)
}

// A shop that cannot be reached at all may be the seller's own line: the pause
// stays short.
func TestShopThatCannotBeReached(t *testing.T) {
	s := newTiny(t, 5, tinyRecipe("", pagings()["link"], ""))
	s.must(false)
	s.Close()
	var pauses []time.Duration
	for range 6 {
		_, err := s.visit(false)
		var away *crawler.UnavailableError
		if !errors.As(err, &away) {
			t.Fatal(err)
		}
		pauses = append(pauses, away.Until.Sub(s.now))
		s.now = away.Until
	}
	if got := fmt.Sprint(pauses); got != "[1m0s 5m0s 5m0s 5m0s 5m0s 5m0s]" {
		t.Errorf("pauses %s", got)
	}
}

func TestHours(t *testing.T) {
	zone := time.FixedZone("shop", 8*3600)
	for _, c := range []struct {
		hours, at, until string // in the shop's zone; until "" is now
	}{
		{"06:00-24:00", "06:00", ""}, {"06:00-24:00", "23:59", ""}, {"06:00-24:00", "05:59", "22 06:00"}, {"06:00-24:00", "00:00", "22 06:00"},
		{"08:30-17:15", "17:15", "23 08:30"}, {"08:30-17:15", "08:29", "22 08:30"}, {"08:30-17:15", "12:00", ""},
		{"22:00-06:00", "23:00", ""}, {"22:00-06:00", "05:59", ""}, {"22:00-06:00", "06:00", "22 22:00"},
	} {
		s := newTiny(t, 5, tinyRecipe(`hours: "`+c.hours+`"`, pagings()["link"], tinyDetail))
		s.shop.Zone = zone
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-22 "+c.at, zone)
		if err != nil {
			t.Fatal(err)
		}
		s.now = at.UTC()
		result, err := s.visit(false)
		_, _, looked := s.spider.Look(t.Context(), s.shop, "1004", result.Session)
		var spent *crawler.BudgetError
		switch {
		case c.until == "" && (err != nil || looked != nil):
			t.Errorf("%s at %s: %v, %v", c.hours, c.at, err, looked)
		case c.until == "":
		case !errors.As(err, &spent) || !errors.As(looked, &spent) || spent.Until.In(zone).Format("02 15:04") != c.until || spent.Hours != c.hours:
			t.Errorf("%s at %s: %v, %v", c.hours, c.at, err, looked)
		case result.Outcome != order.OK || result.Complete || len(result.Problems) != 1 || len(s.took()) > 0:
			t.Errorf("%s at %s: outcome %q, complete %v, %+v", c.hours, c.at, result.Outcome, result.Complete, result.Problems)
		}
	}
}

// The hours end in the middle of a visit: it goes on the next day.
func TestHoursEndInMidVisit(t *testing.T) {
	s := newTiny(t, 60, tinyRecipe(`hours: "08:00-10:00"`, pagings()["link"], ""))
	s.before = func(path string) {
		if path == "/list?page=3&tab=" {
			s.now = s.now.Add(time.Hour)
		}
	}
	result, err := s.visit(true)
	var spent *crawler.BudgetError
	if !errors.As(err, &spent) || len(result.Orders) != 30 || result.Complete || result.Outcome != order.OK {
		t.Fatalf("%d orders, %v", len(result.Orders), err)
	}
	s.now = s.now.Add(22 * time.Hour)
	s.before = nil
	if result := s.must(false); !result.Done || len(s.known) != 60 {
		t.Errorf("the next day: done %v, %d orders known", result.Done, len(s.known))
	}
}

// When a shop is asked again is told on its own clock, as all else is.
func TestTheNextTryIsOnTheShopsClock(t *testing.T) {
	s := newTiny(t, 5, tinyRecipe("", pagings()["link"], tinyDetail))
	s.must(false)
	s.shop.Zone = time.FixedZone("", 5*3600)
	s.faults["/list"] = http.StatusServiceUnavailable
	want := "not asked again before " + s.now.Add(time.Minute).In(s.shop.Zone).Format("15:04:05")
	for range 2 { // the second is not asked at all
		if result, _ := s.visit(false); !strings.Contains(result.Words, want) {
			t.Errorf("%q, want %q", result.Words, want)
		}
	}
}
