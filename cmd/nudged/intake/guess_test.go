package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/intake"
	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

func TestColumnsAreGuessed(t *testing.T) {
	for name, c := range map[string]struct {
		kind   intake.Kind
		header string
		rows   []string
		want   string
	}{
		"shopify orders": {
			intake.Orders, "Name|Email|Financial Status|Paid at|Fulfillment Status|Accepts Marketing|Currency|Subtotal|Total|Created at|Lineitem quantity|Lineitem name|Billing Name|Billing Phone|Payment Method|Id",
			[]string{"#1001|ann@example.com|paid|2026-11-22 08:30:15 -0500|fulfilled|no|USD|10.00|12.50|2026-11-22 08:30:10 -0500|1|Mug|Ann Lee|+12125550123|Stripe|5523423423423"},
			"number|email|status|||" + "|currency||total|created|quantity|items|name|phone|payment|",
		},
		"taobao orders": {
			intake.Orders, "订单编号|买家会员名|订单状态|收货人姓名|联系手机|订单创建时间|买家实际支付金额|宝贝标题|店铺Id",
			[]string{"2024123456789012345|tb_ann|交易成功|王小明|'13800138000|2026-11-22 08:30:15|1299.00|茶壶|1"},
			"number||status|name|phone|created|total|items|",
		},
		"woocommerce": {
			intake.Orders, "Order Number|Order Status|Order Date|Customer Note|First Name (Billing)|Last Name (Billing)|Email (Billing)|Phone (Billing)|Order Total Amount|Item Name|Quantity",
			[]string{"77|wc-completed|2026-11-22 08:30|none|Ann|Lee|ann@example.com|+12125550123|12.50|Mug|2"},
			"number|status|created||first_name|last_name|email|phone|total|items|quantity",
		},
		"german, by hand": {
			intake.Orders, "Bestellnummer|Datum|Kunde|E-Mail|Telefon|Gesamtbetrag|Status",
			[]string{"B-1|22.11.2026|Anna Müller|anna@example.com|0171 2345678|1.234,50 €|bezahlt"},
			"number|created|name|email|phone|total|status",
		},
		"a title is not believed against what stands below": {
			intake.Orders, "Order|Status|Date|Email|Total|Phone",
			[]string{"1|paid|2026-11-22|call me|12|ann@example.com", "2|paid|2026-11-23|-|13|bea@example.com"},
			"number|status|created||total|email",
		},
		"our own orders": {
			intake.Orders, "Shop|Number|Status|In the shop's words|Placed|Closes|Total|Currency|Buyer|E-mail|Phone|Contact|Items|Pieces|Payment|Coupon|Where to pay|Last read|Id",
			[]string{"demo|1001|paid|Bezahlt|2026-11-22 08:30:15||12.50|EUR|Ann|ann@example.com|'+12125550123|email phone|1 × Mug|1|Card|||2026-11-22 09:00:00|import:1001"},
			"|number|status|status_text|created||total|currency|name|email|phone||items|quantity|payment||||",
		},
		"shopify customers": {
			intake.Buyers, "Customer ID|First Name|Last Name|Email|Accepts Email Marketing|Phone|Total Spent|Total Orders|Note",
			[]string{"'5523423423423|Ann|Lee|ann@example.com|yes|'+12125550123|120.50|3|nice"},
			"|first_name|last_name|email|consent|phone|spent|orders|",
		},
		"our own buyers": {
			intake.Buyers, "Buyer|E-mail|Phone|Contact|Kind|Groups|Orders|Open|Paid|Paid in all|Currency|First order|Last order|Last paid",
			[]string{"Ann|ann@example.com||email|customer|customer, known|2|1|1|12.50|EUR|2026-11-22|2026-11-23|2026-11-22"},
			"name|email|phone||||||orders|spent|currency|first||last",
		},
		"youzan customers": {
			intake.Buyers, "客户姓名|手机号|累计消费金额|购买次数|最近下单时间|是否订阅",
			[]string{"王小明|13800138000|1299.00|3|2026-11-22|是"},
			"name|phone|spent|orders|last|consent",
		},
		"names are no numbers": {
			intake.Orders, "Name|Status|Date|Ref", []string{"Ann Lee|paid|2026-11-22|A-17"}, "no column looks like the number of an order",
		},
		"names are names": {
			intake.Orders, "Name|Status|Date|Order", []string{"Ann Lee|paid|2026-11-22|A-17"}, "name|status|created|number",
		},
		"no titles that are known": {
			intake.Buyers, "Фамилия|Почта|Тел",
			[]string{"Иванова|ann@example.com|+79161234567", "Петров|bob@example.com|+79161234568"},
			"|email|phone",
		},
		"long numbers are no phones": {
			intake.Buyers, "Foo|Bar", []string{"20241122001|ann@example.com", "20241122002|bob@example.com"}, "|email",
		},
		"empty": {intake.Buyers, "", []string{""}, "no column looks like the e-mail address or the phone number of a person"},
	} {
		lines := append([]string{c.header}, c.rows...)
		var rows []sheet.Row
		for i, line := range lines {
			rows = append(rows, sheet.Row{Number: i + 1, Cells: cellsOf(strings.ReplaceAll(line, "'", ""))})
		}
		p, err := c.kind.Plan(&sheet.Book{Sheets: []sheet.Sheet{{Rows: rows}}}, intake.Options{})
		if err != nil {
			if !strings.Contains(asks(t, err), c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		if s := strings.Join(fieldsOf(p), "|"); s != c.want {
			t.Errorf("%s:\n%s\nread as\n%s\nwant\n%s", name, c.header, s, c.want)
		}
	}
}

func TestTheRowOfTitlesIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		titles string
		below  int
	}{
		"at the top":           {"Order,Status,Total\n1,paid,2\n", "Order|Status|Total", 1},
		"below a heading":      {"Orders of 2025\nmade on 2026-01-02\nOrder,Status,Total\n1,paid,2\n", "Order|Status|Total", 1},
		"unknown":              {"Foo,Bar\nx,y\n", "Foo|Bar", 1},
		"addresses, no titles": {"ann@example.com,Ann\nbob@example.com,Bob\n", "|", 2},
	} {
		p := planned(t, intake.Orders, intake.Options{Columns: []string{"A=number", "B=created"}, Statuses: []string{"*=paid"}}, c.text)
		columns, rows := p.Columns(1)
		var titles []string
		for _, column := range columns {
			titles = append(titles, column.Title)
		}
		// The last row of all is the last one below.
		last := strings.Count(c.text, "\n")
		if got := strings.Join(titles, "|"); got != c.titles || p.Rows() != c.below || !slices.Equal(rows, []int{last - c.below + 1}) {
			t.Errorf("%s: %q, then %d rows from %d on", name, got, p.Rows(), rows)
		}
	}
}

