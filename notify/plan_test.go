package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

var enabled = noon.AddDate(0, 0, -30)

// planned writes a plan as lines "step 21 15:04" or "step skipped: cause".
func planned(rs []order.Reminder) []string {
	var out []string
	for _, r := range rs {
		if r.State == order.Planned {
			out = append(out, r.Key.Step+" "+r.Planned.In(shanghai).Format("02 15:04"))
		} else {
			out = append(out, fmt.Sprintf("%s %s: %s", r.Key.Step, r.State, r.Cause))
		}
	}
	return out
}

// firstRead makes an order of a shop that shows the day of an order only.
func firstRead(at time.Time) func(*notify.Settings, *order.Order) {
	return func(_ *notify.Settings, o *order.Order) { o.DayOnly, o.First = true, at }
}

func TestPlan(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, shanghai) }
	for name, c := range map[string]struct {
		created, closes time.Time
		change          func(*notify.Settings, *order.Order)
		enabled         time.Time
		want            string
	}{
		"all in the day":                       {created: at(21, 12, 0), closes: at(23, 12, 0), want: "first 21 13:00, second 22 09:00, last 23 09:00"},
		"no close, no step before it":          {created: at(21, 12, 0), want: "first 21 13:00, second 22 09:00"},
		"quiet moves later":                    {created: at(21, 20, 30), want: "first 22 09:00, second 22 09:00"},
		"quiet moves earlier before the close": {created: at(21, 15, 0), closes: at(22, 8, 0), want: "first 21 16:00, second 21 20:30, last 21 20:30"},
		"came and closes in the night":         {created: at(21, 22, 0), closes: at(22, 5, 0), want: "first 21 23:00, second 22 10:00, last 22 02:00"},
		"too short for the steps":              {created: at(21, 12, 0), closes: at(21, 12, 30), want: "first 21 13:00, second 22 00:00, last 21 09:30"},
		"the later of two stays":               {created: at(21, 12, 0), closes: at(21, 16, 30), want: "first 21 13:00, second 22 00:00, last 21 13:30"},
		"gap of none":                          {created: at(21, 12, 0), closes: at(21, 16, 30), change: func(s *notify.Settings, _ *order.Order) { s.MinGap = -1 }, want: "first 21 13:00, second 22 00:00, last 21 13:30"},
		"older than the shop's first visit":    {created: at(21, 12, 0), closes: at(23, 12, 0), enabled: at(21, 12, 1), want: "first skipped: before enabled, second skipped: before enabled, last skipped: before enabled"},
		"never enabled":                        {created: at(21, 12, 0), change: func(_ *notify.Settings, o *order.Order) { o.Status = order.Unpaid }, enabled: time.Unix(0, 0), want: "first 21 13:00, second 22 09:00"},
		"paid":                                 {created: at(21, 12, 0), change: func(_ *notify.Settings, o *order.Order) { o.Status = order.Paid }},
		"closed":                               {created: at(21, 12, 0), change: func(_ *notify.Settings, o *order.Order) { o.Status = order.ClosedUnpaid }},
		"unknown":                              {created: at(21, 12, 0), change: func(_ *notify.Settings, o *order.Order) { o.Status = order.Unknown }},
		"no date":                              {},
		"another shop":                         {created: at(21, 12, 0), change: func(_ *notify.Settings, o *order.Order) { o.Shop = "x" }},
		"nothing to pay":                       {created: at(21, 12, 0), change: func(_ *notify.Settings, o *order.Order) { o.Total.Minor = 0 }, want: "first 21 13:00, second 22 00:00"},
		"quiet all day":                        {created: at(21, 12, 0), change: func(s *notify.Settings, _ *order.Order) { s.Quiet = notify.Quiet{From: 0, To: 24 * 60} }, want: "first 21 13:00, second 22 00:00"},
		"a day without a time, seen in the first visit": {created: at(21, 0, 0), enabled: at(21, 12, 0), change: firstRead(at(21, 12, 0)), want: "first skipped: before enabled, second skipped: before enabled"},
		"a day without a time, seen later":              {created: at(21, 0, 0), enabled: at(21, 12, 0), change: firstRead(at(21, 12, 30)), want: "first 21 13:30, second 22 09:00"},
		"a day without a time, seen days later":         {created: at(21, 0, 0), change: firstRead(at(23, 12, 0)), want: "first 22 09:00, second 22 12:00"},
		"no quiet hours":                                {created: at(21, 20, 30), change: func(s *notify.Settings, _ *order.Order) { s.Quiet = notify.Quiet{} }, want: "first 21 21:30, second 22 08:30"},
	} {
		t.Run(name, func(t *testing.T) {
			s, o := settings(), anOrder()
			o.Created, o.Closes = c.created, c.closes
			since := enabled
			if !c.enabled.IsZero() {
				since = c.enabled
			}
			if c.change != nil {
				c.change(&s, &o)
			}
			rs := notify.Plan(s, o, notify.Person{}, since, c.created)
			if got := strings.Join(planned(rs), ", "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			for _, r := range rs {
				if r.State == order.Planned && r.Due != r.Planned {
					t.Errorf("%s is due at another time than planned: %v %v", r.Key.Step, r.Planned, r.Due)
				}
				if r.State == order.Skipped && r.Reason == "" {
					t.Errorf("%s is skipped without a reason", r.Key.Step)
				}
			}
		})
	}
	if rs := notify.Plan(settings(), anOrder(), notify.Person{}, time.Time{}, noon); rs != nil {
		t.Errorf("a shop that was never enabled gets %v", planned(rs))
	}
}

