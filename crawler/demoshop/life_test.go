package demoshop_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/crawler/demoshop"
)

func monday() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

func TestALifeIsTheSameEveryTime(t *testing.T) {
	for name, cast := range map[string]func() demoshop.Cast{"harbour": demoshop.Harbour, "tea house": demoshop.TeaHouse} {
		more := demoshop.Customer{Order: demoshop.Order{Name: "Ann", Created: monday().Add(30 * time.Hour)}}
		life := cast().Life(monday(), 21, more)
		if again := cast().Life(monday(), 21, more); !reflect.DeepEqual(life, again) {
			t.Errorf("%s: another life", name)
		}
		minds := map[string]int{}
		days := map[int]int{}
		people := map[string]bool{}
		for i, c := range life {
			if i > 0 && c.Created.Before(life[i-1].Created) || c.Created.Before(monday()) {
				t.Fatalf("%s: order %d comes at %s", name, i, c.Created)
			}
			if c.Minor <= 0 || len(c.Lines) == 0 || c.Code != cast().Code {
				t.Errorf("%s: order %d is of nothing: %+v", name, i, c.Order)
			}
			switch {
			case c.Pays > 0:
				minds["pays"]++
			case c.Heeds > 0:
				minds["heeds"]++
			default:
				minds["never"]++
			}
			days[int(c.Created.Sub(monday())/(24*time.Hour))]++
			people[c.Email] = true
		}
		if len(days) != 21 || minds["pays"] < 20 || minds["heeds"] < 15 || minds["never"] < 10 {
			t.Errorf("%s: %d days, minds %v", name, len(days), minds)
		}
		if len(people) >= len(life) {
			t.Errorf("%s: nobody comes back", name)
		}
		if !slices.ContainsFunc(life, func(c demoshop.Customer) bool { return c.Name == "Ann" && c.Minor > 0 }) {
			t.Errorf("%s: whoever was added is gone", name)
		}
	}
}

func TestPeopleHaveNamesOfTheirOwn(t *testing.T) {
	for _, cast := range []demoshop.Cast{demoshop.Harbour(), demoshop.TeaHouse()} {
		seen := map[string]bool{}
		for _, p := range cast.People {
			if seen[p.Name] || seen[p.Email] || !strings.HasSuffix(p.Email, "@buyers.example") {
				t.Errorf("%+v comes twice, or could be somebody", p)
			}
			seen[p.Name], seen[p.Email] = true, true
		}
	}
}

func TestABacklogIsOlder(t *testing.T) {
	cast := demoshop.Harbour()
	old := cast.Backlog(monday(), 20)
	shop := demoshop.New(demoshop.Options{Now: monday, Orders: old})
	for _, o := range shop.Orders() {
		if !o.Created.Before(monday().Add(-24*time.Hour)) || o.Status == demoshop.Awaiting {
			t.Errorf("%s of %s is %s", o.Number, o.Created, o.Status)
		}
	}
	first := cast.Number(cast.Life(monday(), 1)[0].Order, 0)
	if slices.ContainsFunc(old, func(o demoshop.Order) bool { return o.ID >= first.ID }) || first.Number != "HG-2101" {
		t.Errorf("the first order is %s", first.Number)
	}
}

func TestOrdersAreClosedInTime(t *testing.T) {
	now := monday()
	shop := demoshop.New(demoshop.Options{Now: func() time.Time { return now }, Orders: []demoshop.Order{}})
	late := shop.Add(demoshop.Order{Name: "Late"})
	paid := shop.Add(demoshop.Order{Name: "Paid", Status: demoshop.Paid})
	now = now.Add(time.Hour)
	fresh := shop.Add(demoshop.Order{Name: "Fresh"})
	now = late.Closes()
	if n := shop.CloseOverdue(); n != 1 {
		t.Errorf("%d orders were closed", n)
	}
	for id, want := range map[string]string{late.ID: demoshop.Cancelled, paid.ID: demoshop.Paid, fresh.ID: demoshop.Awaiting} {
		if o, _ := shop.Order(id); o.Status != want {
			t.Errorf("%s is %s", o.Name, o.Status)
		}
	}
}
