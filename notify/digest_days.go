package notify

import (
	"strconv"
	"strings"
	"time"

	"nudged/store/order"
)

// The picture of the days: at most as high as barHeight, where a single order is
// no tower, and no part that is there is so low that nobody sees it.
const (
	barHeight = 96
	barOrders = 5
	barLeast  = 3
	maxDays   = 14
)

// wholeDay is less than the shortest day: that on which the clocks go forward.
const wholeDay = 22 * time.Hour

// numbers compares the day with the one a week before and with the days shown;
// nil if there is nothing to compare with.
func (m digestMaker) numbers() *numbersView {
	all := m.f.Days[max(0, len(m.f.Days)-maxDays):]
	if len(all) < 2 && (len(all) == 0 || m.f.WeekAgo == nil) {
		return nil
	}
	told := all[len(all)-1]
	v := &numbersView{Today: m.day(told), Count: len(all), First: m.loc.day(all[0].Day.In(m.zone))}
	v.Today.SoFar = m.f.To.Sub(m.f.From) < wholeDay
	if m.f.WeekAgo != nil {
		ago := m.day(*m.f.WeekAgo)
		v.Ago = &ago
	}
	var sum []order.Money
	for _, d := range all {
		v.All.New, v.All.Paid, v.All.Recovered, v.All.Closed = v.All.New+d.New, v.All.Paid+d.Paid, v.All.Recovered+d.Recovered, v.All.Closed+d.Closed
		for _, money := range d.Sum {
			sum = addTo(sum, money)
		}
	}
	v.All.Sum = m.sums(sum)
	if v.All.Paid+v.All.Recovered+v.All.Closed > 0 && len(all) > 1 {
		v.Bars = m.bars(all)
	}
	if len(all) > 1 {
		v.Lines = []lineOfBlocks{
			{Kind: "new", Blocks: blocks(all, func(d DayCount) int { return d.New }), Count: v.All.New},
			{Kind: "recovered", Blocks: blocks(all, func(d DayCount) int { return d.Recovered }), Count: v.All.Recovered, Sum: v.All.Sum},
			{Kind: "paid", Blocks: blocks(all, func(d DayCount) int { return d.Paid }), Count: v.All.Paid},
			{Kind: "closed", Blocks: blocks(all, func(d DayCount) int { return d.Closed }), Count: v.All.Closed},
		}
	}
	return v
}

func (m digestMaker) day(d DayCount) dayView {
	return dayView{Day: m.loc.day(d.Day.In(m.zone)), New: d.New, Paid: d.Paid, Recovered: d.Recovered, Closed: d.Closed, Sum: m.sums(d.Sum)}
}

// bars shows how the unpaid orders of each day ended, one above the other.
func (m digestMaker) bars(all []DayCount) []barView {
	most := barOrders
	for _, d := range all {
		most = max(most, d.Recovered+d.Paid+d.Closed)
	}
	scale := func(n int) int {
		if n < 1 {
			return 0
		}
		return max(barLeast, n*barHeight/most)
	}
	weekday := all[len(all)-1].Day.In(m.zone).Weekday()
	var out []barView
	top := 0
	for _, d := range all {
		day := d.Day.In(m.zone)
		b := barView{Day: strconv.Itoa(day.Day()), Mark: day.Weekday() == weekday, Recovered: scale(d.Recovered), Paid: scale(d.Paid), Closed: scale(d.Closed)}
		top = max(top, b.Recovered+b.Paid+b.Closed)
		out = append(out, b)
	}
	for i, b := range out {
		out[i].Space = 1 + top - b.Recovered - b.Paid - b.Closed
	}
	return out
}

// blocks draws a row of numbers with characters that every mail program shows.
func blocks(all []DayCount, of func(DayCount) int) string {
	const steps = "▂▃▄▅▆▇█"
	levels := []rune(steps)
	most := 1
	for _, d := range all {
		most = max(most, of(d))
	}
	var b strings.Builder
	for _, d := range all {
		if n := of(d); n < 1 {
			b.WriteRune('▁')
		} else {
			b.WriteRune(levels[(n*len(levels)-1)/most])
		}
	}
	return b.String()
}
