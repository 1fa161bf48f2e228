package recipe_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"nudged/crawler/recipe"
)

const shopURL = "https://shop.example/admin/"

func TestBuiltinRecipesLoadAndPassTheirGuard(t *testing.T) {
	names := recipe.Builtin()
	if len(names) < 3 {
		t.Fatalf("%d recipes are built in", len(names))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			r, err := recipe.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			if r.Name != name || r.Title == "" || r.About == "" || r.Proven == "" || r.Marks == "" {
				t.Errorf("it does not say who it is: %q %q %q %q %q", r.Name, r.Title, r.About, r.Proven, r.Marks)
			}
			base, err := url.Parse(shopURL)
			if err != nil {
				t.Fatal(err)
			}
			guard := recipe.NewGuard(base, r.Allow, r.Deny, nil)
			guard.Lock()
			requests := map[string]*recipe.Request{"proof": &r.SignIn.Proof.Request, "list": &r.List.Request}
			if r.Heartbeat != nil {
				requests["heartbeat"] = &r.Heartbeat.Request
			}
			if r.Detail != nil {
				requests["detail"] = &r.Detail.Request
				for i := range r.Detail.More {
					requests[fmt.Sprintf("more %d", i)] = &r.Detail.More[i].Request
				}
			}
			for what, q := range requests {
				passes(t, guard, base, what, q)
			}
		})
	}
}

// passes holds a recipe's own request against the guard.
func passes(t *testing.T, guard *recipe.Guard, base *url.URL, what string, q *recipe.Request) {
	t.Helper()
	look := func(name string) (string, bool) {
		switch name {
		case "url":
			return base.String(), true
		case "origin":
			return base.Scheme + "://" + base.Host, true
		}
		return "1", true
	}
	for _, get := range q.Get {
		address, err := get.URL(base, look)
		if err != nil {
			t.Fatal(err)
		}
		if err := guard.Judge("GET", address, nil, nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if q.Post == nil || q.GraphQL == nil {
		return // the parser holds other posts against allow
	}
	address, err := q.Post.URL(base, look)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"query":` + `"` + recipe.EscapeJSON(q.GraphQL.Query) + `"}`
	if err := guard.Judge("POST", address, map[string]string{"Content-Type": "application/json"}, []byte(body)); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	write := `{"query":"mutation { cancelOrder(input: {orderId: 1}) { __typename } }"}`
	if err := guard.Judge("POST", address, map[string]string{"Content-Type": "application/json"}, []byte(write)); !errors.Is(err, recipe.ErrBlocked) {
		t.Errorf("%s: a mutation to the same address passes", what)
	}
}

func TestWooCommerceNeverOpensWhatLocks(t *testing.T) {
	r, err := recipe.Load("woocommerce")
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(shopURL)
	if err != nil {
		t.Fatal(err)
	}
	guard := recipe.NewGuard(base, r.Allow, r.Deny, nil)
	guard.Lock()
	for _, path := range []string{
		"post.php?post=74&action=edit",
		"post.php?action=edit&post=74",
		"admin.php?page=wc-orders&action=edit&id=74",
		"admin.php?page=wc-orders&id=74&action=edit",
		"admin-ajax.php?action=woocommerce_mark_order_status&status=completed&order_id=74&_wpnonce=1",
	} {
		if err := guard.Judge("GET", shopURL+path, nil, nil); !errors.Is(err, recipe.ErrBlocked) {
			t.Errorf("%s passes: %v", path, err)
		}
	}
}

// A built-in recipe is an example for sellers: it fits in two screens.
func TestBuiltinRecipesAreShort(t *testing.T) {
	for _, name := range recipe.Builtin() {
		src, err := os.ReadFile("recipes/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(src), "\n"); n > 140 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}
