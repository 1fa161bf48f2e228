package browser_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nudged/crawler/recipe"
)

func chooseStep(t *testing.T, sel, option string) recipe.Step {
	return recipe.Step{Choose: &recipe.Choose{In: *selector(t, sel), Option: *template(t, option)}}
}

// inFrame lets a step act in an iframe.
func inFrame(t *testing.T, frame string, s recipe.Step) recipe.Step {
	s.Frame = selector(t, frame)
	return s
}

// innerForm signs in from inside a frame or a window, and says no there.
const innerForm = `<title>inner</title><body style="margin:0"><div style="height:%dpx"></div>
	<form id=f><input name=user><input name=password type=password><select name=shop></select><button id=go>Sign in</button></form><p id=no></p>
	<script>
	setTimeout(() => { document.querySelector("select").innerHTML = "<option value=0>Choose one<option value=7> Main </option>"; }, 150);
	f.onsubmit = async (e) => {
		e.preventDefault();
		const r = await fetch("/api/enter", {method: "POST", body: new URLSearchParams(new FormData(f))});
		if (r.ok) { %s } else no.textContent = "Wrong name";
	};
	</script>`

// entry serves what signs in, and counts what it is sent.
func entry(s *site) {
	s.mux.HandleFunc("POST /api/enter", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.FormValue("user") != "boss" || r.FormValue("password") != "s3cret" || r.FormValue("shop") != "7" {
			http.Error(w, "no", http.StatusUnauthorized)
		}
	})
	s.page("/dash", "<title>Dashboard</title><h1 id=dash>Dashboard</h1>")
}

func TestFrames(t *testing.T) {
	s, b := sharedBrowser(t)
	entry(s)
	s.page("/inner", fmt.Sprintf(innerForm, 700, `top.location.href = "/dash"`))
	s.mux.HandleFunc("/outer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		src := "/inner"
		if r.FormValue("cross") != "" {
			src = strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/cross" // another site for Chrome
		}
		fmt.Fprintf(w, `<title>outer</title><input name=user value=outside><div style="height:1500px"></div><p id=no></p>
			<script>setTimeout(() => { document.body.insertAdjacentHTML("beforeend", '<iframe id=login src="%s" style="border:7px solid;padding:11px;width:600px;height:300px"></iframe>') }, 200);
			onmessage = () => { location.href = "/dash" };</script>`, src)
	})
	s.page("/cross", strings.Replace(fmt.Sprintf(innerForm, 700, `top.postMessage("in", "*")`), "/api/enter", s.URL+"/api/enter", 1))
	for name, address := range map[string]string{"same origin": "/outer", "another site": "/outer?cross=1"} {
		steps := func(password string, until *recipe.Wait) []recipe.Step {
			return []recipe.Step{
				{Open: template(t, address)},
				inFrame(t, "iframe#login", recipe.Step{Wait: waitFor(t, "#go")}),
				inFrame(t, "iframe#login", fill(t, "[name=user]", "boss")),
				inFrame(t, "iframe#login", fill(t, "[name=password]", password)),
				inFrame(t, "iframe#login", chooseStep(t, "[name=shop]", "Main")),
				inFrame(t, "iframe#login", recipe.Step{Click: selector(t, "#go"), Until: until}),
			}
		}
		t.Run(name, func(t *testing.T) {
			s.forget()
			p, err := b.SignIn(t.Context(), steps("s3cret", waitFor(t, "#dash")), expander(nil))
			if err != nil {
				t.Fatal(err)
			}
			if p.URL != s.URL+"/dash" || !strings.Contains(string(p.Body), `id="dash"`) {
				t.Errorf("signed in at %s:\n%s", p.URL, p.Body)
			}
			if n := len(s.reached("POST /api/enter")); n != 1 {
				t.Errorf("the form was sent %d times", n)
			}
		})
		t.Run(name+", refused inside", func(t *testing.T) {
			said := &recipe.Wait{For: selector(t, "#dash, #no:not(:empty)")}
			p, err := b.SignIn(t.Context(), steps("wrong", said), expander(nil))
			if err != nil || p.URL != s.URL+address || strings.Contains(string(p.Body), "wrong") {
				t.Errorf("%v at %s:\n%s", err, p.URL, p.Body)
			}
		})
	}
	_, err := b.SignIn(t.Context(), []recipe.Step{
		{Open: template(t, "/dash")},
		{Click: selector(t, "#go"), Frame: selector(t, "#login"), Timeout: 2 * time.Second},
	}, expander(nil))
	if want := `step 2 (click "#go" in the frame "#login"): its frame is not there, or not visible, within 2s`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestChoose(t *testing.T) {
	s, b := sharedBrowser(t)
	s.page("/choose", `<title>choose</title><select id=a><option value=1>One<option value=2>Two</select><select id=off disabled></select><div id=fake>One</div><p id=log></p>
		<script>a.onchange = () => { log.textContent += a.value + ";" }; a.oninput = () => { log.textContent += "i"; };
		setTimeout(() => a.add(new Option(" Late  ", "3")), 300)</script>`)
	const short = 2 * time.Second // time enough for a look at the page, on a busy machine too
	cases := map[string]struct {
		step      recipe.Step
		want, err string
	}{
		"by text":    {step: chooseStep(t, "#a", "Two"), want: "i2;"},
		"by value":   {step: chooseStep(t, "#a", "2"), want: "i2;"},
		"comes late": {step: chooseStep(t, "#a", "Late"), want: "i3;"},
		"none such":  {step: chooseStep(t, "#a", "canary"), err: `(choose in "#a"): it has no such option within`},
		"disabled":   {step: chooseStep(t, "#off", "x"), err: "it is disabled within"},
		"no select":  {step: chooseStep(t, "#fake", "One"), err: "it is not a <select>"},
		"missing":    {step: chooseStep(t, "#none", "One"), err: "it is not there, or not visible, within"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.err != "" {
				c.step.Timeout = short
			}
			p, err := b.SignIn(t.Context(), []recipe.Step{{Open: template(t, "/choose")}, c.step}, expander(nil))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "canary") {
					t.Errorf("%v, want %s", err, c.err)
				}
				return
			}
			if err != nil || !strings.Contains(string(p.Body), `<p id="log">`+c.want+"<") {
				t.Errorf("%v, want %s in\n%s", err, c.want, p.Body)
			}
		})
	}
}

