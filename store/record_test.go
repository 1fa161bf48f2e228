package store_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/store"
	"nudged/store/order"
)

func TestRecordTellsWhatIsNew(t *testing.T) {
	db := openNew(t)
	a, b := unpaid("s", "0001", at(-2*time.Hour)), unpaid("s", "0002", at(-time.Hour))
	if got := kinds(record(t, db, scanOf("s", at(0), b, a))); got != "appeared 0002, appeared 0001" {
		t.Errorf("first visit: %s", got)
	}
	if got := record(t, db, scanOf("s", at(time.Minute), b, a)); len(got.News) != 0 {
		t.Errorf("same again: %s", kinds(got))
	}
	paid := as(a, order.Paid, "Completed")
	b.Payment = "Bank transfer"
	got := record(t, db, scanOf("s", at(2*time.Minute), b, paid))
	if kinds(got) != "filled 0002, moved 0001" {
		t.Errorf("third visit: %s", kinds(got))
	}
	if n := got.News[1]; n.Before != order.Unpaid || n.Order.Status != order.Paid || n.Order.Buyer != a.Buyer {
		t.Errorf("news %+v", n)
	}
	want := []order.Change{
		{At: at(0), To: order.Unpaid, Text: "Pending payment"},
		{At: at(2 * time.Minute), From: order.Unpaid, To: order.Paid, Text: "Completed"},
	}
	history, err := db.History(a.Key())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, history); d != "" {
		t.Errorf("history: %s", d)
	}
	changes, err := db.ChangesBetween(t.Context(), at(time.Minute), at(time.Hour))
	if err != nil || len(changes) != 1 || changes[0].Key != a.Key() || changes[0].To != order.Paid {
		t.Errorf("changes %+v, %v", changes, err)
	}
}

func TestRecordKeepsEveryFact(t *testing.T) {
	db := openNew(t)
	o := order.Order{
		Shop: "ключ/店 \x00\xff", ID: "90071992547409931234\x00\xfe/x", Number: "#10-01", Status: order.Unknown, StatusText: "等待 <b>",
		Created: at(-time.Hour), DayOnly: true, First: at(0), Updated: at(-time.Minute), Closes: at(time.Hour), Total: order.Money{Minor: -5, Currency: "JPY"},
		Lines:   []order.Line{{Title: "<script>alert(1)</script>\r\nBcc: x", SKU: "k", Quantity: 2, Total: order.Money{Minor: 1<<63 - 1, Currency: "BHD"}}, {Title: "y", Quantity: -1}},
		Buyer:   order.Buyer{Name: "O'Neil\u2028", Email: "  Ann@Example.COM ", Phone: "+8613800138000"},
		Payment: "货到付款", Link: "https://shop.example/pay?id=1&x=<>", Chat: "https://chat.example/?to=牛&x=<>", Seen: at(0), Looked: at(0),
	}
	record(t, db, order.Visit{Shop: o.Shop, Kind: order.Look, At: at(0), Orders: []order.Order{o}})
	want := o
	want.Buyer.Email = "ann@example.com"
	got := get(t, db, o.Key())
	if d := cmp.Diff(plain(want), plain(got)); d != "" {
		t.Errorf("differs: %s", d)
	}
	if _, off := got.Created.Zone(); off != 8*3600 {
		t.Errorf("zone lost: %s", got.Created)
	}
	for _, text := range []string{o.ID, "#10-01", "10-01", " #10-01 ", o.Key().String()} {
		if keys, err := db.Find(text); err != nil || len(keys) != 1 || keys[0] != o.Key() {
			t.Errorf("Find(%q) = %v, %v", text, keys, err)
		}
	}
	if keys, err := db.Find("10-0"); err != nil || len(keys) != 0 {
		t.Errorf("half a number found %v, %v", keys, err)
	}
}

// plain shows contacts to cmp, which would compare them redacted in messages only.
func plain(o order.Order) any {
	return struct {
		order.Order
		Email, Phone string
	}{o, o.Buyer.Email.Reveal(), o.Buyer.Phone.Reveal()}
}

