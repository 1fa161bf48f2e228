package notify_test

import (
	"strings"
	"testing"
	"time"

	"nudged/store/order"
)

func TestChineseDatesAndMoney(t *testing.T) {
	texts := loadTexts(t)
	for _, c := range []struct {
		zone, closes string
		total        order.Money
		want         []string
	}{
		{"Asia/Shanghai", "2026-11-24T21:00:00+08:00", order.Money{Minor: 123450, Currency: "CNY"}, []string{"11月24日 周二 21:00（上海时间）", "1,234.50元"}},
		{"America/New_York", "2026-11-29T01:05:00-05:00", order.Money{Minor: 5000, Currency: "JPY"}, []string{"11月29日 周日 01:05（纽约时间）", "5,000日元"}},
		{"Africa/Lagos", "2026-12-01T09:00:00+01:00", order.Money{Minor: -99, Currency: "USD"}, []string{"12月1日 周二 09:00（UTC+01:00）", "-0.99美元"}},
		{"UTC", "2026-12-01T09:00:00Z", order.Money{Minor: 100, Currency: "SEK"}, []string{"12月1日 周二 09:00（UTC+00:00）", "SEK\u00a01.00"}},
	} {
		s := shopIn("zh")
		f := s.Shops["buckles"]
		f.Zone = mustZone(c.zone)
		s.Shops["buckles"] = f
		o := orderFor("zh", "closing")
		closes, err := time.Parse(time.RFC3339, c.closes)
		if err != nil {
			t.Fatal(err)
		}
		o.Closes, o.Total = closes, c.total
		m, err := texts.Write(s, writingFor(o, "zh", "closing", order.ByEmail))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(m.Text, want) {
				t.Errorf("there is no %q in:\n%s", want, m.Text)
			}
		}
		for _, english := range []string{"Mon", "Tue", "Sun", "Nov", "time)", "item", "more"} {
			if strings.Contains(m.Text, english) {
				t.Errorf("there is %q in:\n%s", english, m.Text)
			}
		}
	}
}

// A long order of things without names has no English word in Chinese.
func TestChineseHasNoEnglishWords(t *testing.T) {
	o := orderFor("zh", "gentle")
	o.Lines, o.Link, o.Buyer.Name = nil, "", ""
	for range 12 {
		o.Lines = append(o.Lines, order.Line{Quantity: 1})
	}
	m, err := loadTexts(t).Write(shopIn("zh"), writingFor(o, "zh", "gentle", order.ByEmail))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(o.Number, "", "buckles-help", "").Replace(m.Text)
	if at := strings.IndexFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }); at >= 0 {
		t.Errorf("there is English from %.40q in:\n%s", text[at:], m.Text)
	}
	for _, want := range []string{"您好：", "商品 1 件", "另有 4 种商品未列出", "选择付款方式"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("there is no %q in:\n%s", want, m.Text)
		}
	}
	if !strings.Contains(m.HTML, `<html lang="zh-CN" dir="ltr">`) {
		t.Errorf("the HTML does not say that it is Chinese: %.100s", m.HTML)
	}
}
