package notify_test

import "testing"

// A step never wants a text that no open order can get.
func TestTextsForOpenOrders(t *testing.T) {
	texts := loadTexts(t)
	for _, language := range []string{"en", "zh"} {
		for name, want := range map[string]bool{"gentle": true, "helpful": true, "closing": true, "offer": true, "again": false, "soldout": false} {
			if got := texts.ForOpen(language, name); got != want {
				t.Errorf("%s/%s: %v", language, name, got)
			}
		}
	}
}
