package main

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nudged/cmd/nudged/config"
)

func schedule(t *testing.T, spec, zone string) zoned {
	t.Helper()
	s, err := config.ParseSchedule(spec)
	if err != nil {
		t.Fatal(err)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return zoned{s, loc}
}

func when(t *testing.T, s, zone string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// In New York clocks went from 02:00 to 03:00 on 8 March 2026 and from 02:00
// back to 01:00 on 1 November 2026.
func TestClockChanges(t *testing.T) {
	const zone = "America/New_York"
	for _, c := range []struct {
		name, spec, from, until string
		want                    []string // in UTC
	}{
		{"the skipped hour runs once", "30 2 * * *", "2026-03-07 12:00", "2026-03-09 12:00", []string{"03-08 07:00", "03-09 06:30"}},
		{"an hour that is there runs as ever", "30 3 * * *", "2026-03-07 12:00", "2026-03-09 12:00", []string{"03-08 07:30", "03-09 07:30"}},
		{"the doubled hour runs once", "30 1 * * *", "2026-10-31 12:00", "2026-11-02 12:00", []string{"11-01 05:30", "11-02 06:30"}},
		{"every half hour goes on through the doubled hour", "*/30 * * * *", "2026-11-01 00:45", "2026-11-01 02:15",
			[]string{"11-01 05:00", "11-01 05:30", "11-01 06:00", "11-01 06:30", "11-01 07:00"}},
		{"an interval does not know clocks", "12h", "2026-10-31 12:00", "2026-11-02 00:00", []string{"11-01 00:00", "11-01 12:00", "11-02 00:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := schedule(t, c.spec, zone)
			var got []string
			for at := s.Next(when(t, c.from, zone)); !at.After(when(t, c.until, zone)); at = s.Next(at) {
				got = append(got, at.UTC().Format("01-02 15:04"))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestADayOfEveryZoneHasTheDigestOnce(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "Europe/Berlin", "Asia/Shanghai", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"} {
		for _, spec := range []string{"0 0 * * *", "30 1 * * *", "30 2 * * *", "15 2 * * *", "0 21 * * *"} {
			s := schedule(t, spec, zone)
			at, days := s.Next(when(t, "2012-06-01 00:00", zone)), 0
			var before time.Time
			for at.Before(when(t, "2014-06-01 00:00", zone)) {
				if gap := at.Sub(before); days > 0 && (gap < 22*time.Hour || gap > 26*time.Hour) {
					t.Fatalf("%s in %s: %s follows %s", spec, zone, at, before)
				}
				before, days = at, days+1
				at = s.Next(at)
			}
			if want := 730; days < want-2 || days > want {
				t.Errorf("%s in %s: %d days, want about %d", spec, zone, days, want)
			}
		}
	}
}

func TestMissed(t *testing.T) {
	s := schedule(t, "0 21 * * *", "Asia/Shanghai")
	last := when(t, "2026-05-01 21:00", "Asia/Shanghai")
	for _, c := range []struct {
		now    string
		missed bool
		latest string
	}{
		{"2026-05-01 21:00", false, ""},
		{"2026-05-02 20:59", false, ""},
		{"2026-05-02 21:00", true, "2026-05-02 21:00"},
		{"2026-05-06 09:00", true, "2026-05-05 21:00"}, // five days down: one digest, up to the last hour
	} {
		now := when(t, c.now, "Asia/Shanghai")
		if got := missed(s, last, now); got != c.missed {
			t.Errorf("%s: missed %v", c.now, got)
		}
		got := latest(s, last, now)
		if c.latest == "" && !got.IsZero() || c.latest != "" && !got.Equal(when(t, c.latest, "Asia/Shanghai")) {
			t.Errorf("%s: latest %s, want %s", c.now, got, c.latest)
		}
	}
}

func TestAJobThatPanicsRunsAgainAndOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := newRunner(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
		var bad, good atomic.Int32
		every := schedule(t, "10m", "UTC")
		r.add("visit bad", every, false, func(context.Context) { bad.Add(1); panic("ouch") })
		r.add("visit good", every, false, func(context.Context) { good.Add(1) })
		r.start()
		time.Sleep(65 * time.Minute)
		synctest.Wait()
		if bad.Load() < 6 || bad.Load() != good.Load() {
			t.Errorf("the panicking job ran %d times, the other %d; want 6 or 7 each", bad.Load(), good.Load())
		}
		if !r.stop(time.Second) {
			t.Error("stop did not end")
		}
		if !strings.Contains(log.String(), `job="visit bad"`) {
			t.Errorf("the panic is not in the log: %s", log.String())
		}
	})
}

func TestAJobIsNotStartedTwiceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t.Context(), slog.New(slog.DiscardHandler))
		var running, most, runs atomic.Int32
		r.add("slow", schedule(t, "1m", "UTC"), true, func(ctx context.Context) {
			runs.Add(1)
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			select {
			case <-time.After(150 * time.Second):
			case <-ctx.Done():
			}
		})
		r.start()
		time.Sleep(20 * time.Minute)
		r.stop(time.Second)
		if most.Load() != 1 || runs.Load() < 6 {
			t.Errorf("%d at a time, %d runs", most.Load(), runs.Load())
		}
	})
}

func TestStopEndsJobsAndHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t.Context(), slog.New(slog.DiscardHandler))
		ended := false
		r.add("polite", schedule(t, "1m", "UTC"), true, func(ctx context.Context) { <-ctx.Done(); ended = true })
		r.start()
		time.Sleep(time.Second)
		if begin := time.Now(); !r.stop(20*time.Second) || !ended || time.Since(begin) > time.Second {
			t.Errorf("ended %v after %s", ended, time.Since(begin))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t.Context(), slog.New(slog.DiscardHandler))
		r.add("deaf", schedule(t, "1m", "UTC"), true, func(context.Context) { time.Sleep(time.Hour) })
		r.start()
		time.Sleep(time.Second)
		begin := time.Now()
		if r.stop(20 * time.Second) {
			t.Error("a job that does not end was not noticed")
		}
		if took := time.Since(begin); took != 20*time.Second {
			t.Errorf("stop took %s", took)
		}
		time.Sleep(2 * time.Hour) // let the bubble drain
	})
}

func TestADayOfVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t.Context(), slog.New(slog.DiscardHandler))
		var visits, digests atomic.Int32
		r.add("visit", schedule(t, "*/10 8-23 * * *", "Asia/Shanghai"), false, func(context.Context) { visits.Add(1) })
		r.add("digest", schedule(t, "0 21 * * *", "Asia/Shanghai"), false, func(context.Context) { digests.Add(1) })
		r.start()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		r.stop(time.Second)
		if visits.Load() != 96 || digests.Load() != 1 {
			t.Errorf("%d visits and %d digests", visits.Load(), digests.Load())
		}
	})
}
