package notify_test

import (
	"testing"

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
		zones := zonesOf(number)
		if len(zones) != c.n {
			t.Errorf("%s may be in %d zones, want %d", number, len(zones), c.n)
		}
		found := c.with == ""
		for _, z := range zones {
			found = found || z.String() == c.with
		}
		if !found {
			t.Errorf("%s is not in %s", number, c.with)
		}
	}
}