func TestStatusesAreKnown(t *testing.T) {
	for word, want := range map[string]string{
		"Paid": "paid", "partially_refunded": "paid", "wc-completed": "paid", "Completed": "paid", "Pending payment": "unpaid", "已发货": "paid", "等待买家付款": "unpaid", "交易关闭": "closed_unpaid",
		"refunded": "closed_refunded", "VOIDED": "closed_unpaid", "closed_unpaid": "closed_unpaid", "paid": "paid", "": "", "…": "", "closed": "",
	} {
		r := readAll(t, planned(t, intake.Orders, intake.Options{}, "Order,Status,Date\n1,"+word+",2025-01-02\n"))
		got := ""
		if len(r.Orders) == 1 {
			got = string(r.Orders[0].Status)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	for _, s := range []string{"x", "x=maybe", "="} {
		if asks(t, intake.Options{Statuses: []string{s}}.Check()) == "" {
			t.Errorf("%q is a rule", s)
		}
	}
}

// What is wrong with a flag is said before the list is looked at.
func TestOptionsAreChecked(t *testing.T) {
	good := intake.Options{Days: "dmy", Decimal: ",", Region: "DE", Currency: "EUR", Statuses: []string{"*=paid"}}
	for _, o := range []intake.Options{{}, good} {
		if err := o.Check(); err != nil {
			t.Error(err)
		}
	}
	for want, o := range map[string]intake.Options{
		"--dates ymd":     {Days: "ymd"},
		"--decimal ;":     {Decimal: ";"},
		"--region de":     {Region: "de"},
		"--region DEU":    {Region: "DEU"},
		"--currency Euro": {Currency: "Euro"},
		"--currency eur":  {Currency: "eur"},
	} {
		if said := asks(t, o.Check()); !strings.HasPrefix(said, want+": write") {
			t.Errorf("%s: %q", want, said)
		}
	}
	for typed, want := range map[string]string{"2025-03-01": "2025-03-01", "1.3.2025": "2025-03-01", "03/04/2025": "2025-04-03", "soon": "0001-01-01"} {
		if at, err := good.Day(typed); at.Format("2006-01-02") != want || (err != nil) != at.IsZero() {
			t.Errorf("%s: %s, %v", typed, at, err)
		}
	}
	if at, err := (intake.Options{}).Day("03/04/2025"); err == nil {
		t.Errorf("one of two dates: %s", at)
	}
}

// FuzzGuess takes any table for a list: what is guessed has a place, and no field
// has two.
func FuzzGuess(f *testing.F) {
	f.Add("Order,Email,Email\n1,a@b.example,x\n", true)
	f.Add("姓名;手机;邮箱\n王;13800138000;a@b.example\n", false)
	f.Add("a\tb\n\n1\t03/04/2025\n", true)
	f.Fuzz(func(t *testing.T, text string, orders bool) {
		b, err := sheet.Read("x", strings.NewReader(text), int64(len(text)))
		if err != nil {
			return
		}
		kind, o := intake.Buyers, intake.Options{File: "x", Consent: order.Consent{Source: "s", Wording: "w"}}
		if orders {
			kind, o.Consent = intake.Orders, order.Consent{}
		}
		o.AskDays = func(string, string) (string, error) { return "dmy", nil }
		p, err := kind.Plan(b, o)
		if err != nil {
			return
		}
		fields := fieldsOf(p)
		for i, name := range fields {
			if name != "" && (!slices.Contains(kind.Fields(), name) || slices.Index(fields, name) != i) {
				t.Errorf("column %d of %q holds %q", i, fields, name)
			}
		}
		_, _ = p.Columns(3)
		r, err := p.Read()
		if err != nil { // a day is all that the proof of a consent lacks here
			o.Consent.At = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			if p, err = kind.Plan(b, o); err == nil {
				r, err = p.Read()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if taken := len(r.Orders) + len(r.People); taken+r.Lost() > p.Rows() {
			t.Errorf("%d taken and %d lost of %d rows", taken, r.Lost(), p.Rows())
		}
		places := placesOf(b, p)
		for _, bad := range r.Bad {
			if !places[bad.Place] {
				t.Errorf("%s is named, where nothing stands", bad)
			}
		}
		if len(r.Bad) > 0 != (len(r.Complaints()) > 0) {
			t.Errorf("%d cells are bad; %q", len(r.Bad), r.Complaints())
		}
	})
}

// placesOf are those of the rows of a CSV that are read: the last ones.
func placesOf(b *sheet.Book, p *intake.Plan) map[intake.Place]bool {
	out := map[intake.Place]bool{}
	for _, s := range b.Sheets {
		rows := s.Rows
		if len(b.Sheets) == 1 {
			rows = rows[len(rows)-p.Rows():]
		}
		for _, row := range rows {
			out[intake.Place{Sheet: s.Name, Row: row.Number}] = true
		}
	}
	return out
}
