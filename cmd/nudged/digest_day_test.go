package main

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nudged/cmd/nudged/config"
)

// digestTail is the config of an app whose digest falls due at spec in zone.
func digestTail(spec, zone string) string {
	return strings.NewReplacer("after: 1h", "after: 24h", `digest: {at: "0 21 * * *"`, fmt.Sprintf("digest: {at: %q, zone: %s", spec, zone)).Replace(tail)
}

// window is the time that a digest tells.
type window struct{ from, to time.Time }

// onDigests runs do in an app that visits nothing: what falls due is asked by hand.
func onDigests(t *testing.T, spec, zone string, do func(b *bench)) {
	t.Helper()
	dir := t.TempDir()
	b := newBench(t, dir, testConfig(t, dir, "pw", digestTail(spec, zone), "a"), newFakeShops(t), &fakeMail{})
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	do(b)
}

// dueDay asks at a moment, as the daemon does every few minutes, and notes that what
// is due was told.
func (b *bench) dueDay(now time.Time) (window, bool) {
	b.t.Helper()
	from, to, due, err := b.digestDay(now)
	if err != nil {
		b.t.Fatal(err)
	}
	if !due {
		return window{}, false
	}
	b.toldUntil(to)
	return window{from, to}, true
}

func (b *bench) toldUntil(until time.Time) {
	b.t.Helper()
	if err := b.db.Mark(b.t.Context(), markDigest, until); err != nil {
		b.t.Fatal(err)
	}
}

// asked goes through the days from..to as the daemon does, every ten minutes.
func (b *bench) asked(from, to time.Time) (out []window) {
	b.t.Helper()
	b.toldUntil(from)
	for now := from; !now.After(to); now = now.Add(digestCheck) {
		if w, ok := b.dueDay(now); ok {
			out = append(out, w)
		}
	}
	return out
}

// A day of 23 hours and one of 25 have one digest each, whatever its hour, and no
// minute is told twice or never. In 2026 clocks change in New York on 8 March and
// 1 November at 02:00, in Berlin on 29 March at 02:00 and 25 October at 03:00, on
// Lord Howe by half an hour on 5 April and 4 October, in Cairo at midnight of 24
// April and 30 October, so that 00:00 of one day is not there.
func TestDaysOf23And25HoursHaveOneDigestEach(t *testing.T) {
	t.Parallel()
	onDigests(t, "0 21 * * *", "UTC", func(b *bench) {
		for _, c := range []struct{ zone, spring, autumn string }{
			{"America/New_York", "2026-03-08", "2026-11-01"},
			{"Europe/Berlin", "2026-03-29", "2026-10-25"},
			{"Australia/Lord_Howe", "2026-10-04", "2026-04-05"},
			{"Africa/Cairo", "2026-04-24", "2026-10-30"},
		} {
			for _, spec := range []string{"0 21 * * *", "0 0 * * *", "30 1 * * *", "15 2 * * *", "30 2 * * *", "0 3 * * *", "50 23 * * *"} {
				for what, day := range map[string]string{"spring": c.spring, "autumn": c.autumn} {
					hour := schedule(t, spec, c.zone)
					at, ok := hour.ticks.(config.Schedule)
					if !ok {
						t.Fatalf("%T", hour.ticks)
					}
					b.cfg.Digest.At, b.cfg.Digest.Zone = at, hour.zone
					t.Run(c.zone+"/"+spec+"/"+what, func(t *testing.T) { oneADay(t, b, when(t, day+" 12:00", c.zone), what) })
				}
			}
		}
	})
}

// oneADay goes through the five days around noon of the day on which clocks change.
func oneADay(t *testing.T, b *bench, noon time.Time, what string) {
	t.Helper()
	const days = 5
	first := noon.AddDate(0, 0, -2).Add(-12 * time.Hour)
	hour := b.cfg.Digest.At.Next(first.In(b.cfg.Digest.Zone)) // it starts when one was told
	got := b.asked(hour, hour.AddDate(0, 0, days).Add(9*time.Minute))
	if len(got) != days {
		t.Fatalf("%d digests in %d days: %v", len(got), days, got)
	}
	told, longest, shortest := hour, time.Duration(0), 100*time.Hour
	seen := map[string]bool{hour.Format(time.DateOnly): true}
	for _, w := range got {
		if !w.from.Equal(told) {
			t.Errorf("a digest tells from %s on, the one before ended at %s", w.from, told)
		}
		day := w.to.In(b.cfg.Digest.Zone).Format(time.DateOnly)
		if seen[day] {
			t.Errorf("two digests on %s", day)
		}
		seen[day], told = true, w.to
		longest, shortest = max(longest, w.to.Sub(w.from)), min(shortest, w.to.Sub(w.from))
	}
	if what == "spring" && shortest >= 24*time.Hour || what == "autumn" && longest <= 24*time.Hour {
		t.Errorf("the days were %s to %s long: no clock has changed", shortest, longest)
	}
	if longest > 26*time.Hour || shortest < 22*time.Hour {
		t.Errorf("the days were %s to %s long", shortest, longest)
	}
}