func TestRowsDoNotEraseWhatThePageGave(t *testing.T) {
	db := openNew(t)
	row := unpaid("s", "0001", at(-2*time.Hour).Truncate(24*time.Hour))
	row.Buyer = order.Buyer{Name: "A. L."}
	record(t, db, scanOf("s", at(0), row))

	page := unpaid("s", "0001", at(-2*time.Hour))
	page.Lines = []order.Line{{Title: "Tea", Quantity: 1}}
	page.Closes, page.Link, page.Payment = at(time.Hour), "https://x.example/1", "card"
	page.Chat = "https://x.example/chat/1"
	record(t, db, look(page, at(time.Minute)))

	row.Total.Minor, row.Lines = 1500, []order.Line{{Title: "T…"}}
	got := record(t, db, scanOf("s", at(2*time.Minute), row))
	if kinds(got) != "filled 0001" {
		t.Errorf("a new total is news, found: %q", kinds(got))
	}
	want := page
	want.Total.Minor, want.Seen, want.Looked = 1500, at(2*time.Minute), at(time.Minute)
	want.First = at(0)
	if d := cmp.Diff(plain(want), plain(get(t, db, page.Key()))); d != "" {
		t.Errorf("after the row: %s", d)
	}

	page.Buyer.Name, page.Buyer.Phone, page.Lines[0].Title, page.Payment = "Ann Lee", "", "Green tea", ""
	record(t, db, look(page, at(3*time.Minute)))
	o := get(t, db, page.Key())
	if o.Buyer.Name != "Ann Lee" || o.Buyer.Phone != "+8613800130001" || o.Lines[0].Title != "Green tea" || o.Payment != "card" || o.Total.Minor != 1999 {
		t.Errorf("a later page replaces what it shows and nothing else: %+v", plain(o))
	}
}

// Records without the chat link were written before there was one.
func TestRecordBeforeChat(t *testing.T) {
	before := []byte("\x01" + `{"number":"7","status":"unpaid","text":"Waiting","created":"2026-11-17T23:43:00Z","total":{"minor":500,"currency":"EUR"},` +
		`"link":"https://x.example/7","seen":"2026-11-21T22:00:00Z","looked":"2026-11-21T22:00:00Z","page":257}`)
	o, err := store.DecodeOrder(before)
	if err != nil || o.Number != "7" || o.Status != order.Unpaid || o.Link != "https://x.example/7" || o.Chat != "" {
		t.Fatalf("it reads as %+v, %v", o, err)
	}
	o.Chat = "https://x.example/chat/7"
	value, back, err := store.EncodeOrder(o)
	if err != nil || back.Chat != o.Chat || !bytes.Contains(value, []byte(`"chat":"https://x.example/chat/7"`)) {
		t.Errorf("with a chat link it is %s, read back as %+v, %v", value, back, err)
	}
	if o.Chat = ""; bytes.Contains(first(store.EncodeOrder(o)), []byte("chat")) {
		t.Error("a record without one says so")
	}
}

func first(value []byte, _ order.Order, _ error) []byte { return value }

func TestOlderReadingOnlyFills(t *testing.T) {
	db := openNew(t)
	o := unpaid("s", "0001", at(-time.Hour))
	paid := as(o, order.Paid, "Paid")
	paid.Buyer.Name = ""
	record(t, db, look(paid, at(5*time.Minute)))
	old := o
	old.Total.Minor, old.Payment = 1, "card"
	got := record(t, db, scanOf("s", at(0), old))
	if kinds(got) != "filled 0001" {
		t.Errorf("news %q", kinds(got))
	}
	back := get(t, db, o.Key())
	if back.Status != order.Paid || back.Total.Minor != 1999 || back.Payment != "card" || back.Buyer.Name != "Ann 0001" || !back.Seen.Equal(at(5*time.Minute)) {
		t.Errorf("%+v", back)
	}
	if len(got.Unlisted) != 0 {
		t.Errorf("unlisted %v", got.Unlisted)
	}
}

// A clock that once ran ahead must not freeze an order.
func TestReadingFromTheFutureDoesNotFreezeAnOrder(t *testing.T) {
	db := openNew(t)
	o := unpaid("s", "0001", at(-time.Hour))
	record(t, db, look(o, at(24*365*time.Hour)))
	record(t, db, look(as(o, order.Paid, "Paid"), at(0)))
	if got := get(t, db, o.Key()); got.Status != order.Paid || !got.Seen.Equal(at(0)) || !got.Looked.Equal(at(0)) {
		t.Errorf("%+v", got)
	}
}

