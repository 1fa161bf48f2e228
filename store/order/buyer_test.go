package order_test

import (
	"testing"

	"nudged/store/order"
)

func TestABuyerByOneChannel(t *testing.T) {
	ann := order.Buyer{Name: "Ann", Email: "ann@example.com", Phone: "+8613800138000"}
	for channel, want := range map[order.Channel]order.Buyer{
		order.ByEmail: {Email: "ann@example.com"},
		order.BySMS:   {Phone: "+8613800138000"},
	} {
		if got := ann.By(channel); got != want {
			t.Errorf("by %s: %q %q %q", channel, got.Name, got.Email.Reveal(), got.Phone.Reveal())
		}
	}
}
