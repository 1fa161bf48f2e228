package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/intake"
	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

func TestOrdersOfAList(t *testing.T) {
	r := reads(t, intake.Orders, intake.Options{Region: "CN", Currency: "CNY", Statuses: []string{"怪=closed_refunded"}}, `订单号,状态,下单时间,实付金额,币种,姓,收货人,手机号,邮箱,商品名称,数量,支付方式
1001,已发货,2025-03-04 10:20,"1,299.00",,,王小明,13800138000,Wang@Example.com,2 × 茶壶; 茶杯*3,,支付宝
1002,怪,2025-03-05,12,EUR,,,138****8000,,茶,4,
`)
	got := r.Orders
	want := []order.Order{
		{
			Shop: "demo", ID: "import:1001", Number: "1001", Status: order.Paid, StatusText: "已发货", Created: time.Date(2025, 3, 4, 10, 20, 0, 0, time.UTC),
			Total: order.Money{Minor: 129900, Currency: "CNY"}, Payment: "支付宝",
			Lines: []order.Line{{Title: "茶壶", Quantity: 2}, {Title: "茶杯", Quantity: 3}},
			Buyer: order.Buyer{Name: "王小明", Email: "wang@example.com", Phone: "+8613800138000"},
		},
		{
			Shop: "demo", ID: "import:1002", Number: "1002", Status: order.ClosedRefunded, StatusText: "怪", Created: time.Date(2025, 3, 5, 0, 0, 0, 0, time.UTC), DayOnly: true,
			Total: order.Money{Minor: 1200, Currency: "EUR"}, Lines: []order.Line{{Title: "茶", Quantity: 4}},
		},
	}
	if len(got) != len(want) {
		t.Fatalf("%d orders, want %d: %s", len(got), len(want), said(r))
	}
	for i := range want {
		if g := fmt.Sprintf("%+v %s %s", got[i].Order, got[i].Buyer.Email.Reveal(), got[i].Buyer.Phone.Reveal()); g != fmt.Sprintf("%+v %s %s", want[i], want[i].Buyer.Email.Reveal(), want[i].Buyer.Phone.Reveal()) {
			t.Errorf("%s\nwant %+v", g, want[i])
		}
	}
	if len(r.Bad) > 0 || r.Masked != 1 || r.FirstMasked.Row != 3 {
		t.Errorf("%s, %d masked, the first in %s", said(r), r.Masked, r.FirstMasked)
	}
}

// Exports write one row an item: the rows of a number are one order.
func TestRowsOfOneOrder(t *testing.T) {
	r := reads(t, intake.Orders, intake.Options{Currency: "USD"}, `Name,Financial Status,Created at,Total,Lineitem name,Lineitem quantity
#1,paid,2025-03-04,30,Mug,1
#1,,,,Pot,2
#1,,,,Pot,2
#2,paid,2025-03-04,5,Cup,1
#2,paid,2025-03-04,6,Cup,1
#2,refunded,,,Lid,1
#2,,2025-03-07,,Lid,1
#3,lost,2025-03-04,5,Cup,1
#3,,,,Lid,1
`)
	orders := r.Orders
	if len(orders) != 2 || len(orders[0].Lines) != 2 || orders[0].Lines[1] != (order.Line{Title: "Pot", Quantity: 2}) || len(orders[1].Lines) != 1 {
		t.Errorf("%+v", orders)
	}
	want := `line 6, column D (Total): order "#2" stands in line 5 already, with another total
line 7, column B (Financial Status): order "#2" stands in line 5 already, with another status
line 8, column C (Created at): order "#2" stands in line 5 already, with another date
line 9, column B (Financial Status): the status "lost" is not known; say what it means with --status "lost=…"
`
	if got := said(r); got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
}

