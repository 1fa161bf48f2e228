package browser_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
)

// A form such as Angular, React and Vue make: the model follows input events
// only, and the button is enabled by the model.
const modelForm = `<title>Sign in – Shop</title>
<div id="cookies"><button id="accept">Accept</button></div>
<div id="later"></div>
<script>
setTimeout(() => {
  later.innerHTML = '<form><input name="user" value="old"><input type="password" name="password"><select name="lang"><option value="en">English<option value="zh">中文</select><button disabled>Sign in</button></form><p id="log"></p>';
  const model = {}, form = document.querySelector("form"), button = form.querySelector("button");
  for (const kind of ["keydown", "keyup", "input", "change"]) form.addEventListener(kind, (e) => {
    if (kind === "input") model[e.target.name] = e.target.value;
    document.querySelector("#log").dataset[kind] = Number(document.querySelector("#log").dataset[kind] ?? 0) + 1;
    button.disabled = !(model.user && model.password);
  });
  form.onsubmit = async (e) => {
    e.preventDefault();
    const r = await fetch("/api/login", {method: "POST", body: JSON.stringify(model)});
    if (r.ok) { history.pushState({}, "", "/dashboard"); document.title = "Orders"; later.innerHTML = "<h1 id=orders>Orders</h1>"; }
    else { document.querySelector("#log").textContent = await r.text(); }
  };
}, 100);
</script>`

func loginSite(t *testing.T) (*site, *browser.Browser) {
	s, b := sharedBrowser(t)
	s.page("/login", modelForm)
	s.mux.HandleFunc("POST /api/login", func(w http.ResponseWriter, r *http.Request) {
		var body [500]byte
		n, _ := r.Body.Read(body[:])
		if got := string(body[:n]); got != `{"user":"boss@shop.test","password":"s3cret \"ä€漢\"","lang":"zh"}` {
			http.Error(w, "Wrong name or password", http.StatusUnauthorized)
		}
	})
	s.page("/plain", `<title>Plain</title><form method="post" action="/session"><input type="hidden" name="token" value="t1">
		<input name="user" maxlength="20"><input type="password" name="password"><input type="submit" value="Go"></form>`)
	s.mux.HandleFunc("POST /session", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<title>done</title><p id=who>%s %s %s", r.FormValue("user"), r.FormValue("password"), r.FormValue("token"))
	})
	return s, b
}

func fill(t *testing.T, sel, with string) recipe.Step {
	return recipe.Step{Fill: &recipe.Fill{Into: *selector(t, sel), With: *template(t, with)}}
}

func TestSignIn(t *testing.T) {
	s, b := loginSite(t)
	values := map[string]string{"user": "boss@shop.test", "password": `s3cret "ä€漢"`}

	t.Run("model", func(t *testing.T) {
		p, err := b.SignIn(t.Context(), []recipe.Step{
			{Open: template(t, "login")},
			{Click: selector(t, "#accept"), Optional: true},
			{Click: selector(t, "#no-such-banner"), Optional: true, Timeout: 100 * time.Millisecond},
			fill(t, "input[name=user]", "{user}"),
			fill(t, "input[name=password]", "{password}"),
			fill(t, "select", "中文"),
			{Click: selector(t, "form button")},
			{Wait: &recipe.Wait{URL: re(`/dashboard$`)}},
		}, expander(values))
		if err != nil {
			t.Fatal(err)
		}
		if p.URL != s.URL+"/dashboard" || !strings.Contains(string(p.Body), `id="orders"`) {
			t.Errorf("signed in at %s:\n%s", p.URL, p.Body)
		}
	})
	t.Run("keys", func(t *testing.T) {
		p, err := b.SignIn(t.Context(), []recipe.Step{
			{Open: template(t, "login")},
			fill(t, "input[name=user]", "abc"),
			fill(t, "input[name=password]", "x"),
		}, expander(nil))
		if err != nil {
			t.Fatal(err)
		}
		body := string(p.Body)
		for _, want := range []string{`data-nudged-value="abc"`, `data-keydown="5"`, `data-keyup="5"`, `data-change="1"`} {
			if !strings.Contains(body, want) {
				t.Errorf("no %s in\n%s", want, body)
			}
		}
	})
	t.Run("plain form, Enter", func(t *testing.T) {
		p, err := b.SignIn(t.Context(), []recipe.Step{
			{Open: template(t, "/plain")},
			fill(t, "input[name=user]", "{user}"),
			fill(t, "input[name=password]", "{password}"),
			{Press: "Enter"},
		}, expander(values))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(p.Body), `boss@shop.test s3cret "ä€漢" t1`) {
			t.Errorf("posted:\n%s", p.Body)
		}
	})
	t.Run("refused", func(t *testing.T) {
		p, err := b.SignIn(t.Context(), []recipe.Step{
			{Open: template(t, "login")},
			fill(t, "input[name=user]", "{user}"),
			fill(t, "input[name=password]", "canary"),
			{Click: selector(t, "form button")},
			{Wait: waitFor(t, "#orders"), Timeout: 3 * time.Second},
		}, expander(values))
		want := `signing in: step 5 (wait for "#orders"): it did not come within 3s; the page shown is "Sign in – Shop" at ` + s.URL + "/login"
		if err == nil || err.Error() != want || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want %s", err, want)
		}
		if !strings.Contains(string(p.Body), "Wrong name or password") {
			t.Errorf("the shop's words are not on the page:\n%s", p.Body)
		}
		if strings.Contains(string(p.Body), "canary") {
			t.Error("the password is on the page")
		}
	})
}

