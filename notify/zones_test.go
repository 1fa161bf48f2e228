package notify_test

import (
	"testing"

	"nudged/notify"
	"nudged/store/order"
)

func TestZonesOfANumber(t *testing.T) {
	for number, c := range map[order.Phone]struct {
		n    int
		with string
	}{
		"+8613800138000": {1, "Asia/Shanghai"},
		"+12125551234":   {1, "America/New_York"},
		"+447911123456":  {3, "Europe/London"},
		"+521234567890":  {8, "America/Mexico_City"},
		"+870123456789":  {0, ""}, // a satellite
		"+abc":           {0, ""},
		"+":              {0, ""},
		"":               {0, ""},
	} {
		for name, of := range map[string]func(order.Phone) int{
			"ZonesOf":  func(p order.Phone) int { return len(notify.ZonesOf(p)) },
			"NewZones": func(p order.Phone) int { return len(zonesOf(p)) },
		} {
			if got := of(number); got != c.n {
				t.Errorf("%s: %s may be in %d zones, want %d", name, number, got, c.n)
			}
		}
		found := c.with == ""
		for _, z := range notify.ZonesOf(number) {
			found = found || z.String() == c.with
		}
		if !found {
			t.Errorf("%s is not in %s", number, c.with)
		}
	}
}
