package crawler_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
)

// A customer's page says nothing of the order: where the shop leads to another
// customer's, that one must not be reminded of this order.
func TestAnotherCustomersPageIsNotBelieved(t *testing.T) {
	for name, c := range map[string]struct{ request, of string }{
		"by a template": {"customer/{customer}", ""},
		"by a link":     {"{customer}", "customer/"},
	} {
		t.Run(name, func(t *testing.T) {
			detail := strings.Replace(tinyDetail, ", email: .mail}", ", vars: {customer: {select: a.c, attr: data-c}}}", 1) + `  more:
    - request: "` + c.request + `"
      found: .customer
      fields: {email: .mail}
`
			s := newTiny(t, 2, tinyRecipe("", pagings()["link"], detail))
			s.orders[0].status, s.orders[0].customer = "Open", c.of+"72"
			s.orders[1].status, s.orders[1].customer = "Open", c.of+"71"
			inner := s.Config.Handler
			s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if q.URL.Path == "/customer/72" {
					http.Redirect(w, q, "/customer/71", http.StatusFound)
					return
				}
				inner.ServeHTTP(w, q)
			})
			result := s.must(true)
			for _, o := range result.Orders {
				want := map[string]string{"1002": "", "1001": "71@example.test"}[o.ID]
				if o.Buyer.Email.Reveal() != want {
					t.Errorf("order %s is of %q, want %q; %v", o.ID, o.Buyer.Email.Reveal(), want, s.took())
				}
			}
			var layout *crawler.LayoutError
			if _, _, err := s.spider.Look(t.Context(), s.shop, "1002", s.session); !errors.As(err, &layout) {
				t.Errorf("a look believes it: %v", err)
			}
		})
	}
}

// A token that a shop sends in a header is in no recording.
func TestTapeHoldsNoTokenOfAHeader(t *testing.T) {
	const token = "f00dfacecafe"
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.before(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Vendure-Auth-Token", token)
		w.Header().Set("X-Total-Count", "12")
		return false
	})
	dir := filepath.Join(t.TempDir(), "tape")
	recorder, err := crawler.NewRecorder(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.spider = crawler.New(crawler.Options{Now: r.now, Record: recorder})
	r.must(true)
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil || strings.Contains(string(index), token) || !strings.Contains(string(index), "X-Total-Count") {
		t.Errorf("the index holds the token, or no headers: %v\n%.2000s", err, index)
	}
}

// Who is signed in may be told by an e-mail address, which stands in no mail,
// error or log.
func TestIdentityIsMasked(t *testing.T) {
	identity := strings.Replace(string(demoshop.FormRecipe()), `sign: "#who"`, `sign: "#who", identity: "#store"`, 1)
	c := newClocked(t, nil, 10_000)
	c.rig = newRig(t, demoshop.Options{}, []byte(identity))
	c.demo.SetStore(canaryEmail)
	c.restart()
	c.must(false)
	c.demo.SetStore("Other Shop")
	c.now = c.now.Add(time.Hour)
	_, err := c.visit(false) // which looks for canaries
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || !strings.Contains(err.Error(), "another shop is signed in") {
		t.Errorf("%v", err)
	}
}

// A buyer's name is in no recording, wherever it stands.
func TestTapeHoldsNoName(t *testing.T) {
	const name = "Wilhelmina Quux"
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.demo.Add(demoshop.Order{Name: name, Email: canaryEmail, Phone: canaryPhone})
	dir := filepath.Join(t.TempDir(), "tape")
	recorder, err := crawler.NewRecorder(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.spider = crawler.New(crawler.Options{Now: r.now, Record: recorder})
	r.must(true)
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), name) {
			t.Errorf("%s holds the name, %v", filepath.Base(file), err)
		}
	}
	if len(files) < 3 {
		t.Errorf("only %d files", len(files))
	}
}
