package extract_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// guideBlock is the indented text of the recipe guide that begins so.
func guideBlock(t *testing.T, begin string) string {
	t.Helper()
	src, err := os.ReadFile("../recipe/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(src), "\n//\t"+begin)
	if !found {
		t.Fatalf("the guide has no text that begins with %q", begin)
	}
	out := begin
	for line := range strings.Lines(rest) {
		code, is := strings.CutPrefix(line, "//\t")
		switch {
		case out == begin:
			out += line
		case is:
			out += code
		case strings.TrimSpace(line) == "//":
			out += "\n"
		default:
			return out
		}
	}
	return out
}

func guideRecipe(t *testing.T, name string) *recipe.Recipe {
	t.Helper()
	r, err := recipe.Parse("guide.yaml", []byte("schema: 1\n"+guideBlock(t, "name: "+name)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func guidePage(t *testing.T, kind, begin string) recipe.Page {
	t.Helper()
	return recipe.Page{
		URL: "https://bakery.example/admin/orders", Status: 200, Type: kind, Header: http.Header{},
		Body: []byte(guideBlock(t, begin)), At: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
}

func guideShop() extract.Shop {
	return extract.Shop{Name: "guide", URL: "https://bakery.example/admin/", Zone: time.UTC, Region: "DE"}
}

// The recipes of the guide read the pages of the guide.
func TestGuideReadsItsBakery(t *testing.T) {
	r := guideRecipe(t, "bakery")
	person := func(name string) (string, bool) { return name, true }
	post, err := extract.Form(guidePage(t, "text/html", `<form id="login"`), r.SignIn.Steps[1].Submit, person)
	if err != nil || post.URL != "https://bakery.example/admin/login" || post.Values.Get("token") != "8f3a" || post.Values.Get("password") != "password" {
		t.Errorf("the form is %+v, %v", post, err)
	}
	page := guidePage(t, "text/html", `<a id="logout"`)
	if !extract.Check(&r.SignIn.Proof.Sign, page) || extract.SignedIn(r, page) != extract.Yes {
		t.Error("the list does not prove the sign-in")
	}
	list, err := extract.List(r, guideShop(), page, "")
	if err != nil || len(list.Orders) != 1 || len(list.Problems) > 0 {
		t.Fatalf("list is %+v, %v", list, err)
	}
	o := list.Orders[0]
	if o.ID != "4711" || o.Number != "B-4711" || o.Buyer.Name != "Anna Kowalska" || o.Total.Minor != 123450 || o.Total.Currency != "EUR" || !o.Created.Equal(time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)) || o.Status != order.Unpaid || list.NextURL != "https://bakery.example/admin/orders?page=2" {
		t.Errorf("order is %+v, next %s", o, list.NextURL)
	}
	o, _, problems, err := extract.Detail(r, guideShop(), guidePage(t, "text/html", `<h1 id="order"`), o)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	if o.Buyer.Email != "anna@example.com" || o.Buyer.Phone != "+48512345678" || len(o.Lines) != 1 || o.Lines[0].Title != "Rye bread" || o.Lines[0].Quantity != 2 {
		t.Errorf("order is %+v", o)
	}
}

func TestGuideReadsItsMarket(t *testing.T) {
	r := guideRecipe(t, "market")
	list, err := extract.List(r, guideShop(), guidePage(t, "application/json", `{"orders": [{"id": 9001`), "")
	if err != nil || len(list.Orders) != 1 || len(list.Problems) > 0 {
		t.Fatalf("list is %+v, %v", list, err)
	}
	o := list.Orders[0]
	if o.ID != "9001" || o.Number != "M-9001" || o.Status != order.Unpaid || o.Total.Minor != 2599 || o.Buyer.Name != "Ben Ito" || o.Buyer.Email != "ben@example.com" {
		t.Errorf("order is %+v", o)
	}
	if want := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC); !o.Created.Equal(want) {
		t.Errorf("it was ordered at %v, want %v", o.Created, want)
	}
}

func TestGuideReadsItsKiosk(t *testing.T) {
	r := guideRecipe(t, "kiosk")
	page := guidePage(t, "text/html", `<script>window.shop`)
	list, err := extract.List(r, guideShop(), page, "open")
	if err != nil || len(list.Orders) != 1 || len(list.Problems) > 0 || list.Cursor != "b2" {
		t.Fatalf("list is %+v, %v", list, err)
	}
	o := list.Orders[0]
	if o.ID != "12" || o.Status != order.Unpaid || o.Total.Minor != 3000 || list.RowVars["12"]["paid"] != "0" {
		t.Errorf("order is %+v, vars %v", o, list.RowVars)
	}
	page.Body = []byte(`<script>window.shop = {};</script><script>window.page = {"order": {"id": 12, "state": "gone", "paid": 1, "phone": "+49 30 901820"}};</script>`)
	o, _, problems, err := extract.Detail(r, guideShop(), page, o)
	if err != nil || len(problems) > 0 || o.Status != order.ClosedRefunded || o.Buyer.Phone != "+4930901820" {
		t.Errorf("order is %+v, %v, %v", o, problems, err)
	}
	page.Body = []byte(`<script>window.page = {"orders": [], "next": null};</script>`)
	if list, err = extract.List(r, guideShop(), page, "open"); err != nil || !list.Empty || list.HasCursor {
		t.Errorf("an empty list is %+v, %v", list, err)
	}
}