func TestBadRowsAreNamed(t *testing.T) {
	r := reads(t, intake.Orders, intake.Options{Region: "DE"}, `Order,Status,Date,Total,Currency,Email,Phone,Quantity,Item
1,paid,2025-03-04,10,EUR,ann@example.com,0171 2345678,1,x
,paid,2025-03-04,10,EUR,,,1,x
3,,2025-03-04,10,EUR,,,1,x
4,paid,,10,EUR,,,1,x
5,paid,2025-02-30,10,EUR,,,1,x
6,paid,2025-03-04,ten,EUR,,,1,x
7,paid,2025-03-04,10,Taler,,,1,x
8,paid,2025-03-04,10,,,,1,x
9,paid,2025-03-04,10,EUR,ann at example,,1,x
10,paid,2025-03-04,10,EUR,,12,1,x
11,paid,2025-03-04,10,EUR,,,some,x
12,odd,2025-03-04,10,EUR,,,1,x
13,odd,2025-03-04,10,EUR,,,1,x
14,paid,2025-03-04,#REF!,EUR,,,1,x
15,paid,2025-03-04,ann@example.com 10 20,EUR,nobody,,1,x
,,,999,,,,,
`)
	orders := r.Orders
	var numbers []string
	for _, o := range orders {
		numbers = append(numbers, o.Number)
	}
	if want := []string{"1", "9", "10"}; !slices.Equal(numbers, want) {
		t.Errorf("taken: %q, want %q", numbers, want)
	}
	want := `line 3, column A (Order): the order has no number
line 4, column B (Status): there is no status; --status "*=paid" says it for all that have none
line 5, column C (Date): the order has no date
line 6, column C (Date): "2025-02-30" is no date that can be read: there is no such day
line 7, column D (Total): "ten" is no amount that can be read
line 8, column E (Currency): "Taler" is no currency that is known
line 9, column D (Total): "10" has no currency that is known; --currency says it for all without one
line 10, column F (Email): this is no e-mail address that can get mail; the row goes in without it
line 11, column G (Phone): this is no phone number, read as one of DE; the row goes in without it
line 12, column H (Quantity): "some" is no count
lines 13, 14, column B (Status): the status "odd" is not known; say what it means with --status "odd=…"
line 15, column D (Total): the formula came to nothing: #REF!
line 16, column F (Email): this is no e-mail address that can get mail
line 16, column D (Total): "***@*** 10 20" is no amount that can be read
`
	if got := said(r); got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	if r.Lost() != 12 {
		t.Errorf("%d rows are lost", r.Lost())
	}
}

func TestNumbersThatASpreadsheetHasSpoilt(t *testing.T) {
	date := sheet.Value{Kind: sheet.Time, Text: "2025-03-04 00:00:00"}
	p, err := intake.Orders.Plan(&sheet.Book{Sheets: []sheet.Sheet{{Name: "May", Rows: []sheet.Row{
		{Number: 1, Cells: cellsOf("Order|Date")},
		{Number: 2, Cells: []sheet.Value{{Kind: sheet.Number, Text: "1234567890123450000"}, date}},
		{Number: 3, Cells: []sheet.Value{{Kind: sheet.Time, Text: "2025-05-01 00:00:00"}, date}},
		{Number: 4, Cells: []sheet.Value{{Kind: sheet.Text, Text: "1234567890123456789"}, date}},
		{Number: 5, Cells: []sheet.Value{{Kind: sheet.Number, Text: "123456789012345"}, date}},
	}}}}, intake.Options{Statuses: []string{"*=paid"}})
	if err != nil {
		t.Fatal(err)
	}
	r := readAll(t, p)
	if n := len(r.Orders); n != 2 {
		t.Errorf("%d orders", n)
	}
	want := `sheet "May", row 2, column A (Order): the spreadsheet has cut this number to 15 digits; export the list anew with the column as text
sheet "May", row 3, column A (Order): the spreadsheet has made a date of this number; export the list anew with the column as text
`
	if got := said(r); got != want {
		t.Errorf("said\n%s", got)
	}
}