func TestUnlisted(t *testing.T) {
	a, b, c := unpaid("s", "0001", at(-3*time.Hour)), unpaid("s", "0002", at(-2*time.Hour)), unpaid("s", "0003", at(-time.Hour))
	cases := map[string]struct {
		change func(*order.Visit)
		want   string
	}{
		"full and complete":   {func(*order.Visit) {}, "0002"},
		"not complete":        {func(v *order.Visit) { v.Complete = false }, ""},
		"not all pages":       {func(v *order.Visit) { v.Full = false }, ""},
		"failed":              {func(v *order.Visit) { v.Outcome = order.Unavailable }, ""},
		"a look":              {func(v *order.Visit) { v.Kind = order.Look }, ""},
		"row with a problem":  {func(v *order.Visit) { v.Problems = []order.Problem{{Kind: order.BadRow, Order: "0002"}} }, ""},
		"began before a look": {func(v *order.Visit) { v.At = at(-time.Minute) }, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			db := openNew(t)
			record(t, db, scanOf("other", at(0), unpaid("other", "0009", at(0))))
			record(t, db, scanOf("s", at(0), c, b, a, as(unpaid("s", "0004", at(0)), order.Paid, "ok")))
			v := scanOf("s", at(time.Minute), c, a)
			tc.change(&v)
			if got := strings.Join(record(t, db, v).Unlisted, " "); got != tc.want {
				t.Errorf("unlisted %q, want %q", got, tc.want)
			}
			if get(t, db, b.Key()).Status != order.Unpaid {
				t.Error("an order that is not listed changed")
			}
		})
	}
}

func TestBadOrdersAreProblemsAndTheOthersAreKept(t *testing.T) {
	db := openNew(t)
	long := unpaid("s", strings.Repeat("9", 1025), at(0))
	most := unpaid("s", strings.Repeat("9", 1024), at(0))
	most.Number = strings.Repeat("n", 100_000)
	most.Buyer.Name = strings.Repeat("名", 40_000)
	most.Buyer.Email = order.Email(strings.Repeat("e", 90_000) + "@example.com")
	most.Created = time.Date(12_000, 1, 1, 0, 0, 0, 0, time.UTC)
	most.Closes = time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 8*3600+343))
	got := record(t, db, scanOf("s", at(0), long, unpaid("s", "", at(0)), unpaid("else", "0001", at(0)), most, unpaid("", "0002", at(0))))
	if len(got.News) != 2 || len(got.Problems) != 3 {
		t.Fatalf("%d news, problems %+v", len(got.News), got.Problems)
	}
	for i, want := range []string{"1025 bytes", "order id is empty", `shop "else"`} {
		if p := got.Problems[i]; p.Kind != order.BadRow || !strings.Contains(p.Text, want) {
			t.Errorf("problem %+v lacks %q", p, want)
		}
	}
	back := get(t, db, most.Key())
	if !back.Created.IsZero() || !back.Closes.Equal(most.Closes) || len(back.Buyer.Name) > 64<<10 {
		t.Errorf("created %s, closes %s, name of %d bytes", back.Created, back.Closes, len(back.Buyer.Name))
	}
	if again := record(t, db, scanOf("s", at(0), most)); len(again.News) != 0 {
		t.Errorf("what was clipped is news each time: %s", kinds(again))
	}
	if v, _, err := db.LastVisit("s"); err != nil || len(v.Problems) != 0 {
		t.Errorf("the last visit had no problems: %+v, %v", v, err)
	}
	if _, err := db.Record(t.Context(), order.Visit{Shop: strings.Repeat("s", 2000)}); err == nil {
		t.Error("a shop name of 2000 bytes was taken")
	}
	if _, err := db.Record(t.Context(), order.Visit{}); err == nil {
		t.Error("a visit without a shop was taken")
	}
}

func TestFailedVisitKeepsItsOrders(t *testing.T) {
	db := openNew(t)
	v := scanOf("s", at(0), unpaid("s", "0001", at(0)))
	v.Outcome, v.Words, v.Complete, v.Blocked, v.Pages = order.Refused, "Wrong password, boss@example.com", false, 3, 7
	v.Problems = []order.Problem{{Kind: order.BadDetail, Order: "0001", Found: "call +8613800130001 or ANN0001@example.com", Text: "no date"}}
	record(t, db, v)
	get(t, db, order.Key{Shop: "s", ID: "0001"})
	last, ok, err := db.LastVisit("s")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	want := v
	want.Orders, want.Read = nil, 1
	want.Problems = []order.Problem{{Kind: order.BadDetail, Order: "0001", Found: "call +86*********01 or a***@example.com", Text: "no date"}}
	if d := cmp.Diff(want, last); d != "" {
		t.Error(d)
	}
	record(t, db, look(unpaid("s", "0001", at(0)), at(time.Minute)))
	if last, _, _ = db.LastVisit("s"); last.Outcome != order.Refused {
		t.Error("a look took the place of the last visit")
	}
	if _, ok, err := db.LastVisit("none"); ok || err != nil {
		t.Error(ok, err)
	}
}

