package demoshop_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"nudged/crawler/demoshop"
	"nudged/crawler/recipe"
)

// visitor is a person with a browser, without the browser.
type visitor struct {
	t    *testing.T
	shop *demoshop.Shop
	http.Client
}

func open(t *testing.T, o demoshop.Options) *visitor {
	t.Helper()
	shop, err := demoshop.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shop.Close() })
	jar, _ := cookiejar.New(nil)
	v := &visitor{t: t, shop: shop, Client: http.Client{Jar: jar, Transport: &http.Transport{}}}
	t.Cleanup(v.CloseIdleConnections)
	return v
}

func (v *visitor) get(path string) (int, string) {
	v.t.Helper()
	r, err := v.Get(v.shop.URL + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err.Error()
	}
	return r.StatusCode, string(body)
}

var token = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (v *visitor) signIn(password string) string {
	v.t.Helper()
	_, page := v.get("admin/login")
	r, err := v.PostForm(v.shop.URL+"admin/login", url.Values{
		"user": {v.shop.User()}, "password": {password}, "csrf": {token.FindStringSubmatch(page)[1]},
	})
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusOK {
		v.t.Errorf("signing in ended with %d", r.StatusCode)
	}
	return string(body)
}

func TestSignIn(t *testing.T) {
	v := open(t, demoshop.Options{})
	if page := v.signIn("wrong"); !strings.Contains(page, "4 tries left") {
		t.Error("a wrong password is not refused in words")
	}
	if page := v.signIn(v.shop.Password()); !strings.Contains(page, `id="who"`) {
		t.Error("the right password does not lead to the dashboard")
	}
	v.shop.ExpireSessions()
	if _, page := v.get("admin/orders"); !strings.Contains(page, `id="signin"`) {
		t.Error("an expired session still shows the orders")
	}
	if status, _ := v.get("api/orders"); status != http.StatusUnauthorized {
		t.Errorf("the API answers %d to an expired session", status)
	}
	if v.shop.SignIns() != 1 || v.shop.Refusals() != 1 {
		t.Errorf("%d sign-ins and %d refusals counted", v.shop.SignIns(), v.shop.Refusals())
	}
}

func TestLockOut(t *testing.T) {
	v := open(t, demoshop.Options{})
	for range 5 {
		v.signIn("wrong")
	}
	if page := v.signIn(v.shop.Password()); !strings.Contains(page, "locked") {
		t.Error("five wrong passwords do not lock the account")
	}
}

