package notify

import (
	"fmt"
	"time"

	"nudged/store/order"
)

// StepProblem is a step of the config that can never reach a buyer.
type StepProblem struct {
	Step int // index in Settings.Steps
	Text string
}

// Rehearse plans orders placed at every ten minutes of a day and reports each
// step that never goes out: the shop closes orders too soon, or before a visit
// can see them, or quiet hours leave no time; and each step that mostly falls
// together with the next one. autoClose is when the shop closes unpaid orders (0: not known), every
// the longest time between two visits (0: not known).
func Rehearse(s Settings, shop string, autoClose, every time.Duration) []StepProblem {
	const slots = 24 * 6
	fires := make([]int, len(s.Steps))
	replaced := make([]int, len(s.Steps))
	why := make([]string, len(s.Steps))
	// An ordinary day without a change of clocks, well before any shop was enabled.
	day := time.Date(2025, time.January, 15, 0, 0, 0, 0, s.Shops[shop].zone())
	for i := range slots {
		o := order.Order{Shop: shop, ID: "1", Status: order.Unpaid, Created: day.Add(time.Duration(i) * 10 * time.Minute)}
		if autoClose > 0 {
			o.Closes = o.Created.Add(autoClose)
		}
		for _, r := range Plan(s, o, o.Created, o.Created) {
			n := s.index(r.Key.Step)
			switch {
			case n < 0:
			case r.State == order.Skipped:
				why[n] = r.Reason
				if r.Cause == order.CauseTogether {
					replaced[n]++
				}
			case unseen(r, o, every):
				why[n] = fmt.Sprintf("visits are up to %s apart and the shop closes orders after %s: it is closed before it is seen", short(every), short(autoClose))
			default:
				fires[n]++
			}
		}
	}
	var out []StepProblem
	for n, st := range s.Steps {
		switch {
		case fires[n] == 0 && why[n] != "":
			out = append(out, StepProblem{n, fmt.Sprintf("step %q can never go out: %s", st.Name, why[n])})
		case replaced[n] > slots/2:
			out = append(out, StepProblem{n, fmt.Sprintf("step %q hardly ever goes out: another step follows within %s and takes its place", st.Name, short(s.minGap()))})
		}
	}
	return out
}

// unseen reports whether the order may well be closed before a visit sees it.
func unseen(r order.Reminder, o order.Order, every time.Duration) bool {
	return !o.Closes.IsZero() && every > 0 && !o.Created.Add(every).Before(o.Closes)
}

func (s Settings) index(step string) int {
	for i, st := range s.Steps {
		if st.Name == step {
			return i
		}
	}
	return -1
}
