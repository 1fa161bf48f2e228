package notify_test

import (
	"strings"
	"testing"

	"nudged/store/order"
)

func TestFactsForGateways(t *testing.T) {
	texts := loadTexts(t)
	m, err := texts.Write(shopIn("zh"), writingFor(orderFor("zh", "gentle"), "zh", "gentle", order.BySMS))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"shop": "皮扣小店", "name": "王小红", "number": "B-20261121-17", "amount": "1,234.50元", "total": "1234.50", "currency": "CNY",
		"closes": "11月23日12:00", "items": "棕色牛皮腰带 110 厘米等2种商品", "link": "https://buckles.example/my-account/view-order/17/",
		"contact": "微信 buckles-help，每天 9:00–18:00",
	}
	for name, value := range want {
		if m.Facts[name] != value {
			t.Errorf("%s is %q, want %q", name, m.Facts[name], value)
		}
	}
	if len(m.Facts) != len(want) {
		t.Errorf("facts are %q", m.Facts)
	}
	bare := order.Order{Shop: "buckles", ID: "1", Total: order.Money{Minor: 500, Currency: "JPY"}}
	if m, err = texts.Write(shopIn("en"), writingFor(bare, "en", "gentle", order.BySMS)); err != nil {
		t.Fatal(err)
	}
	for name, value := range m.Facts {
		if strings.TrimSpace(value) == "" {
			t.Errorf("%s is there and empty", name)
		}
	}
	if _, ok := m.Facts["closes"]; ok || m.Facts["total"] != "500" || m.Facts["amount"] != "JPY 500" {
		t.Errorf("facts are %q", m.Facts)
	}
}
