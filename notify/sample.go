package notify

import (
	"errors"
	"time"

	"nudged/store/order"
)

// SampleOrder is an open order as a shop may have one today: texts are tried with
// it before there are real ones. Its buyer does not exist; its link leads to the
// shop.
func SampleOrder(shop ShopFacts) order.Order {
	zone := shop.zone()
	placed := time.Date(2026, time.November, 23, 20, 40, 0, 0, zone)
	name, first, second := "Ada Miller", "Leather belt, brown, 110 cm", "Brass buckle, 40 mm"
	if localeLanguage(shop.language()) == "zh" {
		name, first, second = "王小红", "棕色牛皮腰带 110 厘米", "黄铜皮带扣 40 毫米"
	}
	o := order.Order{
		ID: "1017", Number: "20261123-1017", Status: order.Unpaid, StatusText: "pending payment",
		Created: placed, First: placed.Add(8 * time.Minute), Closes: placed.Add(24*time.Hour + 20*time.Minute),
		Total: order.Money{Minor: 123450, Currency: "CNY"},
		Lines: []order.Line{
			{Title: first, SKU: "BELT-110", Quantity: 2, Total: order.Money{Minor: 99800, Currency: "CNY"}},
			{Title: second, SKU: "BUCKLE-40", Quantity: 1, Total: order.Money{Minor: 23650, Currency: "CNY"}},
		},
		Buyer: order.Buyer{Name: name, Email: "buyer@example.com", Phone: "+8613800000000"},
		Seen:  placed.Add(time.Hour), Looked: placed.Add(time.Hour),
	}
	if shop.Host != "" {
		o.Link = "https://" + shop.Host + "/order/1017/"
	}
	return o
}

// ForOpen reports whether a text can go out about an order that is open and can be
// delivered: the texts for a closed order and for one that is sold out cannot, so
// no step may want them. A text that is not there can.
func (t *Texts) ForOpen(language, name string) bool {
	shop := sampleShop(language)
	w := Writing{Order: SampleOrder(shop), Step: Step{Template: name, Offer: "Free shipping."}, Token: "token"}
	w.Order.Shop, w.At = "sample", w.Order.Looked
	w.Key = order.ReminderKey{Order: w.Order.Key(), Step: "sample", Channel: order.ByEmail}
	_, err := t.Write(Settings{Shops: map[string]ShopFacts{"sample": shop}}, w)
	return !errors.Is(err, ErrMissing)
}
