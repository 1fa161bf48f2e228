package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"nudged/cmd/nudged/sheet"
)

// texts are a row of cells of text.
func cellsOf(line string) []sheet.Value {
	var out []sheet.Value
	for _, s := range strings.Split(line, "|") {
		v := sheet.Value{Kind: sheet.Text, Text: s}
		if s == "" {
			v = sheet.Value{}
		}
		out = append(out, v)
	}
	return out
}

func TestColumnsAreGuessed(t *testing.T) {
	for name, c := range map[string]struct {
		kind   listKind
		header string
		rows   []string
		want   string
	}{
		"shopify orders": {
			ordersList(), "Name|Email|Financial Status|Paid at|Fulfillment Status|Accepts Marketing|Currency|Subtotal|Total|Created at|Lineitem quantity|Lineitem name|Billing Name|Billing Phone|Payment Method|Id",
			[]string{"#1001|ann@example.com|paid|2026-11-22 08:30:15 -0500|fulfilled|no|USD|10.00|12.50|2026-11-22 08:30:10 -0500|1|Mug|Ann Lee|+12125550123|Stripe|5523423423423"},
			"number|email|status|||" + "|currency||total|created|quantity|items|name|phone|payment|",
		},
		"taobao orders": {
			ordersList(), "订单编号|买家会员名|订单状态|收货人姓名|联系手机|订单创建时间|买家实际支付金额|宝贝标题|店铺Id",
			[]string{"2024123456789012345|tb_ann|交易成功|王小明|'13800138000|2026-11-22 08:30:15|1299.00|茶壶|1"},
			"number||status|name|phone|created|total|items|",
		},
		"woocommerce": {
			ordersList(), "Order Number|Order Status|Order Date|Customer Note|First Name (Billing)|Last Name (Billing)|Email (Billing)|Phone (Billing)|Order Total Amount|Item Name|Quantity",
			[]string{"77|wc-completed|2026-11-22 08:30|none|Ann|Lee|ann@example.com|+12125550123|12.50|Mug|2"},
			"number|status|created||first_name|last_name|email|phone|total|items|quantity",
		},
		"german, by hand": {
			ordersList(), "Bestellnummer|Datum|Kunde|E-Mail|Telefon|Gesamtbetrag|Status",
			[]string{"B-1|22.11.2026|Anna Müller|anna@example.com|0171 2345678|1.234,50 €|bezahlt"},
			"number|created|name|email|phone|total|status",
		},
		"a title is not believed against what stands below": {
			ordersList(), "Order|Status|Date|Email|Total|Phone",
			[]string{"1|paid|2026-11-22|call me|12|ann@example.com", "2|paid|2026-11-23|-|13|bea@example.com"},
			"number|status|created||total|email",
		},
		"our own orders": {
			ordersList(), "Shop|Number|Status|In the shop's words|Placed|Closes|Total|Currency|Buyer|E-mail|Phone|Contact|Items|Pieces|Payment|Coupon|Where to pay|Last read|Id",
			[]string{"demo|1001|paid|Bezahlt|2026-11-22 08:30:15||12.50|EUR|Ann|ann@example.com|'+12125550123|email phone|1 × Mug|1|Card|||2026-11-22 09:00:00|import:1001"},
			"|number|status|status_text|created||total|currency|name|email|phone||items|quantity|payment||||",
		},
		"shopify customers": {
			buyersList(), "Customer ID|First Name|Last Name|Email|Accepts Email Marketing|Phone|Total Spent|Total Orders|Note",
			[]string{"'5523423423423|Ann|Lee|ann@example.com|yes|'+12125550123|120.50|3|nice"},
			"|first_name|last_name|email|consent|phone|spent|orders|",
		},
		"our own buyers": {
			buyersList(), "Buyer|E-mail|Phone|Contact|Kind|Groups|Orders|Open|Paid|Paid in all|Currency|First order|Last order|Last paid",
			[]string{"Ann|ann@example.com||email|customer|customer, known|2|1|1|12.50|EUR|2026-11-22|2026-11-23|2026-11-22"},
			"name|email|phone||||||orders|spent|currency|first||last",
		},
		"youzan customers": {
			buyersList(), "客户姓名|手机号|累计消费金额|购买次数|最近下单时间|是否订阅",
			[]string{"王小明|13800138000|1299.00|3|2026-11-22|是"},
			"name|phone|spent|orders|last|consent",
		},
		"names are no numbers": {
			ordersList(), "Name|Status|Date|Ref", []string{"Ann Lee|paid|2026-11-22|A-17"}, "name|status|created|",
		},
		"no titles that are known": {
			buyersList(), "Фамилия|Почта|Тел",
			[]string{"Иванова|ann@example.com|+79161234567", "Петров|bob@example.com|+79161234568"},
			"|email|phone",
		},
		"long numbers are no phones": {
			buyersList(), "Foo|Bar", []string{"20241122001|ann@example.com", "20241122002|bob@example.com"}, "|email",
		},
		"empty": {buyersList(), "", []string{""}, ""},
	} {
		var rows [][]sheet.Value
		for _, line := range c.rows {
			rows = append(rows, cellsOf(strings.ReplaceAll(line, "'", "")))
		}
		var got []string
		for _, f := range c.kind.guess(strings.Split(c.header, "|"), rows) {
			got = append(got, string(f))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s:\n%s\nread as\n%s\nwant\n%s", name, c.header, s, c.want)
		}
	}
}

func TestTheRowOfTitlesIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"at the top":           {"Order,Status,Total\n1,paid,2\n", 0},
		"below a heading":      {"Orders of 2025\nmade on 2026-01-02\nOrder,Status,Total\n1,paid,2\n", 2},
		"unknown":              {"Foo,Bar\nx,y\n", 0},
		"addresses, no titles": {"ann@example.com,Ann\nbob@example.com,Bob\n", -1},
	} {
		book, err := sheet.Read("x.csv", strings.NewReader(c.text), int64(len(c.text)))
		if err != nil {
			t.Fatal(err)
		}
		if got := ordersList().headerAmong(book.Sheets[0].Rows); got != c.want {
			t.Errorf("%s: row %d, want %d", name, got, c.want)
		}
	}
}

func TestStatusesAreKnown(t *testing.T) {
	for word, want := range map[string]string{
		"Paid": "paid", "partially_refunded": "paid", "wc-completed": "paid", "Completed": "paid", "Pending payment": "unpaid", "已发货": "paid", "等待买家付款": "unpaid", "交易关闭": "closed_unpaid",
		"refunded": "closed_refunded", "VOIDED": "closed_unpaid", "closed_unpaid": "closed_unpaid", "paid": "paid", "": "", "…": "", "closed": "",
	} {
		if got := statusOf(word); string(got) != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	for _, s := range []string{"x", "x=maybe", "="} {
		if _, err := statusRules([]string{s}); code(err) != exitUsage {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// FuzzGuess takes any table for a list: what is guessed has a place, and no field
// has two.
func FuzzGuess(f *testing.F) {
	f.Add("Order,Email,Email\n1,a@b.example,x\n", true)
	f.Add("姓名;手机;邮箱\n王;13800138000;a@b.example\n", false)
	f.Add("a\tb\n\n1\t03/04/2025\n", true)
	f.Fuzz(func(t *testing.T, text string, orders bool) {
		book, err := sheet.Read("x", bytes.NewReader([]byte(text)), int64(len(text)))
		if err != nil {
			return
		}
		p := &importPlan{kind: buyersList(), file: "x", consent: consentRule{source: "s", wording: "w"}}
		if orders {
			p = &importPlan{kind: ordersList(), file: "x"}
		}
		p.zone = utc()
		if err := p.read(book, "", nil); err != nil {
			return
		}
		for i, name := range p.fields {
			if _, ok := p.kind.find(string(name)); name != "" && (!ok || slices.Index(p.fields, name) != i) {
				t.Errorf("column %d of %q holds %q", i, p.fields, name)
			}
		}
		if err := p.decide("", "", func(string, string) (dayOrder, error) { return daysFirst, nil }); err != nil {
			return
		}
		r := &reader{importPlan: p}
		rows, places := 0, map[place]bool{}
		for s, row := range p.all() {
			rows++
			places[place{s.name, row.Number}] = true
		}
		var taken int
		if orders {
			taken = len(r.orders())
		} else {
			taken = len(r.people())
		}
		if taken+r.lost() > rows {
			t.Errorf("%d taken and %d lost of %d rows", taken, r.lost(), rows)
		}
		for _, b := range r.bad {
			if !places[b.place] {
				t.Errorf("%s is named, where nothing stands", b)
			}
		}
		_ = p.sampleTable()
	})
}
