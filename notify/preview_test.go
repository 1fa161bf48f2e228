package notify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

func TestPreviewShowsTheSeller(t *testing.T) {
	w := many(12)
	w.s.Mode = ""
	left := 10
	w.o.PreviewsLeft = func(context.Context, time.Time) (int, error) { return left, nil }
	w.post.answer = func(m notify.Message) error {
		left--
		if m.To != "boss@buckles.example" {
			t.Errorf("in preview mode a message went to %s", m.To.Reveal())
		}
		return nil
	}
	if got := w.flush(t.Context(), t); got != (notify.Tally{Looks: 12, Shown: 12}) {
		t.Errorf("tally %+v", got)
	}
	if len(w.post.taken) != 10 {
		t.Errorf("%d previews were mailed, want 10", len(w.post.taken))
	}
	mailed := 0
	for _, e := range w.m.ledger {
		if e.Provider != "" {
			mailed++
		}
	}
	if mailed != 10 || len(w.m.ledger) != 12 {
		t.Errorf("the ledger has %d lines, %d with a provider", len(w.m.ledger), mailed)
	}
	for key, id := range w.m.begun {
		if id != "" {
			t.Errorf("%s: what comes back of a preview would be taken for the buyer's", key)
		}
	}
	w.s.Mode = notify.Live
	if got := w.flush(t.Context(), t); got != (notify.Tally{}) {
		t.Errorf("going live sends what was shown: %+v", got)
	}
}

// Previews are no reason to try twice or to hold anything.
func TestPreviewThatFails(t *testing.T) {
	for _, kind := range []notify.Kind{notify.Temporary, notify.Permanent, notify.Unknown} {
		w := dueFirst()
		w.s.Mode = notify.Preview
		w.o.PreviewsLeft = func(context.Context, time.Time) (int, error) { return 10, nil }
		w.post.answer = func(notify.Message) error { return &notify.SendError{Kind: kind, Err: errors.New("no")} }
		w.flush(t.Context(), t)
		if r := w.state("first"); r.State != order.Shown || !strings.Contains(r.Reason, "digest") {
			t.Errorf("%s: it is %s (%s)", kind, r.State, r.Reason)
		}
	}
}
