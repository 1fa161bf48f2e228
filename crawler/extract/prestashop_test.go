package extract_test

import (
	"testing"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// Up to PrestaShop 8 the page to sign in on has a hidden, empty box of errors.
func TestPrestaShopSaysWhyItRefused(t *testing.T) {
	r, err := recipe.Load("prestashop")
	if err != nil {
		t.Fatal(err)
	}
	form := `<form id="login_form"><input id="passwd" name="passwd"></form></div>`
	for name, c := range map[string]struct {
		page, want string
		refused    bool
	}{
		"8, untried": {`<div id="login-panel"><div id="error" class="hide alert alert-danger"></div>` + form, "", false},
		"8, refused": {`<div id="login-panel"><div id="error" class="hide alert alert-danger"><h4>There is 1 error.</h4><ol><li>No such employee.</li></ol></div>` + form, "No such employee.", true},
		"9, refused": {`<div id="login-panel"><div class="alert alert-danger"><div class="alert-text"><p>No such employee.</p></div></div>` + form, "No such employee.", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := recipe.Page{URL: "https://shop.example/admin12ab/", Status: 200, Type: "text/html", Body: []byte(c.page)}
			words, refused := extract.Words(r.SignIn.Refused, p)
			if words != c.want || refused != c.refused {
				t.Errorf("got %q, %v", words, refused)
			}
		})
	}
}
