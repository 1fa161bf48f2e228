package notify_test

import (
	"testing"

	"nudged/notify"
)

// What is shown to the seller and counted is what a phone shows.
func TestSigned(t *testing.T) {
	for m, want := range map[*notify.Message]string{
		{Text: "您的订单"}:              "您的订单",
		{Text: "您的订单", Sign: "皮带铺"}: "【皮带铺】您的订单",
	} {
		if got := m.Signed(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
