package config_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/notify"
	"nudged/store/order"
)

// desk is what the dispatcher needs of the rest: one order of one buyer, who never
// pays.
type desk struct {
	order     order.Order
	now       time.Time
	reminders map[order.ReminderKey]order.Reminder
	sent      map[string]int // by step
}

func (d *desk) DueOf(_ context.Context, _ string, campaigns bool, now time.Time, _ int) ([]order.Reminder, error) {
	var out []order.Reminder
	for _, r := range d.reminders {
		if _, campaign := r.Key.Campaign(); campaign == campaigns && !r.State.Final() && !r.Due.After(now) {
			out = append(out, r)
		}
	}
	for i := range out { // earliest first
		for k := i + 1; k < len(out); k++ {
			if out[k].Due.Before(out[i].Due) || out[k].Due.Equal(out[i].Due) && out[k].Key.String() < out[i].Key.String() {
				out[i], out[k] = out[k], out[i]
			}
		}
	}
	return out, nil
}

func (d *desk) Plan(_ context.Context, rs []order.Reminder) error {
	for _, r := range rs {
		if old, ok := d.reminders[r.Key]; !ok || !old.State.Final() {
			d.reminders[r.Key] = r
		}
	}
	return nil
}

func (d *desk) Begin(_ context.Context, key order.ReminderKey, message string, at time.Time, limit order.Limit) error {
	var out []time.Time
	for _, r := range d.reminders {
		if r.State.Out() && r.Changed.Add(limit.Per).After(at) {
			out = append(out, r.Changed)
		}
	}
	if limit.Count > 0 && len(out) >= limit.Count {
		first := out[0]
		for _, t := range out {
			if t.Before(first) {
				first = t
			}
		}
		return &order.LimitError{Until: first.Add(limit.Per)}
	}
	r := d.reminders[key]
	r.State, r.Changed = order.Sending, at
	d.reminders[key] = r
	return nil
}

func (d *desk) Settle(_ context.Context, r order.Reminder, _ order.Event) error {
	d.reminders[r.Key] = r
	if r.State == order.Sent {
		d.sent[r.Key.Step]++
	}
	return nil
}

func (d *desk) Order(order.Key) (order.Order, bool, error) { return d.order, true, nil }

func (d *desk) Reminders(order.Key) ([]order.Reminder, error) {
	var out []order.Reminder
	for _, r := range d.reminders {
		out = append(out, r)
	}
	return out, nil
}

func (d *desk) Suppressed(order.Buyer) (bool, string, error) { return false, "", nil }

func (d *desk) Enabled(string) (time.Time, bool, error) { return d.order.Created, true, nil }

func (d *desk) Look(context.Context, string, string) (order.Order, error) {
	o := d.order
	o.Looked, o.Seen = d.now, d.now
	return o, nil
}

func (d *desk) Send(context.Context, notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, nil
}

// live runs one order through the real dispatcher, from the visit that sees it.
func (d *desk) live(t *testing.T, s notify.Settings, dispatcher *notify.Dispatcher, seen time.Time) {
	t.Helper()
	d.now, d.reminders = seen, map[order.ReminderKey]order.Reminder{}
	if err := d.Plan(t.Context(), notify.Plan(s, d.order, notify.Person{}, d.order.Created, seen)); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if _, err := dispatcher.Flush(t.Context(), d.order.Shop, func() time.Time { return d.now }); err != nil {
			t.Fatal(err)
		}
		next := time.Time{}
		for _, r := range d.reminders {
			if due := r.Due; !r.State.Final() && (next.IsZero() || due.Before(next)) {
				next = due
			}
		}
		if next.IsZero() {
			return
		}
		if !next.After(d.now) {
			next = d.now.Add(time.Minute)
		}
		d.now = next
	}
	t.Fatal("the reminders of an order come to no end")
}

