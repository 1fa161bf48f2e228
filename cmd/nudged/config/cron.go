package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// minInterval is what we warn below: a visit more often than this is felt by the shop.
const minInterval = time.Minute

// ParseSchedule reads a cron expression of five fields, a descriptor such as
// @hourly, or a plain interval such as 15m. The guards are for robfig/cron
// v3.0.1, which panics on "TZ=0", accepts days that never come and turns
// "@every 10ms" into a second.
func ParseSchedule(spec string) (s Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s cannot be read as a schedule", quote(spec))
		}
	}()
	spec = strings.TrimSpace(spec)
	if spec == "" {
		return Schedule{}, errors.New(`it is empty; write for example "*/10 8-23 * * *" or 15m`)
	}
	if strings.Contains(strings.ToUpper(spec), "TZ=") {
		return Schedule{}, fmt.Errorf("%s names a time zone; leave it out and use the key zone", quote(spec))
	}
	if every, ok := strings.CutPrefix(spec, "@every "); ok {
		return interval(spec, every)
	}
	if at := timeOfDay.FindStringSubmatch(spec); at != nil {
		return Schedule{}, fmt.Errorf("%s is no schedule; for every day at that time write \"%s %s * * *\"", quote(spec), plain(at[2]), plain(at[1]))
	}
	if len(strings.Fields(spec)) == 1 && !strings.HasPrefix(spec, "@") {
		return interval(spec, spec)
	}
	return cronSpec(spec)
}

func interval(spec, text string) (Schedule, error) {
	d, err := ParseDuration(text)
	if err != nil {
		return Schedule{}, err
	}
	if d < time.Second {
		return Schedule{}, fmt.Errorf("%s is shorter than a second; write for example 15m", quote(spec))
	}
	// Intervals stand on the clock (":00, :15, …"), so that a restart does not
	// move them and a missed one can be told.
	return Schedule{Spec: spec, next: func(t time.Time) time.Time {
		return t.Truncate(d).Add(d)
	}}, nil
}

func cronSpec(spec string) (Schedule, error) {
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	// Sunday is 0 here; 7 is what other crons take as well.
	parsed, err := parser.Parse(spec)
	if err != nil {
		return Schedule{}, fmt.Errorf("%s is not a cron expression: %s; write minute, hour, day, month and weekday, for example \"*/10 8-23 * * *\"",
			quote(spec), cronTrouble(spec, err.Error()))
	}
	s, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return Schedule{}, fmt.Errorf("%s is not a cron expression", quote(spec))
	}
	// Local means to the library: the zone of the time that is asked about.
	s.Location = time.Local
	sched := Schedule{Spec: spec, next: func(t time.Time) time.Time { return nextIn(s, t) }}
	if sched.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Schedule{}, fmt.Errorf("%s never comes: no month has such a day", quote(spec))
	}
	return sched, nil
}

var (
	noNumber  = regexp.MustCompile(`^failed to parse int from (\S+):`)
	tooHigh   = regexp.MustCompile(`^end of range \(\d+\) above maximum \((\d+)\): (\S+)`)
	timeOfDay = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)
)

// cronTrouble says in plain words what the cron library found.
func cronTrouble(spec, said string) string {
	if n := len(strings.Fields(spec)); n != 5 {
		return fmt.Sprintf("it has %d parts, not 5", n)
	}
	if m := noNumber.FindStringSubmatch(said); m != nil {
		return m[1] + " is no number"
	}
	m := tooHigh.FindStringSubmatch(said)
	switch {
	case m == nil:
		return strings.TrimSpace(said)
	case m[1] == "6":
		return m[2] + " goes above 6, and Sunday is 0"
	}
	return m[2] + " goes above " + m[1]
}

// plain drops a leading zero.
func plain(digits string) string {
	if len(digits) > 1 {
		return strings.TrimPrefix(digits, "0")
	}
	return digits
}

// nextIn is the next time on the clock of t's zone. The cron library skips a
// time that daylight saving jumps over; here it happens once, at the moment
// the clock jumps. A time that comes twice in autumn is given once.
//
// An expression for every hour follows real time instead: "*/10 * * * *" goes
// on through the hour that comes twice.
func nextIn(s *cron.SpecSchedule, t time.Time) time.Time {
	const everyHour = 1<<24 - 1
	if s.Hour&everyHour == everyHour {
		return s.Next(t)
	}
	zone := t.Location()
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	atWall := *s
	atWall.Location = time.UTC
	for range 100 {
		wall = atWall.Next(wall)
		if wall.IsZero() {
			return time.Time{}
		}
		// time.Date moves a time in the gap forward by the gap.
		if at := onClock(wall, zone); at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// onClock finds the first instant at which a clock in the zone shows the wall
// time, or, where it jumps over it, the instant of the jump.
func onClock(wall time.Time, zone *time.Location) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	shown := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	start, end := at.ZoneBounds()
	switch {
	case shown.Equal(wall):
		return at
	case shown.Before(wall):
		return end // the clock jumps after at
	}
	return start
}

// schedule reads a value as a schedule.
func (v value) schedule() (Schedule, bool) {
	s, ok := v.text()
	if !ok {
		return Schedule{}, false
	}
	sched, err := ParseSchedule(s)
	if err != nil {
		v.problem("%s", err)
		return Schedule{}, false
	}
	return sched, true
}