func TestPlanChannel(t *testing.T) {
	s, o := settings(), anOrder()
	s.Steps = s.Steps[:1]
	s.Steps[0].By = []order.Channel{order.BySMS, order.ByEmail}
	if r := notify.Plan(s, o, notify.Person{}, enabled, noon)[0]; r.Key.Channel != order.ByEmail {
		t.Errorf("without a phone it goes by %s", r.Key.Channel)
	}
	o.Buyer.Phone = "+8613800138000"
	if r := notify.Plan(s, o, notify.Person{}, enabled, noon)[0]; r.Key.Channel != order.BySMS {
		t.Errorf("with a phone it goes by %s", r.Key.Channel)
	}
	o.Buyer = order.Buyer{Email: "a***@example.com"}
	if r := notify.Plan(s, o, notify.Person{}, enabled, noon)[0]; r.Key.Channel != order.BySMS {
		t.Errorf("with a masked address it goes by %s", r.Key.Channel)
	}
}

// Quiet hours are judged by the wall clock, also in nights of 23 and 25 hours.
func TestQuietOverClockChanges(t *testing.T) {
	berlin := mustZone("Europe/Berlin")
	for _, q := range []notify.Quiet{{From: 21 * 60, To: 9 * 60}, {From: 22 * 60, To: 2*60 + 30}, {From: 60, To: 2*60 + 15}, {From: 0, To: 3 * 60}} {
		for _, night := range []time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, berlin), time.Date(2026, 10, 24, 12, 0, 0, 0, berlin), time.Date(2026, 6, 1, 12, 0, 0, 0, berlin)} {
			for m := range 36 * 60 {
				at := night.Add(time.Duration(m) * time.Minute)
				end := q.End(at, berlin)
				switch {
				case q.In(end, berlin):
					t.Fatalf("%v: quiet ends at %v, which is quiet", at, end)
				case end.Before(at) || end.Sub(at) > 24*time.Hour:
					t.Fatalf("%v: quiet ends at %v", at, end)
				case !q.In(at, berlin) && !end.Equal(at):
					t.Fatalf("%v is not quiet and ends at %v", at, end)
				case q.Start(at, berlin).After(at):
					t.Fatalf("%v: quiet began later, at %v", at, q.Start(at, berlin))
				}
			}
		}
	}
}

func TestLaterStopsInQuietHours(t *testing.T) {
	q := notify.Quiet{From: 21 * 60, To: 9 * 60}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, shanghai) }
	for _, c := range []struct {
		from time.Time
		d    time.Duration
		want time.Time
	}{
		{at(21, 12, 0), 6 * time.Hour, at(21, 18, 0)},
		{at(21, 20, 0), time.Hour, at(21, 21, 0)},
		{at(21, 20, 0), 2 * time.Hour, at(22, 10, 0)},
		{at(21, 22, 0), time.Hour, at(22, 10, 0)},
		{at(21, 12, 0), 24 * time.Hour, at(23, 12, 0)},
	} {
		if got := q.Later(c.from, c.d, shanghai); !got.Equal(c.want) {
			t.Errorf("%s after %s is %s, want %s", c.d, c.from, got, c.want)
		}
	}
	for _, none := range []notify.Quiet{{}, {From: 540, To: 540}} {
		if got := none.Later(at(21, 22, 0), time.Hour, shanghai); !got.Equal(at(21, 23, 0)) {
			t.Errorf("without quiet hours: %s", got)
		}
	}
	(notify.Quiet{From: 0, To: 1440}).Later(at(21, 1, 0), time.Hour, shanghai) // must come to an end
}
