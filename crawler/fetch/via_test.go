package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"nudged/crawler/fetch"
)

// A token may stand in an address on the way that the last one has not.
func TestAddressesOnTheWay(t *testing.T) {
	way := map[string]string{"/login": "/callback?token=abc", "/callback": "admin/"}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if to, ok := way[q.URL.Path]; ok {
			http.Redirect(w, q, to, http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)
	c, err := fetch.New(fetch.Options{UserAgent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Do(t.Context(), fetch.Request{Method: http.MethodPost, URL: s.URL + "/login", Body: []byte("a=b")})
	if want := []string{s.URL + "/callback?token=abc", s.URL + "/admin/"}; err != nil || !slices.Equal(p.Via, want) || p.URL != want[1] {
		t.Errorf("over %q to %s, %v", p.Via, p.URL, err)
	}
	if p, err = c.Do(t.Context(), fetch.Request{URL: s.URL + "/admin/"}); err != nil || len(p.Via) != 0 {
		t.Errorf("without a redirect over %q, %v", p.Via, err)
	}
}
