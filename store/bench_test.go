package store_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"nudged/store"
	"nudged/store/order"
)

// batch makes a visit of n new orders, each of another buyer, one in ten unpaid.
func batch(first, n int) order.Visit {
	v := scanOf("s", at(time.Duration(first)*time.Second))
	v.Full = false // as by day: until a page brings nothing new
	for i := first; i < first+n; i++ {
		o := unpaid("s", fmt.Sprintf("%08d", i), at(time.Duration(i)*time.Second))
		o.Buyer = order.Buyer{Name: "Ann Lee", Email: order.Email(fmt.Sprintf("ann%d@example.com", i)), Phone: order.Phone(fmt.Sprintf("+86138%08d", i))}
		o.Lines = []order.Line{{Title: "Brass buckle, 40 mm", SKU: "BB-40", Quantity: 2, Total: o.Total}, {Title: "Belt strap, brown", SKU: "BS-BR", Quantity: 1, Total: o.Total}}
		o.Closes, o.Link, o.Payment = o.Created.Add(48*time.Hour), "https://shop.example/view-order/"+o.ID, "Credit card"
		if i%10 != 0 {
			o = as(o, order.Paid, "Completed")
		}
		v.Orders = append(v.Orders, o)
	}
	return v
}

// BenchmarkRecord compares Record with putting the very same keys and values
// into a plain bbolt file, in the same batches, both waiting for the disk. The
// bar: ratio >= 0.5.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{1, 50, 1000} {
		b.Run(fmt.Sprintf("%d_orders_a_visit", size), func(b *testing.B) {
			var ours, raw time.Duration
			orders := 0
			visits := make([]order.Visit, max(1, 200/size))
			for i := range visits {
				visits[i] = batch(i*size, size)
			}
			puts := putsOf(b, visits)
			runtime.GC()
			for b.Loop() {
				ours, raw, orders = ours+recordAll(b, visits), raw+putAll(b, puts), orders+len(visits)*size
			}
			b.ReportMetric(float64(orders)/ours.Seconds(), "orders/s")
			b.ReportMetric(raw.Seconds()/ours.Seconds(), "ratio-to-raw-puts")
		})
	}
}

// recordAll measures Record.
func recordAll(b *testing.B, visits []order.Visit) (took time.Duration) {
	db := openBench(b, store.Options{})
	for _, v := range visits {
		begun := time.Now()
		record(b, db, v)
		took += time.Since(begun)
	}
	return took
}

func openBench(b *testing.B, o store.Options) *store.DB {
	o.Key, o.Now = key(7), func() time.Time { return noon }
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "ours.db"), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// putsOf tells which entries each visit adds or changes.
func putsOf(b *testing.B, visits []order.Visit) (puts [][]store.Entry) {
	db := openBench(b, store.Options{}.WithoutSync())
	known := map[string]string{}
	for _, v := range visits {
		record(b, db, v)
		var added []store.Entry
		for _, e := range db.Dump() {
			name := e.Bucket + "/" + string(e.Key)
			if value, ok := known[name]; !ok || value != string(e.Value) {
				known[name] = string(e.Value)
				added = append(added, e)
			}
		}
		puts = append(puts, added)
	}
	return puts
}

func putAll(b *testing.B, puts [][]store.Entry) (took time.Duration) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "raw.db"), 0o600, &bolt.Options{InitialMmapSize: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, batch := range puts {
		begun := time.Now()
		err := db.Update(func(tx *bolt.Tx) error {
			for _, e := range batch {
				bucket, err := tx.CreateBucketIfNotExists([]byte(e.Bucket))
				if err != nil {
					return err
				}
				if err := bucket.Put(e.Key, e.Value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		took += time.Since(begun)
	}
	return took
}

// big is a file of n orders, of which the last 2000 are unpaid and have a
// reminder that waits, half of them due.
func big(b *testing.B, n int) *store.DB {
	b.Helper()
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "big.db"), options())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	const size = 2000
	for i := 0; i < n; i += size {
		v := batch(i, size)
		var rs []order.Reminder
		for j := range v.Orders {
			v.Orders[j] = as(v.Orders[j], order.Paid, "Completed")
			if i+size >= n {
				v.Orders[j] = as(v.Orders[j], order.Unpaid, "Pending")
				rs = append(rs, planned(rkey("s", v.Orders[j].ID, "first"), at(time.Duration(j-size/2)*time.Minute)))
			}
		}
		record(b, db, v)
		plan(b, db, rs...)
	}
	return db
}

// BenchmarkQueries asks what the commands and the digest ask, of 100,000 orders
// of which 2,000 are unpaid.
func BenchmarkQueries(b *testing.B) {
	const n = 100_000
	db := big(b, n)
	last := at(n * time.Second)
	for name, fn := range map[string]func() (int, error){
		"Unpaid":    func() (int, error) { r, err := db.Unpaid(b.Context(), ""); return len(r), err },
		"Due":       func() (int, error) { r, err := db.Due(b.Context(), "", at(0), 0); return len(r), err },
		"Due_first": func() (int, error) { r, err := db.Due(b.Context(), "s", at(0), 1); return len(r), err },
		"Changes": func() (int, error) {
			r, err := db.ChangesBetween(b.Context(), last.Add(-time.Hour), last)
			return len(r), err
		},
		"Others": func() (int, error) { r, err := db.Others(order.Key{Shop: "s", ID: "00000000"}); return len(r), err },
		"Closed_newest": func() (int, error) {
			r, err := db.Orders(b.Context(), store.Filter{Status: []order.Status{order.ClosedUnpaid}, Limit: 50})
			return len(r), err
		},
	} {
		b.Run(name, func(b *testing.B) {
			got := 0
			for b.Loop() {
				var err error
				if got, err = fn(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(got), "rows")
		})
	}
}