func TestFormNeedsItsToken(t *testing.T) {
	v := open(t, demoshop.Options{})
	v.get("admin/login")
	r, err := v.PostForm(v.shop.URL+"admin/login", url.Values{"user": {v.shop.User()}, "password": {v.shop.Password()}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if v.shop.SignIns() != 0 {
		t.Error("a form without its hidden token signs in")
	}
}

func TestListsShowTheSame(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	v := open(t, demoshop.Options{Now: func() time.Time { return now }, PageSize: 20})
	v.signIn(v.shop.Password())
	var ids, plain []string
	for _, page := range []string{"1", "2", "3"} {
		_, body := v.get("api/orders?page=" + page)
		var list struct {
			Orders []struct{ ID json.Number }
			Total  int
		}
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Orders {
			ids = append(ids, o.ID.String())
		}
		_, body = v.get("admin/orders/plain?page=" + page)
		for _, m := range regexp.MustCompile(`data-id="(\d+)"`).FindAllStringSubmatch(body, -1) {
			plain = append(plain, m[1])
		}
	}
	if len(ids) != 42 || strings.Join(ids, ",") != strings.Join(plain, ",") {
		t.Errorf("the API lists %d orders, the page %d:\n%v\n%v", len(ids), len(plain), ids, plain)
	}
}

func TestWritesAreCounted(t *testing.T) {
	v := open(t, demoshop.Options{})
	v.signIn(v.shop.Password())
	v.get("admin/orders")
	v.get("admin/orders/1042")
	if w := v.shop.Writes(); len(w) != 0 {
		t.Fatalf("reading counts as writing: %v", w)
	}
	before := len(v.shop.Orders())
	for _, path := range []string{"admin/orders/1042/delete", "admin/orders?action=delete&id=1", "admin/orders/trash?by=image"} {
		v.get(path)
	}
	r, err := v.Post(v.shop.URL+"api/orders/read", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if w := v.shop.Writes(); len(w) != 4 {
		t.Errorf("4 writes, counted %v", w)
	}
	if len(v.shop.Orders()) != before {
		t.Error("a write changed the shop; it only counts")
	}
}

func TestControls(t *testing.T) {
	v := open(t, demoshop.Options{Orders: []demoshop.Order{}, Tame: true})
	v.signIn(v.shop.Password())
	if _, page := v.get("admin/orders/plain"); !strings.Contains(page, "No orders yet") {
		t.Error("an empty shop does not say so")
	}
	o := v.shop.Add(demoshop.Order{Name: "New Buyer", Email: "new@example.test"})
	if err := v.shop.Pay(o.ID); err != nil {
		t.Fatal(err)
	}
	if _, page := v.get("admin/orders/" + o.ID); !strings.Contains(page, ">Paid<") || !strings.Contains(page, "New Buyer") {
		t.Error("the paid order does not show")
	}
	if err := v.shop.Pay("none"); err == nil {
		t.Error("an order that is not there was paid")
	}
	v.shop.ExpireAfter(2)
	v.get("admin/")
	if _, page := v.get("admin/"); !strings.Contains(page, `id="signin"`) {
		t.Error("the session outlived its second request")
	}
}

func TestFaults(t *testing.T) {
	v := open(t, demoshop.Options{})
	v.signIn(v.shop.Password())
	tests := []struct {
		fault  demoshop.Fault
		status int
		want   string
	}{
		{demoshop.Fault{Kind: demoshop.Answer, Status: 429, RetryAfter: "7"}, 429, "Too Many"},
		{demoshop.Fault{Kind: demoshop.LoginInstead}, 200, `id="signin"`},
		{demoshop.Fault{Kind: demoshop.EmptyTable}, 200, "<tbody>\n</tbody>"},
		{demoshop.Fault{Kind: demoshop.ChangedColumn}, 200, `class="state"`},
		{demoshop.Fault{Kind: demoshop.GBK}, 200, "\xcd\xf5\xd0\xa1\xc3\xf7"},
		{demoshop.Fault{Kind: demoshop.Cut}, 0, "unexpected EOF"},
		{demoshop.Fault{Kind: demoshop.Garbage}, 200, "\x00\xff<"},
	}
	for _, test := range tests {
		v.shop.Break(test.fault)
		status, body := v.get("admin/orders/plain")
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: status %d, body without %q", test.fault.Kind, status, test.want)
		}
		v.shop.Mend()
	}
	if status, _ := v.get("admin/orders/plain"); status != http.StatusOK {
		t.Error("a mended shop is still broken")
	}
}

// The sample has one order of each kind that a reminder should know about.
func TestHintsAreShown(t *testing.T) {
	v := open(t, demoshop.Options{})
	v.signIn(v.shop.Password())
	for id, want := range map[string]string{
		"1040": `<p id="pay-failed">A payment by Wallet failed.`, "1028": `<b id="coupon">WELCOME5</b>`, "1026": `<td class="stock">sold out</td>`,
	} {
		if o, ok := v.shop.Order(id); !ok || o.Status != demoshop.Awaiting {
			t.Errorf("order %s is %+v", id, o)
		}
		for other := range map[string]bool{id: true, "1042": true} {
			if _, page := v.get("admin/orders/" + other); strings.Contains(page, want) != (id == other) {
				t.Errorf("order %s: looked for %s in\n%s", other, want, page)
			}
		}
		if _, answer := v.get("api/orders/" + id); !strings.Contains(answer, `"pay_failed":true`) && !strings.Contains(answer, `"coupon":"WELCOME5"`) && !strings.Contains(answer, `"SoldOut":true`) {
			t.Errorf("order %s: %s", id, answer)
		}
	}
}

func TestRecipesLoad(t *testing.T) {
	for name, text := range map[string][]byte{"demoshop": demoshop.Recipe(), "demoshop-form": demoshop.FormRecipe(), "demoshop-captured": demoshop.CapturedRecipe()} {
		if _, err := recipe.Parse(name+".yaml", text); err != nil {
			t.Error(err)
		}
	}
}
