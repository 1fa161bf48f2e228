package browser_test

import (
	"errors"
	"strings"
	"testing"

	"nudged/crawler/browser"
)

// Chrome's own page about a page that did not come has an address that tells a
// seller nothing.
func TestAStepErrorNamesNoPageOfChrome(t *testing.T) {
	for address, want := range map[string]string{
		"chrome-error://chromewebdata/": "it did not come; the page before it could not be opened",
		"https://shop.test/login":       `it did not come; the page shown is "Shop" at https://shop.test/login`,
	} {
		e := &browser.StepError{Step: 2, Act: `wait for "#orders"`, Title: "Shop", URL: address, Err: errors.New("it did not come")}
		if got := e.Error(); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", address, got)
		}
	}
}