// A click is done again only if nothing was sent.
func TestUntil(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := open(t, guardOf(t, s.URL))
	s.page("/dash", "<h1 id=dash>Dashboard</h1>")
	s.mux.HandleFunc("POST /enter", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("slow") != "" {
			select {
			case <-time.After(4500 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
		http.Redirect(w, r, "/dash", http.StatusSeeOther)
	})
	s.serve("/module.js", "text/javascript", `globalThis.modules = (globalThis.modules ?? 0) + 1`)
	page := func(path, script string) {
		s.page(path, `<title>sign in</title><form id=f method=post action=/enter onsubmit="return false"><input name=user><button id=go>Go</button></form><p id=error></p><script>
			let clicks = 0; go.addEventListener("click", () => { clicks++; document.title = "clicked " + clicks; }); `+script+`</script>`)
	}
	// dead for a moment after the first click, while its scripts come one by one
	page("/dead", `let n = 0; const load = () => { const s = document.createElement("script"); s.src = "/module.js?v=" + Date.now(); s.onload = () => { if (++n < 12) setTimeout(load, 100); }; document.body.append(s); }; load();
		go.addEventListener("click", () => { if (clicks === 1) setTimeout(() => { f.onsubmit = () => true }, 300) });`)
	page("/quick", `f.onsubmit = () => true;`)
	page("/slow", `f.onsubmit = () => true; f.insertAdjacentHTML("beforeend", "<input type=hidden name=slow value=1>");`)
	page("/silent", `f.onsubmit = (e) => { e.preventDefault(); fetch("/api/nothing", {method: "POST"}); }`)
	page("/jsonp", `f.onsubmit = (e) => { e.preventDefault(); const s = document.createElement("script"); s.src = "/module.js?user=a&password=b"; document.body.append(s); }`)
	page("/window", `f.onsubmit = (e) => { e.preventDefault(); window.open("about:blank"); }`)
	page("/broken", ``)
	const few = 5 * time.Second // a third of it is there for a request to be seen
	cases := map[string]struct {
		path   string
		press  bool
		limit  time.Duration
		clicks string // what the title says in the end
		posts  int
		err    string
	}{
		"dead at first":        {path: "/dead", limit: patience, posts: 1},
		"dead at first, Enter": {path: "/dead", press: true, limit: patience, posts: 1},
		"quick":                {path: "/quick", posts: 1},
		"answers slowly":       {path: "/slow", limit: patience, posts: 1}, // later than a second click would come
		"sent, nothing comes":  {path: "/silent", limit: few, clicks: "clicked 1", err: `then "#dash" did not come within 5s`},
		"sent as a script":     {path: "/jsonp", limit: few, clicks: "clicked 1", err: `did not come`},
		"opened a window":      {path: "/window", limit: few, err: `did not come`},
		"broken":               {path: "/broken", limit: few, clicks: "clicked 2", err: `(click "#go"): then "#dash" did not come within 5s; the page shown is "clicked 2"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s.forget()
			step := recipe.Step{Click: selector(t, "#go"), Until: waitFor(t, "#dash"), Timeout: c.limit}
			if c.press {
				step.Click, step.Press = nil, "Enter"
			}
			p, err := b.SignIn(t.Context(), []recipe.Step{{Open: template(t, c.path)}, fill(t, "[name=user]", "boss"), step}, expander(nil))
			switch {
			case c.err == "" && (err != nil || p.URL != s.URL+"/dash"):
				t.Errorf("%v at %s", err, p.URL)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("%v, want %s", err, c.err)
			}
			if n := len(s.reached("POST /enter")); n != c.posts {
				t.Errorf("sent %d times, want %d", n, c.posts)
			}
			if !strings.Contains(string(p.Body), c.clicks) {
				t.Errorf("not %s:\n%s", c.clicks, p.Body)
			}
		})
	}
}

// A sign-in that goes on in a window of its own is followed there, and back.
func TestWindows(t *testing.T) {
	s, b := sharedBrowser(t)
	entry(s)
	s.page("/start", `<title>start</title><button id=sso onclick="window.open('/inner', 'sso', 'width=500,height=400')">with a window</button>
		<button id=noopener onclick="window.open('/stays', '_blank', 'noopener')">with a window of its own</button>
		<a id=link href="/stays" target="_blank">link</a><button id=ad onclick="window.open('/ad'); ready.hidden = false">ad</button>
		<button id=ready hidden onclick="location.href = '/dash'">in here</button>
		<script>onmessage = () => { location.href = "/dash" }; let asked; onfocus = () => { if (!asked) { asked = true; confirm("really?"); } };</script>`)
	s.page("/inner", fmt.Sprintf(innerForm, 10, `alert("welcome"); opener.postMessage("in", "*"); window.close();`))
	s.page("/stays", fmt.Sprintf(innerForm, 10, `location.href = "/dash"`))
	s.page("/ad", `<title>ad</title><script>alert("buy"); setTimeout(() => window.close(), 300)</script>`)
	form := []recipe.Step{
		fill(t, "[name=user]", "boss"), fill(t, "[name=password]", "s3cret"), chooseStep(t, "[name=shop]", "7"),
		{Click: selector(t, "#go"), Until: waitFor(t, "#dash")},
	}
	entered := []recipe.Step{{Press: "Enter"}, {Wait: waitFor(t, "#dash")}}
	cases := map[string][]recipe.Step{
		"closes itself":          append([]recipe.Step{{Click: selector(t, "#sso")}}, form...),
		"closes itself on Enter": append(append([]recipe.Step{{Click: selector(t, "#sso")}}, form[0], form[2], form[1]), entered...),
		"stays":                  append([]recipe.Step{{Click: selector(t, "#noopener")}}, form...),
		"link":                   append([]recipe.Step{{Click: selector(t, "#link")}}, form...),
		"advertisement":          {{Click: selector(t, "#ad")}, {Click: selector(t, "#ready"), Until: waitFor(t, "#dash")}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			p, err := b.SignIn(t.Context(), append([]recipe.Step{{Open: template(t, "/start")}}, steps...), expander(nil))
			if err != nil {
				t.Fatal(err)
			}
			if p.URL != s.URL+"/dash" || p.Status != 200 && name != "stays" && name != "link" {
				t.Errorf("signed in at %s, %d:\n%s", p.URL, p.Status, p.Body)
			}
			if _, err := b.Screenshot(t.Context()); err != nil {
				t.Error(err)
			}
			if p, err := b.Get(t.Context(), "/dash", nil, nil, nil); err != nil || p.Status != 200 {
				t.Errorf("the page after it: %d %v", p.Status, err)
			}
		})
	}
}

func TestWaitResponse(t *testing.T) {
	s, b := sharedBrowser(t)
	s.page("/app", `<button id=go>go</button><script>go.onclick = () => { fetch("/api/quick"); setTimeout(() => fetch("/api/login?n=1", {method: "POST"}), 300); }</script>`)
	s.serve("/api/quick", "application/json", `{}`)
	s.mux.HandleFunc("/api/login", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		w.(http.Flusher).Flush()
		time.Sleep(200 * time.Millisecond) // its head is not the whole of it
		fmt.Fprint(w, "{}")
	})
	s.page("/moved", `<form method=post action=/api/redirects><button id=go>go</button></form>`)
	s.mux.Handle("/api/redirects", http.RedirectHandler("/app", http.StatusSeeOther))
	click := recipe.Step{Click: selector(t, "#go")}
	heard := func(address string, limit time.Duration) recipe.Step {
		return recipe.Step{Wait: &recipe.Wait{Response: re(address)}, Timeout: limit}
	}
	cases := map[string]struct {
		steps []recipe.Step
		err   string
	}{
		"later":           {steps: []recipe.Step{{Open: template(t, "/app")}, click, heard(`api/login\?n=1$`, 0)}},
		"already there":   {steps: []recipe.Step{{Open: template(t, "/app")}, click, heard(`api/login`, 0), heard(`api/quick`, 0)}},
		"redirected":      {steps: []recipe.Step{{Open: template(t, "/moved")}, click, heard(`api/redirects`, 0)}},
		"as until":        {steps: []recipe.Step{{Open: template(t, "/app")}, {Click: selector(t, "#go"), Until: &recipe.Wait{Response: re(`api/login`)}}}},
		"before the step": {steps: []recipe.Step{{Open: template(t, "/app")}, click, heard(`api/login`, 0), {Open: template(t, "/moved")}, heard(`api/login`, 300*time.Millisecond)}, err: `(wait for a response of an address like api/login): it did not come within 300ms`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := b.SignIn(t.Context(), c.steps, expander(nil))
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("%v, want %s", err, c.err)
			}
		})
	}
	p, err := b.Get(t.Context(), "/later", nil, nil, nil)
	if err != nil || p.Status != 404 {
		t.Fatal(p.Status, err)
	}
	s.page("/later2", `<p id=n>0</p><script>setTimeout(() => fetch("/api/quick").then(() => { n.textContent = 1 }), 700)</script>`)
	if _, err := b.Get(t.Context(), "/later2", nil, &recipe.Wait{Response: re(`api/quick$`)}, nil); err != nil {
		t.Error(err)
	}
}

// Whatever stands in the way of the steps is what a person has to see.
func TestChallengePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.mux.HandleFunc("/hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	const words = `<title>Verify</title><h1 id=captcha>Drag the slider</h1>`
	s.page("/plain", words)
	s.page("/loading", words+`<img src=/hangs>`)
	s.page("/reloading", words+`<script>setTimeout(() => location.reload(), 300)</script>`)
	s.page("/asking", words+`<script>setInterval(() => alert("Prove that you are no robot"), 50)</script>`)
	s.page("/busy", words+`<script>setTimeout(() => { for (;;); }, 400)</script>`)
	s.mux.HandleFunc("/refusal", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, words)
	})
	b := open(t, guardOf(t, s.URL))
	for _, path := range []string{"/plain", "/loading", "/reloading", "/asking", "/busy", "/refusal"} {
		t.Run(path, func(t *testing.T) {
			p, err := b.SignIn(t.Context(), []recipe.Step{
				{Open: template(t, path), Timeout: map[bool]time.Duration{true: 3 * time.Second}[path == "/loading"]},
				{Click: selector(t, "#go"), Timeout: 500 * time.Millisecond},
			}, expander(nil))
			if err == nil || !strings.Contains(string(p.Body), "Drag the slider") {
				t.Errorf("%v, and the page is\n%s", err, p.Body)
			}
			if path == "/refusal" && p.Status != http.StatusForbidden {
				t.Errorf("status %d", p.Status)
			}
		})
	}
}

// A password is typed on the shop's own pages only, wherever a redirect, a frame
// or a window leads.
func TestPasswordStaysAtTheShop(t *testing.T) {
	s, b := sharedBrowser(t)
	cross := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // another host
	s.page("/form", `<title>form</title><form action="/steal"><input type=password name=p></form>`)
	s.mux.Handle("/leads-away", http.RedirectHandler(cross+"/form", http.StatusFound))
	s.page("/frames", `<title>frames</title><iframe src="`+cross+`/form" width=400 height=300></iframe>`)
	s.page("/opens", `<title>opens</title><button id=go onclick="window.open('`+cross+`/form')">Sign in</button>`)
	password := recipe.Step{Fill: &recipe.Fill{Into: *selector(t, "[name=p]"), With: *template(t, "{password}")}}
	framed := inFrame(t, "iframe", password)
	for name, steps := range map[string][]recipe.Step{
		"redirect": {{Open: template(t, "/leads-away")}, password},
		"frame":    {{Open: template(t, "/frames")}, framed},
		"window":   {{Open: template(t, "/opens")}, {Click: selector(t, "#go")}, password},
	} {
		p, err := b.SignIn(t.Context(), steps, expander(map[string]string{"password": "canary-secret"}))
		if err == nil || !strings.Contains(err.Error(), "the page at "+cross+"/form is not the shop's") || strings.Contains(err.Error()+string(p.Body), "canary-secret") {
			t.Errorf("%s: %v\n%s", name, err, p.Body)
		}
	}
	steps := []recipe.Step{{Open: template(t, "/form")}, password}
	if _, err := b.SignIn(t.Context(), steps, expander(map[string]string{"password": "canary-secret"})); err != nil {
		t.Errorf("on the shop's own page: %v", err)
	}
}