func TestVisitLogIsBounded(t *testing.T) {
	db := openNew(t)
	for day := range 30 {
		record(t, db, scanOf("s", at(time.Duration(day)*24*time.Hour)))
	}
	record(t, db, scanOf("t", at(0)))
	all, err := db.Visits(t.Context(), "s", time.Time{}, time.Time{})
	if err != nil || len(all) != 15 || !all[14].At.Equal(at(29*24*time.Hour)) {
		t.Errorf("%d visits, %v", len(all), err)
	}
	day, err := db.Visits(t.Context(), "s", at(28*24*time.Hour), at(29*24*time.Hour))
	if err != nil || len(day) != 1 || !day[0].At.Equal(at(28*24*time.Hour)) {
		t.Errorf("one day: %+v, %v", day, err)
	}
}

func TestBuyersAreJoined(t *testing.T) {
	db := openNew(t)
	mk := func(shop, id, email, phone string) order.Order {
		o := unpaid(shop, id, at(0))
		o.Buyer = order.Buyer{Name: id, Email: order.Email(email), Phone: order.Phone(phone)}
		return o
	}
	record(t, db, scanOf("s", at(0),
		mk("s", "mail", "Ann@Example.com", ""), mk("s", "mail2", " ann@example.com", ""),
		mk("s", "phone", "", "+8613800138000"), mk("s", "nobody", "", ""), mk("s", "masked", "a***@example.com", "138****8000"),
		mk("s", "masked2", "a***@example.com", "138****8000"), mk("s", "other", "bob@example.com", "+12025550100")))
	same := func(shop, id string) string {
		t.Helper()
		got, err := db.Others(order.Key{Shop: shop, ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return ids(got)
	}
	for id, want := range map[string]string{"mail": "mail2", "phone": "", "nobody": "", "masked": "", "other": ""} {
		if got := same("s", id); got != want {
			t.Errorf("same buyer as %s: %q, want %q", id, got, want)
		}
	}
	// One order in another shop shows that the two are one person.
	record(t, db, scanOf("t", at(0), mk("t", "link", "ANN@example.com", "+86 138 0013 8000")))
	for id, want := range map[string]string{"mail": "mail2 phone link", "phone": "mail mail2 link", "other": ""} {
		if got := same("s", id); got != want {
			t.Errorf("after the link, same buyer as %s: %q, want %q", id, got, want)
		}
	}
	// What points to the merged buyer leads to the one that it became.
	record(t, db, scanOf("t", at(0), mk("t", "later", "", "0086 13800138000"), mk("t", "later2", "ann@example.com", "")))
	if got := same("t", "later"); got != "mail mail2 phone later2 link" && got != "mail mail2 phone link later2" {
		t.Errorf("later order: %q", got)
	}
}

func TestSeen(t *testing.T) {
	db := openNew(t)
	o := unpaid("s", "0001", at(0))
	record(t, db, scanOf("s", at(0), o))
	seen := db.Seen("s")
	if got, ok := seen("0001"); !ok || got.Looked || got.Status != order.Unpaid || got.StatusText != "Pending payment" {
		t.Errorf("%+v %v", got, ok)
	}
	record(t, db, look(o, at(1)))
	if got, ok := seen("0001"); !ok || !got.Looked {
		t.Errorf("%+v %v", got, ok)
	}
	for _, id := range []string{"0002", "", strings.Repeat("x", 5000)} {
		if _, ok := seen(id); ok {
			t.Errorf("seen %.20q", id)
		}
	}
}

func TestRecordStopsWithItsContext(t *testing.T) {
	db := openNew(t)
	ctx, cancel := contextOf(t)
	cancel()
	if _, err := db.Record(ctx, scanOf("s", at(0), unpaid("s", "0001", at(0)))); !errors.Is(err, ctx.Err()) {
		t.Errorf("err %v", err)
	}
	if _, ok, _ := db.Order(order.Key{Shop: "s", ID: "0001"}); ok {
		t.Error("recorded all the same")
	}
}