func TestStepsThatFail(t *testing.T) {
	s, b := loginSite(t)
	s.page("/hidden", `<title>Hidden</title><input id=a style="display:none"><input id=b disabled><input id=c type=number><input id=d readonly>`)
	s.mux.HandleFunc("/hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	const short = 2 * time.Second // time enough for a look at the page, on a busy machine too
	cases := map[string]struct {
		step recipe.Step
		want string
	}{
		"missing":  {recipe.Step{Click: selector(t, "#none"), Timeout: short}, `step 2 (click "#none"): it is not there, or not visible, within 2s; the page shown is "Hidden"`},
		"hidden":   {recipe.Step{Fill: &recipe.Fill{Into: *selector(t, "#a"), With: *template(t, "x")}, Timeout: short}, `(fill "#a"): it is not there, or not visible, within 2s`},
		"disabled": {recipe.Step{Fill: &recipe.Fill{Into: *selector(t, "#b"), With: *template(t, "canary")}, Timeout: short}, `(fill "#b"): it is disabled within`},
		"readonly": {recipe.Step{Fill: &recipe.Fill{Into: *selector(t, "#d"), With: *template(t, "canary")}, Timeout: short}, `(fill "#d"): it is disabled within`},
		"refusing": {recipe.Step{Fill: &recipe.Fill{Into: *selector(t, "#c"), With: *template(t, "canary")}}, `(fill "#c"): it does not take the text`},
		"key":      {recipe.Step{Press: "F13"}, `there is no key "F13"`},
		"gone":     {recipe.Step{Wait: &recipe.Wait{Gone: selector(t, "title, #c")}, Timeout: short}, `(wait for the end of "title, #c"): it did not come within 2s`},
		"template": {recipe.Step{Fill: &recipe.Fill{Into: *selector(t, "#c"), With: *template(t, "{nobody}")}}, `nobody`},
		"address":  {recipe.Step{Open: template(t, "file:///etc/passwd")}, `is not an http address`},
		"hangs":    {recipe.Step{Open: template(t, "/hangs"), Timeout: short}, `(open a page): the shop did not answer within 2s; the page shown is "Hidden"`},
		"selector": {recipe.Step{Click: selector(t, `p:contains("x")`)}, `chrome does not understand the selector`},
	}
	t.Run("steps", func(t *testing.T) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, err := b.SignIn(t.Context(), []recipe.Step{{Open: template(t, "/hidden")}, c.step}, expander(nil))
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %s", err, c.want)
				}
				if err != nil && strings.Contains(err.Error(), "canary") {
					t.Errorf("the error tells what was typed: %v", err)
				}
			})
		}
	})
	// the caller's own end is not a step's failure
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	step := recipe.Step{Open: template(t, "/hangs"), Timeout: 10 * patience}
	start := time.Now()
	if _, err := b.SignIn(ctx, []recipe.Step{step}, expander(nil)); !errors.Is(err, context.Canceled) || time.Since(start) > patience {
		t.Errorf("cancelled: %v after %s", err, time.Since(start))
	}
}
