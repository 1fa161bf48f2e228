package recipe_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"nudged/crawler/recipe"
)

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func TestTemplateExpand(t *testing.T) {
	values := lookup(map[string]string{"id": "90071992547409931", "word": `a&b "c"`, "empty": ""})
	for _, tc := range []struct{ source, want string }{
		{"", ""},
		{"plain", "plain"},
		{"o/{id}/x{id}", "o/90071992547409931/x90071992547409931"},
		{"{{id}}", "{id}"},
		{"{{{id}}}", "{90071992547409931}"},
		{"{word}", `a&b "c"`},
		{"[{empty}]", "[]"},
	} {
		tpl, err := recipe.ParseTemplate(tc.source)
		if err != nil {
			t.Errorf("%q: %v", tc.source, err)
			continue
		}
		if got, err := tpl.Expand(values, nil); err != nil || got != tc.want {
			t.Errorf("%q gives %q, %v; want %q", tc.source, got, err, tc.want)
		}
	}
	for _, source := range []string{"{", "}", "a{b", "{}", "{A}", "{a b}", "{1}", "{a{b}}"} {
		if _, err := recipe.ParseTemplate(source); err == nil {
			t.Errorf("%q is taken for a template", source)
		}
	}
}

func TestTemplateUnknownNameIsAnError(t *testing.T) {
	tpl, err := recipe.ParseTemplate("{id}/{nonce}")
	if err != nil {
		t.Fatal(err)
	}
	if got := tpl.Names(); !slices.Equal(got, []string{"id", "nonce"}) {
		t.Errorf("names are %v", got)
	}
	if _, err := tpl.Expand(lookup(map[string]string{"id": "1"}), nil); !errors.Is(err, recipe.ErrUnknownName) || !strings.Contains(err.Error(), "{nonce}") {
		t.Errorf("it says %v", err)
	}
}

func TestTemplateURL(t *testing.T) {
	values := lookup(map[string]string{"url": "https://s.example/admin", "origin": "https://s.example", "id": "a/b&c=d?e#f", "js": "javascript:alert(1)", "words": "A 7+1", "grid": "http://s.example/grid?key=b%2F1", "path": "/grid/",
		"customer": "https://s.example/admin/customers/7?tab=a%20b", "relative": "c.php?id=7&x=%C3%A9", "away": "https://evil.example/customers/7", "beside": "//evil.example/"})
	for _, tc := range []struct{ base, source, want string }{
		{"https://s.example/admin", "orders?id={id}", "https://s.example/admin/orders?id=a%2Fb%26c%3Dd%3Fe%23f"},
		{"https://s.example/admin", "orders/{words}?id={words}", "https://s.example/admin/orders/A%207%2B1?id=A%207%2B1"},
		{"https://s.example/admin/", "orders", "https://s.example/admin/orders"},
		{"https://s.example", "orders", "https://s.example/orders"},
		{"https://s.example/admin/index.php?route=x", "index.php?route=y", "https://s.example/admin/index.php?route=y"},
		{"https://s.example/admin", "/orders", "https://s.example/orders"},
		{"https://s.example/admin", "{origin}/admin-api", "https://s.example/admin-api"},
		{"https://s.example/admin", "{url}", "https://s.example/admin"},
		{"https://s.example/admin", "x{js}", "https://s.example/admin/xjavascript%3Aalert%281%29"},
		{"https://s.example/admin", "{customer}", "https://s.example/admin/customers/7?tab=a%20b"},
		{"https://s.example/admin", "{grid}&page={id}", "https://s.example/grid?key=b%2F1&page=a%2Fb%26c%3Dd%3Fe%23f"},
		{"https://s.example/admin", "{path}?page={id}", "https://s.example/grid/?page=a%2Fb%26c%3Dd%3Fe%23f"},
		{"https://s.example/admin", "{relative}/x", "https://s.example/admin/c.php%3Fid%3D7%26x%3D%25C3%25A9/x"},
		{"https://s.example/admin", "go?to={grid}", "https://s.example/admin/go?to=http%3A%2F%2Fs.example%2Fgrid%3Fkey%3Db%252F1"},
		{"https://s.example/admin", "{relative}", "https://s.example/admin/c.php?id=7&x=%C3%A9"},
	} {
		base, err := url.Parse(tc.base)
		if err != nil {
			t.Fatal(err)
		}
		tpl, err := recipe.ParseTemplate(tc.source)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tpl.URL(base, values); err != nil || got != tc.want {
			t.Errorf("%s at %s gives %q, %v; want %q", tc.source, tc.base, got, err, tc.want)
		}
	}
	for _, source := range []string{"javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.example", "{js}", "{away}", "{beside}", "{away}?page=2", "{beside}?page=2"} {
		tpl, err := recipe.ParseTemplate(source)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tpl.URL(&url.URL{Scheme: "https", Host: "s.example"}, values); err == nil {
			t.Errorf("%s gives the address %s", source, got)
		}
	}
}

