package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// The file of BenchmarkMillion: orders of 500 days by 600,000 people, of which
// those of the last day are unpaid and those of the two weeks before were paid
// while they were watched.
const (
	millionDays   = 500
	millionPerDay = 2000
	millionPeople = 600_000
	watchedDays   = 15
)

func dayOfMillion(day int, s order.Status) []order.Order {
	out := make([]order.Order, millionPerDay)
	for j := range out {
		i := day*millionPerDay + j
		o := unpaid("s", fmt.Sprintf("%08d", i), at(time.Duration(day-millionDays)*24*time.Hour+time.Duration(j)*40*time.Second))
		who := i * 7919 % millionPeople
		o.Buyer = order.Buyer{Name: "Ann Lee", Email: order.Email(fmt.Sprintf("ann%d@example.com", who)), Phone: order.Phone(fmt.Sprintf("+86138%08d", who))}
		o.Lines = []order.Line{{Title: "Brass buckle, 40 mm", SKU: "BB-40", Quantity: 2, Total: o.Total}, {Title: "Belt strap, brown", SKU: "BS-BR", Quantity: 1, Total: o.Total}}
		o.Closes, o.Link, o.Payment = o.Created.Add(48*time.Hour), "https://shop.example/view-order/"+o.ID, "Credit card"
		out[j] = as(o, s, string(s))
	}
	return out
}

func million(b *testing.B) *store.DB {
	b.Helper()
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "million.db"), options())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	for day := range millionDays {
		v := scanOf("s", at(time.Duration(day+1-millionDays)*24*time.Hour-time.Minute))
		v.Full = false
		switch {
		case day < millionDays-watchedDays:
			v.Orders = dayOfMillion(day, order.Paid)
		case day == millionDays-watchedDays:
			v.Orders = dayOfMillion(day, order.Unpaid)
		default:
			v.Orders = append(dayOfMillion(day, order.Unpaid), dayOfMillion(day-1, order.Paid)...)
		}
		for i := range v.Orders {
			v.Orders[i].Seen = v.At
		}
		record(b, db, v)
	}
	return db
}

// BenchmarkMillion asks what lists, digest and campaigns ask, of a million orders
// of which 2,000 are unpaid. resident-MB is the memory that is not the file's, and
// cpu-ms what it takes on a machine that has other things to do.
func BenchmarkMillion(b *testing.B) {
	db := million(b)
	two := at(-14 * 24 * time.Hour)
	rows := []struct {
		name string
		ask  func() (int, error)
	}{
		{"Orders_unpaid", func() (int, error) {
			o, err := db.Orders(b.Context(), store.Filter{Status: []order.Status{order.Unpaid}})
			return len(o), err
		}},
		{"Daily_14", func() (int, error) {
			days, err := db.Daily(b.Context(), two, noon, noon.Location())
			n := 0
			for _, d := range days {
				n += d.New.Orders + d.Paid.Orders
			}
			return n, err
		}},
		{"LatestBuyers_50", func() (int, error) { l, err := db.LatestBuyers(b.Context(), 50); return len(l), err }},
		{"BuyerOf", func() (int, error) {
			p, _, err := db.BuyerOf(order.Key{Shop: "s", ID: "00000000"})
			return len(p.Orders), err
		}},
		{"Past", func() (int, error) { p, err := db.Past(order.Key{Shop: "s", ID: "00000000"}); return p.Orders, err }},
		{"FindBuyers_name", func() (int, error) { l, err := db.FindBuyers(b.Context(), "nobody at all", 0); return len(l), err }},
		{"Buyers_all", func() (n int, err error) {
			err = db.Buyers(b.Context(), 0, func(store.Buyer) (bool, error) { n++; return true, nil })
			return n, err
		}},
		{"ImportBuyers_20000", importedPeople(b, db)},
		{"ImportOrders_20000", importedMany(b, db)},
		{"PlanCampaign_20000", plannedMany(b, db)},
	}
	for _, r := range rows {
		b.Run(r.name, func(b *testing.B) {
			got := 0
			busy := processor()
			for b.Loop() {
				var err error
				if got, err = r.ask(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((processor()-busy).Milliseconds())/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(got), "rows")
			b.ReportMetric(anonymous(), "resident-MB")
		})
	}
}

// importedMany takes in another list each time: half of it by people who are known.
func importedMany(b *testing.B, db *store.DB) func() (int, error) {
	run := 0
	return func() (int, error) {
		run++
		rows := make([]order.Order, 20_000)
		for i := range rows {
			rows[i] = sold("s", fmt.Sprintf("L%d-%d", run, i), fmt.Sprintf("ann%d@example.com", millionPeople-10_000+i), order.Paid, noon)
			rows[i].Lines = []order.Line{{Title: "Brass buckle, 40 mm", SKU: "BB-40", Quantity: 2}}
		}
		got, err := db.ImportOrders(b.Context(), "old.xlsx", rows)
		return got.New, err
	}
}

func importedPeople(b *testing.B, db *store.DB) func() (int, error) {
	run := 0
	return func() (int, error) {
		run++
		rows := make([]store.ListRow, 20_000)
		for i := range rows {
			rows[i] = on("s", "Ann Lee", fmt.Sprintf("ann%d@example.com", millionPeople-10_000+run*20_000+i), "")
			rows[i].Past = past(3, 900, noon)
			rows[i].Consent = order.Consent{At: noon, Source: "fair"}
		}
		got, err := db.ImportBuyers(b.Context(), rows)
		return got.New, err
	}
}

func plannedMany(b *testing.B, db *store.DB) func() (int, error) {
	run := 0
	return func() (int, error) {
		run++
		name := fmt.Sprint("again", run)
		put(b, db, name, order.CampaignRunning)
		rs := make([]order.Reminder, 20_000)
		for i := range rs {
			rs[i] = offer(order.Key{Shop: "s", ID: fmt.Sprintf("%08d", i)}, order.ByEmail, noon)
			rs[i].Key.Step = order.CampaignStep(name)
		}
		return db.PlanCampaign(b.Context(), name, rs)
	}
}

// processor is the time that this process has had; 0 where the system does not tell.
func processor() time.Duration {
	body, _ := os.ReadFile("/proc/self/stat")
	if i := strings.LastIndexByte(string(body), ')'); i > 0 {
		if f := strings.Fields(string(body[i+1:])); len(f) > 12 {
			user, _ := strconv.Atoi(f[11])
			system, _ := strconv.Atoi(f[12])
			return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
		}
	}
	return 0
}

// anonymous is the memory of this process in MB that no file stands for; 0 where
// the system does not tell.
func anonymous() float64 {
	runtime.GC()
	body, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(body)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "RssAnon:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}
