package notify

import (
	"log/slog"

	"nudged/store/order"
)

// Tally counts what a flush did.
type Tally struct {
	Looks, Sent, Shown, Held, Skipped, Failed, Parked, Unknown int

	// Stopped says why nothing more was looked at or sent; "" if the queue was
	// worked off.
	Stopped order.Cause
}

// LogValue leaves out what did not happen.
func (t Tally) LogValue() slog.Value {
	var as []slog.Attr
	for _, c := range []struct {
		name string
		n    int
	}{{"looks", t.Looks}, {"sent", t.Sent}, {"shown", t.Shown}, {"held", t.Held}, {"skipped", t.Skipped}, {"failed", t.Failed}, {"parked", t.Parked}, {"unknown", t.Unknown}} {
		if c.n > 0 {
			as = append(as, slog.Int(c.name, c.n))
		}
	}
	if t.Stopped != "" {
		as = append(as, slog.String("stopped", string(t.Stopped)))
	}
	return slog.GroupValue(as...)
}