func TestJSONBodyKeepsTypesAndEscapes(t *testing.T) {
	src := strings.NewReplacer("post: order", "post: order", `form: {id: "{id}"}`,
		`json: {skip: 0, deep: [true, null, 1.50, "x{{y"], id: "{id}", say: "order {id}!", "a\"b": 'c"d'}`, `body: 'id=\d+'`, `body: '\{.*\}'`).Replace(buttons(t))
	r, err := recipe.Parse("buttons.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Detail.Request.JSON.JSON(lookup(map[string]string{"id": `1"}],"admin":[{`}))
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(got), &body); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if len(body) != 5 || body["id"] != `1"}],"admin":[{` || body["say"] != `order 1"}],"admin":[{!` || body[`a"b`] != `c"d` {
		t.Errorf("body is %s", got)
	}
	if !strings.Contains(got, `"deep":[true,null,1.50,"x{y"]`) {
		t.Errorf("types are lost in %s", got)
	}
}

func TestNumbersInJSON(t *testing.T) {
	with := func(json string) (*recipe.Recipe, error) {
		return recipe.Parse("buttons.yaml", []byte(strings.NewReplacer(`form: {id: "{id}"}`, "json: "+json, `body: 'id=\d+'`, `body: '\{.*\}'`).Replace(buttons(t))))
	}
	r, err := with(`{ids: [!!int "{id}", !!int 7], text: "{id}"}`)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"12": `{"ids":[12,7],"text":"12"}`, "0": `{"ids":[0,7],"text":"0"}`, "-3": `{"ids":[-3,7],"text":"-3"}`,
		"1]": "", "": "", "012": "", "1.5": "", "1e9": "", "12345678901234567890": "", `{"a":1}`: "",
	} {
		got, err := r.Detail.Request.JSON.JSON(lookup(map[string]string{"id": id}))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q gives %s, %v", id, got, err)
		}
	}
	for _, source := range []string{`{id: !!int "x{id}"}`, `{id: !!int x}`, `{id: !!int "{id}{id}"}`} {
		if _, err := with(source); err == nil || !strings.Contains(err.Error(), `!!int is for a number, or a name alone`) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("a{b}c", "v")
	f.Add("{{a}}", "{b}")
	f.Add("{a}{a", "\"\\\n")
	f.Add("//::", "0")
	f.Fuzz(func(t *testing.T, source, value string) {
		tpl, err := recipe.ParseTemplate(source)
		if err != nil {
			return
		}
		look := func(string) (string, bool) { return value, true }
		plain, err := tpl.Expand(look, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(tpl.Names()) == 0 && strings.Count(plain, "{") > strings.Count(source, "{") {
			t.Errorf("%q gives %q", source, plain)
		}
		inside, err := tpl.JSON(look)
		if err != nil {
			t.Fatal(err)
		}
		quoted := recipe.EscapeJSON(value)
		if !json.Valid([]byte(`"`+quoted+`"`)) || len(tpl.Names()) > 0 && !strings.Contains(inside, quoted) {
			t.Errorf("%q is not inside of %q", quoted, inside)
		}
		if address, err := tpl.URL(&url.URL{Scheme: "https", Host: "s.example"}, look); err == nil {
			if u, err := url.Parse(address); err != nil || u.Host == "" {
				t.Errorf("%q gives the address %q: %v", source, address, err)
			}
		}
	})
}

// A link of a page does not lead from https to http: the session would go with it.
func TestTemplateURLStaysEncrypted(t *testing.T) {
	tpl, err := recipe.ParseTemplate("{customer}")
	if err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]string{"https://s.example/admin": "https://s.example/c/7", "http://s.example/admin": "http://s.example/c/7"} {
		u, _ := url.Parse(base)
		if got, err := tpl.URL(u, lookup(map[string]string{"customer": "http://s.example/c/7"})); err != nil || got != want {
			t.Errorf("at %s: %q, %v", base, got, err)
		}
	}
}
