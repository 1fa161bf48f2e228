package crawler_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/crawler/recipe"
)

func TestSettleFindsWhereTheShopBegins(t *testing.T) {
	shop, err := demoshop.Start(t.Context(), demoshop.Options{Tame: true})
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	r, err := recipe.Parse("shop.yaml", demoshop.FormRecipe())
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"", "admin/login", "admin/", "admin/orders/plain"} {
		got, err := crawler.Settle(t.Context(), crawler.Found{URL: shop.URL + typed, Recipe: r})
		if err != nil || got.URL != shop.URL {
			t.Errorf("%q begins at %s, %v", typed, got.URL, err)
		}
	}
	if n := shop.SignIns() + shop.Refusals(); n != 0 {
		t.Errorf("somebody tried to sign in %d times", n)
	}
}

// The addresses that a browser shows where one signs in, and what the recipes
// that come with the program want instead.
func TestSettleForRealSystems(t *testing.T) {
	pages := map[string]string{
		"wp": `<form id="loginform" action="/wp-login.php"><input id="user_login"></form>`,
		"oc": `<form id="form-login" action="/admin/index.php?route=common/login"><input id="input-username"></form>`,
		"sx": `<form class="form-validation-username"><input name="pwd"></form>`,
	}
	mux := http.NewServeMux()
	show := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html>", pages[name]) }
	}
	mux.HandleFunc("/wp-login.php", show("wp"))
	mux.HandleFunc("/wp-admin/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/wp-login.php", http.StatusFound) })
	mux.HandleFunc("/admin/", show("oc"))
	mux.HandleFunc("/adminabc.php", show("sx"))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html>the shop's front") })
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, c := range []struct{ recipe, typed, want string }{
		{"woocommerce", "/wp-login.php?redirect_to=%2Fwp-admin%2F&reauth=1", "/wp-admin/"},
		{"woocommerce", "/wp-admin/", "/wp-admin/"},
		{"woocommerce", "/wp-admin/index.php", "/wp-admin/"},
		{"opencart-4", "/admin/index.php?route=common/login", "/admin/"},
		{"opencart-4", "/admin/", "/admin/"},
		{"shopxo", "/adminabc.php", "/adminabc.php"},
		{"shopxo", "/adminabc.php?s=admin/logininfo.html", "/adminabc.php"},
		{"opencart-4", "/elsewhere/", "/elsewhere/"}, // found nowhere: as it was
	} {
		r, err := recipe.Load(c.recipe)
		if err != nil {
			t.Fatal(err)
		}
		typed, _, _ := strings.Cut(c.typed, "?") // Detect leaves it out
		got, err := crawler.Settle(t.Context(), crawler.Found{URL: server.URL + typed, Recipe: r})
		if err != nil || got.URL != server.URL+c.want {
			t.Errorf("%s at %s begins at %s, want %s (%v)", c.recipe, c.typed, got.URL, c.want, err)
		}
	}
}
