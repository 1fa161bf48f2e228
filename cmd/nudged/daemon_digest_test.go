package main

import (
	"context"
	"testing"
	"time"
)

// When the machine wakes up long after the digest's hour, the digest waits for the
// visits that were slept through: else it would tell what the shops looked like before.
func TestALateDigestWaitsForTheShops(t *testing.T) {
	for name, c := range map[string]struct {
		visit        time.Duration // of the slow shop, after the sleep
		until, after time.Duration // no digest until then, one after
	}{
		"until they are read":  {3 * time.Minute, 3 * time.Minute, 4 * time.Minute},
		"but not for ever":     {5 * time.Hour, 29 * time.Minute, 41 * time.Minute},
		"and not without need": {0, 0, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			onBench(t, []string{"a", "b"}, func(t *testing.T, b *bench, _ string) {
				if err := b.serveFor(20*time.Hour, nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Hour) // over the digest's hour
				b.shops.fail["b"] = func(ctx context.Context) error {
					select {
					case <-time.After(c.visit):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				err := b.serveFor(c.after+time.Minute, func() {
					time.Sleep(c.until)
					if got := b.mail.to(seller); c.until > 0 && len(got) != 0 {
						t.Errorf("%s after waking up the seller has %q", c.until, got)
					}
					time.Sleep(c.after - c.until)
					if got := b.mail.to(seller); len(got) != 1 {
						t.Errorf("%s after waking up the seller has %q", c.after, got)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}