// someShop draws a config of one shop and a few steps.
func someShop(rng *rand.Rand) string {
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	var b strings.Builder
	b.WriteString(shopOf(pick("5m", "15m", "1h", "3h", `"*/20 9-18 * * *"`, `"0 8,20 * * *"`, `"30 22 * * *"`), pick("30m", "2h", "6h", "13h", "1d", "2d", "7d"), ""))
	b.WriteString("reminders:\n  mode: live\n  steps:\n")
	for i := range 1 + rng.IntN(3) {
		when := pick("after: ", "before_close: ") + pick("10m", "25m", "1h", "90m", "3h", "5h", "10h", "20h", "40h")
		late := pick("", "", ", max_lateness: 30m", ", max_lateness: 1d")
		fmt.Fprintf(&b, "    - {step: s%d, %s, by: [email], template: gentle%s}\n", i, when, late)
	}
	if from := pick("", "21", "18", "23"); from != "" {
		fmt.Fprintf(&b, "quiet: {from: \"%s:00\", to: \"%s:00\"}\n", from, pick("09", "11", "07"))
	}
	fmt.Fprintf(&b, "limits: {per_person: %s, min_gap: %s}\n", pick("1 per 24h", "2 per 24h", "9 per 24h", "1 per 7d"), pick("30m", "2h", "6h"))
	return b.String()
}

var stepSaid = regexp.MustCompile(`reminders\.steps\[(\d)\]\.(after|before_close): at .*(can never|always stops|is not there yet)`)

// What is said to go out never does not go out by the real dispatcher, either,
// for orders of any hour; and nearly all of what never goes out is said.
func TestWhatIsSaidOfStepsIsTrue(t *testing.T) {
	const seeds = 12 // 150 have been tried
	silent, never := 0, 0
	for seed := range uint64(seeds) {
		src := someShop(rand.New(rand.NewPCG(seed, 2)))
		cfg, err := config.Parse("config.yaml", []byte(src), options(t))
		said := map[int]string{}
		for line := range strings.Lines(fmt.Sprint(err) + "\n" + cfg.Warnings.Error()) {
			if m := stepSaid.FindStringSubmatch(line); m != nil {
				n, _ := strconv.Atoi(m[1])
				said[n] = line
			}
		}
		sent := liveWeek(t, cfg)
		for i, st := range cfg.Reminders.Steps {
			switch n := sent[st.Name]; {
			case said[i] != "" && n > 0:
				t.Errorf("seed %d: step %d went out %d times, and it was said\n%s\n%s", seed, i, n, said[i], src)
			case n == 0:
				never++
				if said[i] == "" {
					silent++
					t.Logf("seed %d: step %d never went out, and nothing was said\n%v\n%v\n%s", seed, i, err, cfg.Warnings, src)
				}
			}
		}
	}
	t.Logf("%d steps never went out; of %d nothing was said", never, silent)
	if never < 5 || silent*5 > never {
		t.Errorf("%d steps never went out; of %d nothing was said", never, silent)
	}
}

// liveWeek runs orders of four days through the real dispatcher and counts what
// went out, by step.
func liveWeek(t *testing.T, cfg *config.Config) map[string]int {
	t.Helper()
	texts, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	shop, s := cfg.Shops[0], cfg.Settings()
	d := &desk{sent: map[string]int{}}
	dispatcher, err := notify.New(notify.Options{Settings: s, Outbox: d, Looker: d, Register: d, Texts: texts, Senders: map[order.Channel]notify.Sender{order.ByEmail: d}})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 3, 0, 0, 0, 0, shop.Zone)
	for made := start; made.Before(start.Add(96 * time.Hour)); made = made.Add(83 * time.Minute) {
		seen := shop.Visit.Next(made)
		for _, at := range []time.Time{made, seen.Add(-time.Minute)} { // at any time, and just before a visit
			d.order = notify.SampleOrder(s.Shops[shop.Name])
			d.order.Shop, d.order.Created, d.order.Closes = shop.Name, at, at.Add(shop.AutoClose)
			if seen.Before(d.order.Closes) {
				d.live(t, s, dispatcher, seen)
			}
		}
	}
	return d.sent
}