func TestPeopleOfAList(t *testing.T) {
	rule := order.Consent{Source: "till", Wording: "yes please", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
	r := reads(t, intake.Buyers, intake.Options{Region: "DE", Currency: "EUR", Consent: rule}, `Vorname;Nachname;E-Mail;Telefon;Umsatz;Bestellungen;Letzte Bestellung;Newsletter;Consent source;Consent date
Anna;Müller;anna@example.com;0171 2345678;1.234,50;3;03.04.2025;ja;;
小明;王;wang@example.com;+8613800138000;12;1;04.05.2025;nein;;
Eve;;eve@example.com;;;;;yes;web form;2025-02-03
;;;;12,50;;;;;
Carl;;nix;;;;;ja;;
Dora;;d***@example.com;;;;;ja;;
Finn;;finn@example.com;1;;;;;;
`)
	var got []string
	for _, p := range r.People {
		got = append(got, fmt.Sprintf("%d %s %s %s %v %s %s %s", p.At.Row, p.Buyer.Name, p.Buyer.Email.Reveal(), p.Buyer.Phone.Reveal(), p.Past.Spent, p.Past.Last.Format("2006-01-02"), p.Consent.Source, p.Consent.At.Format("2006-01-02")))
	}
	want := []string{
		"2 Anna Müller anna@example.com +491712345678 [1234.50 EUR] 2025-04-03 till 2024-01-01",
		"3 王小明 wang@example.com +8613800138000 [12.00 EUR] 2025-05-04  0001-01-01",
		"4 Eve eve@example.com  [] 0001-01-01 web form 2025-02-03",
		"8 Finn finn@example.com  [] 0001-01-01  0001-01-01",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	wantBad := `line 5: there is neither an e-mail address nor a phone number
line 6, column C (E-Mail): this is no e-mail address that can get mail
line 7: the contacts are masked, so that nobody can be reached
line 8, column D (Telefon): this is no phone number, read as one of DE; the row goes in without it
`
	if got := said(r); got != wantBad || r.Lost() != 3 {
		t.Errorf("%d lost, said\n%s\nwant\n%s", r.Lost(), got, wantBad)
	}
}

func TestAConsentNeedsItsProof(t *testing.T) {
	list := "Email,Newsletter,Consent date,Consent source,Consent wording\n" +
		"a@example.com,yes,2025-01-02,form,offers\nb@example.com,yes,,form,offers\nc@example.com,yes,2025-01-02,,offers\nd@example.com,yes,2025-01-02,form,\ne@example.com,no,,,\n"
	r := reads(t, intake.Buyers, intake.Options{}, list)
	people := r.People
	if len(people) != 2 || people[0].Consent.Wording != "offers" || people[1].Consent != (order.Consent{Withdrawn: true}) {
		t.Errorf("%+v", people)
	}
	for _, want := range []string{"line 3, column C (Consent date): the consent has no date", "line 4, column D (Consent source)", "line 5, column E (Consent wording)"} {
		if !strings.Contains(said(r), want) {
			t.Errorf("not said: %s\n%s", want, said(r))
		}
	}
}

// A column that the seller has mapped is not guessed, and the next best one gets
// what it would have had.
func TestWhatTheSellerSaysGoesFirst(t *testing.T) {
	const list = "Order,Status,Date,Phone,Other phone\n1,paid,2025-01-02,+4917112345678,+4917112345679\n"
	nearest := func(typed string, known []string) string {
		if typed == "fone" && slices.Contains(known, "phone") {
			return "phone"
		}
		return ""
	}
	for said, want := range map[string]string{
		"":                  "number,status,created,phone,",
		"Phone=-":           "number,status,created,,phone",
		"other PHONE=phone": "number,status,created,,phone",
		"E=phone":           "number,status,created,,phone",
		"Phone=items":       "number,status,created,items,phone",
		"Nope=phone":        `there is no column "Nope"; there is A (Order), B (Status)`,
		"Phone=fone":        "did you mean phone?",
		"Phone":             `write the title of the column`,
		"Order=-":           "no column looks like the number of an order",
		"Status=-":          `--status "*=paid"`,
		"Date=items":        "no column looks like the date",
	} {
		var flags []string
		if said != "" {
			flags = []string{said}
		}
		p, err := intake.Orders.Plan(book(t, list), intake.Options{File: "x.csv", Columns: flags, Nearest: nearest})
		if err != nil {
			if !strings.Contains(asks(t, err), want) {
				t.Errorf("%s: %v, want %s", said, err, want)
			}
			continue
		}
		if s := strings.Join(fieldsOf(p), ","); s != want {
			t.Errorf("%s: %s, want %s", said, s, want)
		}
	}
}

func TestSheetsWithTheSameColumns(t *testing.T) {
	row := func(n int, line string) sheet.Row { return sheet.Row{Number: n, Cells: cellsOf(line)} }
	book := &sheet.Book{Sheets: []sheet.Sheet{
		{Name: "Notes"},
		{Name: "Jan", Rows: []sheet.Row{row(1, "Order|Status|Date"), row(2, "1|paid|2025-01-02")}},
		{Name: "Feb", Rows: []sheet.Row{row(3, "Order|Status|Date"), row(4, "2|paid|2025-02-02")}},
		{Name: "Sums", Rows: []sheet.Row{row(1, "Month|Sum"), row(2, "Jan|12")}},
	}}
	for wanted, want := range map[string]string{"": "Jan Feb left Sums", "feb": "Feb left ", "Mar": "has no sheet \"Mar\"; there is Notes, Jan, Feb, Sums"} {
		p, err := intake.Orders.Plan(book, intake.Options{File: "x.xlsx", Sheet: wanted})
		if err != nil {
			if !strings.Contains(asks(t, err), want) {
				t.Errorf("%q: %v", wanted, err)
			}
			continue
		}
		names, left := p.Sheets()
		if got := strings.Join(names, " ") + " left " + strings.Join(left, " "); got != want {
			t.Errorf("%q: %s, want %s", wanted, got, want)
		}
	}
}