// Whenever the machine wakes up, what it slept through is one digest, up to the last
// hour of a digest, and the next one goes on from there.
func TestOneDigestForWhatWasSleptThrough(t *testing.T) {
	t.Parallel()
	const zone = "America/New_York"
	for name, c := range map[string]struct{ told, wakes, to string }{
		"three nights":                        {"2026-05-01 21:00", "2026-05-04 21:20", "2026-05-04 21:00"},
		"before the hour of a day":            {"2026-05-01 21:00", "2026-05-05 09:00", "2026-05-04 21:00"},
		"over the day of 23 hours":            {"2026-03-06 21:00", "2026-03-09 20:59", "2026-03-08 21:00"},
		"over the day of 25 hours":            {"2026-10-30 21:00", "2026-11-02 20:59", "2026-11-01 21:00"},
		"a minute after the hour":             {"2026-05-01 21:00", "2026-05-02 21:01", "2026-05-02 21:00"},
		"two months, longer than it asks for": {"2026-05-01 21:00", "2026-07-03 09:00", "2026-07-02 21:00"},
	} {
		t.Run(name, func(t *testing.T) {
			onDigests(t, "0 21 * * *", zone, func(b *bench) {
				b.toldUntil(when(t, c.told, zone))
				wakes := when(t, c.wakes, zone)
				w, ok := b.dueDay(wakes)
				if want := (window{when(t, c.told, zone), when(t, c.to, zone)}); !ok || !w.from.Equal(want.from) || !w.to.Equal(want.to) {
					t.Errorf("told %v, want %v", w, want)
				}
				if w, again := b.dueDay(wakes.Add(time.Second)); again {
					t.Errorf("and once more %v", w)
				}
				after := b.cfg.Digest.At.Next(w.to.In(b.cfg.Digest.Zone))
				if next, ok := b.dueDay(after); !ok || !next.from.Equal(w.to) || !next.to.Equal(after) {
					t.Errorf("then %v, want from %s to %s", next, w.to, after)
				}
			})
		})
	}
}

// A mark from a clock that was wrong must not keep the digests back until then;
// one of a few seconds ahead, since the clock was put right, is told already.
func TestAClockThatWasWrong(t *testing.T) {
	t.Parallel()
	const zone = "Asia/Shanghai"
	onDigests(t, "0 21 * * *", zone, func(b *bench) {
		now := when(t, "2026-05-02 20:59", zone)
		b.toldUntil(now.AddDate(4, 0, 0))
		w, ok := b.dueDay(now)
		if to := when(t, "2026-05-01 21:00", zone); !ok || !w.to.Equal(to) || w.to.Sub(w.from) > 24*time.Hour {
			t.Errorf("told %v, want up to %s", w, to)
		}
		b.toldUntil(now.Add(time.Minute))
		if w, ok := b.dueDay(now); ok {
			t.Errorf("told again: %v", w)
		}
	})
}

// The daemon itself, on a clock that changes while it runs: the bubble begins on 1
// January 2000, and in New York clocks changed on 2 April and 29 October.
func TestTheDaemonOverTheChangeOfClocks(t *testing.T) {
	t.Parallel()
	const zone = "America/New_York"
	for _, c := range []struct{ name, spec, start string }{
		{"the hour that is not there", "30 2 * * *", "2000-04-01 12:00"},
		{"the hour that comes twice", "30 1 * * *", "2000-10-28 12:00"},
		{"an evening of 25 hours", "0 21 * * *", "2000-10-28 12:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(when(t, c.start, zone)))
				onDigests(t, c.spec, zone, func(b *bench) {
					b.cfg.Shops[0].Visit, _ = schedule(t, "0 */6 * * *", zone).ticks.(config.Schedule)
					if err := b.serveFor(72*time.Hour, nil); err != nil {
						t.Fatal(err)
					}
					got := b.mail.to(seller)
					if len(got) != 3 {
						t.Fatalf("the seller got %q in three days", got)
					}
					for i, subject := range got {
						if !strings.Contains(subject, fmt.Sprintf("#%d", i+1)) {
							t.Errorf("digest %d is %q", i+1, subject)
						}
					}
				})
			})
		})
	}
}
