package order_test

import (
	"math"
	"testing"

	"nudged/store/order"
)

func TestMoneyPrintsTheDecimalsOfItsCurrency(t *testing.T) {
	for _, tc := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{123450, "USD", "1234.50 USD"}, {5, "EUR", "0.05 EUR"}, {-5, "EUR", "-0.05 EUR"}, {-123450, "CNY", "-1234.50 CNY"},
		{1500, "JPY", "1500 JPY"}, {-1500, "KRW", "-1500 KRW"}, {1234567, "BHD", "1234.567 BHD"}, {12, "CLF", "0.0012 CLF"},
		{0, "USD", "0.00 USD"}, {199, "", "1.99"}, {1, "ZZZ", "0.01 ZZZ"},
		{math.MaxInt64, "USD", "92233720368547758.07 USD"}, {math.MinInt64, "USD", "-92233720368547758.08 USD"}, {math.MinInt64, "JPY", "-9223372036854775808 JPY"},
	} {
		if got := (order.Money{Minor: tc.minor, Currency: tc.currency}).String(); got != tc.want {
			t.Errorf("%d %s prints %q, want %q", tc.minor, tc.currency, got, tc.want)
		}
	}
	if !(order.Money{Currency: "USD"}).IsZero() || (order.Money{Minor: -1}).IsZero() {
		t.Error("IsZero")
	}
}
