package browser_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
)

func TestGet(t *testing.T) {
	s, b := sharedBrowser(t)
	var visits atomic.Int32
	s.mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Cache-Control", "max-age=3600")
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
		c, _ := r.Cookie("seen")
		fmt.Fprintf(w, `<title>Orders</title><p id=visit>%d<p id=token>%s<p id=cookie>%v<div id=rows></div><script>
			document.querySelector("#rows").innerHTML = "<i>row</i>";</script>`, visits.Add(1), r.Header.Get("X-Token"), c)
	})
	s.page("/live", `<input id=a value=old><input id=p type=password value=canary><textarea>old</textarea><input type=checkbox id=c>
		<select><option>one<option>two</select><script>
		a.value = "new"; c.checked = true; document.querySelector("textarea").value = "written"; document.querySelector("select").value = "two"</script>`)
	s.page("/slow", `<title>slow</title><script>fetch("/rows").then(r => r.text()).then(x => { document.body.innerHTML = x })</script>`)
	s.mux.HandleFunc("/rows", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(150 * time.Millisecond)
		fmt.Fprint(w, "<b>fetched</b>")
	})
	s.page("/redirects", `<script>location.href = "/orders?from=script"</script>`)
	s.mux.Handle("/old", http.RedirectHandler("/orders?from=header", http.StatusFound))
	s.mux.HandleFunc("/forbidden", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "<h1>No</h1>")
	})
	s.serve("/data.json", "application/json; charset=utf-8", `{"id": 12345678901234567890, "name": "<漢>"}`)
	s.page("/large", strings.Repeat("<tr><td>"+strings.Repeat("0123456789 ", 100), 20<<20/1100))

	get := func(t *testing.T, address string, headers map[string]string, wait *recipe.Wait) recipe.Page {
		t.Helper()
		p, err := b.Get(t.Context(), address, headers, wait, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	has := func(t *testing.T, p recipe.Page, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(string(p.Body), text) {
				t.Errorf("no %s in\n%s", text, p.Body)
			}
		}
	}
	t.Run("fresh, with headers and cookies", func(t *testing.T) {
		has(t, get(t, "/orders", map[string]string{"X-Token": "abc"}, nil), `"visit">1<`, `"token">abc<`, "<i>row</i>")
		has(t, get(t, "/orders", nil, nil), `"visit">2<`, `"token"><`, "seen=yes")
		has(t, get(t, "/orders#a", nil, nil), `"visit">3<`)
		has(t, get(t, "/orders#b", nil, nil), `"visit">4<`)
		has(t, get(t, "/orders#b", nil, waitFor(t, "#rows")), `"visit">5<`)
	})
	t.Run("live values on a copy", func(t *testing.T) {
		p := get(t, "/live", nil, nil)
		has(t, p, `value="old"`, `data-nudged-value="new"`, `data-nudged-value="written"`, `data-nudged-checked=""`, `data-nudged-selected="">two`)
		if strings.Contains(string(p.Body), "canary") {
			t.Error("a password is on the page")
		}
	})
	t.Run("waits for what the page fetches", func(t *testing.T) {
		has(t, get(t, "/slow", nil, nil), "<b>fetched</b>")
		has(t, get(t, "/slow", nil, waitFor(t, "b")), "<b>fetched</b>")
	})
	t.Run("redirects", func(t *testing.T) {
		for _, by := range []string{"script", "header"} {
			p := get(t, map[string]string{"script": "/redirects", "header": "/old"}[by], nil, nil)
			if p.URL != s.URL+"/orders?from="+by || p.Status != 200 {
				t.Errorf("%s: %d at %s", by, p.Status, p.URL)
			}
			has(t, p, "<i>row</i>")
		}
	})
	t.Run("refusal is a page", func(t *testing.T) {
		p := get(t, "/forbidden", nil, nil)
		if p.Status != 403 || p.Header.Get("Retry-After") != "120" {
			t.Errorf("%d %v", p.Status, p.Header)
		}
		has(t, p, "<h1>No</h1>")
		if p = get(t, "/nothing", nil, nil); p.Status != 404 {
			t.Errorf("status %d, want 404", p.Status)
		}
	})
	t.Run("JSON as it came", func(t *testing.T) {
		p := get(t, "/data.json", nil, nil)
		if p.Type != "application/json" || string(p.Body) != `{"id": 12345678901234567890, "name": "<漢>"}` {
			t.Errorf("%s %s", p.Type, p.Body)
		}
	})
	t.Run("20 MB", func(t *testing.T) {
		if _, err := b.Get(t.Context(), "/large", nil, nil, nil); err == nil || !strings.Contains(err.Error(), "it is larger than the 10 MB that are read") {
			t.Error(err)
		}
	})
	t.Run("screenshot", func(t *testing.T) {
		get(t, "/orders", nil, nil)
		shot, err := b.Screenshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if img, err := png.Decode(bytes.NewReader(shot)); err != nil || img.Bounds().Dx() < 1000 {
			t.Errorf("a picture of %d bytes: %v", len(shot), err)
		}
	})
	t.Run("four at once", func(t *testing.T) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				p, err := b.Get(t.Context(), fmt.Sprintf("/orders?n=%d", i), map[string]string{"X-Token": fmt.Sprint("t", i)}, nil, nil)
				if err != nil || !strings.HasSuffix(p.URL, fmt.Sprintf("?n=%d", i)) || !strings.Contains(string(p.Body), fmt.Sprintf(`"token">t%d<`, i)) {
					t.Errorf("page %d: %s %v", i, p.URL, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestGetFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.page("/never", `<title>never</title><script>setInterval(() => 0, 10)</script>`)
	s.page("/reloads", `<title>reloads</title><script>location.href = "/reloads?" + Math.random()</script>`)
	s.mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	s.mux.HandleFunc("/hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.page("/hanging-image", `<title>x</title><img src="/hangs"><p>text`)
	s.mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "<p>half")
	})
	s.mux.HandleFunc("/file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", "attachment; filename=orders.zip")
		w.Header().Set("Content-Type", "application/zip")
		fmt.Fprint(w, "PK")
	})
	s.page("/busy", `<title>busy</title><p>text<script>setTimeout(() => { for (;;); }, 1)</script>`)
	s.page("/fine", "<p>fine")
	patient := open(t, guardOf(t, s.URL))
	// Time enough for a page that comes, on a busy machine too.
	hasty := open(t, guardOf(t, s.URL), func(o *browser.Options) { o.StepTimeout = 4 * time.Second })
	cases := []struct {
		path string
		wait *recipe.Wait
		want string
	}{
		{"/never", waitFor(t, "#rows"), `"#rows" did not come within 4s`},
		{"/reloads", nil, "it did not finish loading within 4s"},
		{"/loop", nil, "ERR_TOO_MANY_REDIRECTS"},
		{"/hangs", nil, "it did not answer within 4s"},
		{"/hanging-image", nil, "it did not finish loading within 4s"},
		{"/file", nil, "download"},
		{"/busy", waitFor(t, "#rows"), `"#rows" did not come within 4s`},
		{"http://127.0.0.1:1/", nil, "ERR_UNSAFE_PORT"},
		{"http://127.0.0.1:9999/", nil, "ERR_CONNECTION_REFUSED"},
		{"http://example.com/", nil, "ERR_BLOCKED_BY_CLIENT"},
		{"javascript:alert(1)", nil, "is not an http address"},
	}
	for _, c := range cases {
		t.Run(c.path, func(t *testing.T) {
			b := patient
			if strings.Contains(c.want, "within") {
				b = hasty
			}
			_, err := b.Get(t.Context(), c.path, nil, c.wait, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			p, err := b.Get(t.Context(), "/fine", nil, nil, nil)
			for try := 0; err != nil && try < 4; try++ { // a loaded machine may need more than the short timeout
				p, err = b.Get(t.Context(), "/fine", nil, nil, nil)
			}
			if err != nil || !strings.Contains(string(p.Body), "fine") {
				t.Errorf("the next page: %v", err)
			}
		})
	}
	if p, err := patient.Get(t.Context(), "/hanging-image", nil, waitFor(t, "p"), nil); err != nil || !strings.Contains(string(p.Body), "text") {
		t.Errorf("what is waited for is there while an image hangs, but: %v", err)
	}
	if _, err := patient.Get(t.Context(), "/cut", nil, nil, nil); err == nil {
		t.Error("a page that was cut in the middle was taken for whole")
	}
	orders := &recipe.Capture{URL: re(`/api\?`), Operation: "Orders"}
	if _, err := hasty.Get(t.Context(), "/fine", nil, nil, orders); err == nil || !strings.Contains(err.Error(), `the page fetched no complete response like /api\? of the operation Orders within 4s`) {
		t.Errorf("nothing to capture: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := patient.Get(ctx, "/hangs", nil, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's deadline: %v", err)
	}
}

// A page that fights being read, and being left. It may cost Chrome its life or a
// visit its patience, so it has a Chrome of its own and a second try; what it may
// not do is to change what is read.
func TestHostilePage(t *testing.T) {
	s := newSite(t)
	s.page("/hostile", `<title>hostile</title><p id=rows>rows</p><script>
		onbeforeunload = (e) => { e.preventDefault(); return "stay"; };
		document.addEventListener("click", () => alert("clicked"));
		setInterval(() => window.open("/popup"), 50);
		setTimeout(() => { for (let i = 0; i < 20; i++) { alert(i); confirm(i); prompt(i); } }, 20);
		Array.from = () => { throw 1 }; document.querySelectorAll = () => []; Object.defineProperty(document, "title", {get() { throw 2 }});
		JSON.stringify = () => "lie"; Element.prototype.getClientRects = () => [];
		setInterval(() => console.log("x".repeat(1e5)), 1);
		</script>`)
	s.page("/popup", "<title>popup</title><script>fetch('/popped')</script>")
	s.page("/after", "<p>after")
	visit := func(b *browser.Browser) error {
		for range 2 {
			p, err := b.Get(t.Context(), "/hostile", nil, waitFor(t, "#rows"), nil)
			if err != nil {
				return err
			}
			if !strings.Contains(string(p.Body), `<p id="rows">rows</p>`) {
				t.Errorf("the hostile page was read as\n%s", p.Body)
			}
			if p, err = b.Get(t.Context(), "/after", nil, nil, nil); err != nil {
				return err
			}
			if !strings.Contains(string(p.Body), "<p>after") {
				t.Errorf("the page after it was read as\n%s", p.Body)
			}
		}
		return nil
	}
	err := visit(open(t, guardOf(t, s.URL)))
	if err != nil {
		t.Log(err)
		err = visit(open(t, guardOf(t, s.URL)))
	}
	if err != nil {
		t.Error(err)
	}
	if n := len(s.reached("GET /popup")); n > 0 {
		t.Errorf("the page opened %d windows without a click", n)
	}
}

func TestCapture(t *testing.T) {
	s, b := sharedBrowser(t)
	s.page("/app", `<title>app</title><button id=next>next</button><p id=n>0</p><script>
		let n = 0;
		const ask = async (op, more) => {
			const r = await fetch("/api?x=1", {method: "POST", headers: {"content-type": "application/json"},
				body: JSON.stringify({...more, query: "query " + op + "{a}", variables: {n}})});
			return r.text();
		};
		const load = async () => { n++; await ask("Other"); await ask("Orders", {operationName: "Orders"}); document.querySelector("#n").textContent = n; if (n == 3) next.disabled = true; };
		next.onclick = load; load(); fetch("/plain?page=1"); ask("Unnamed");
		</script>`)
	s.mux.HandleFunc("POST /api", func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		time.Sleep(50 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-Part", "yes")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, `{"asked": %s, "name": "漢"}`, body.String())
	})
	s.serve("/plain", "application/json", `{"plain": true}`)
	s.serve("/large", "application/json", `"`+strings.Repeat("0123456789abcdef", 11<<20/16)+`"`)
	s.page("/large.html", `<script>fetch("/large").then(r => r.text())</script>`)
	shared.guard.Lock()

	orders := &recipe.Capture{URL: re(`/api\?`), Method: "POST", Operation: "Orders"}
	p, err := b.Get(t.Context(), "/app", nil, nil, orders)
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != 202 || p.Type != "application/json" || p.URL != s.URL+"/api?x=1" || p.Header.Get("X-Part") != "yes" ||
		!strings.Contains(string(p.Body), `"operationName":"Orders"`) || !strings.Contains(string(p.Body), `"n":1`) || !strings.Contains(string(p.Body), "漢") {
		t.Errorf("captured %d %s %s %s", p.Status, p.Type, p.URL, p.Body)
	}
	for n := 2; n <= 3; n++ {
		p, ok, err := b.Click(t.Context(), selector(t, "#next"), nil, orders)
		if err != nil || !ok || !strings.Contains(string(p.Body), fmt.Sprintf(`"n":%d`, n)) || !strings.Contains(string(p.Body), `"operationName":"Orders"`) {
			t.Fatalf("page %d: %v %v %s", n, ok, err, p.Body)
		}
	}
	if _, ok, err := b.Click(t.Context(), selector(t, "#next"), nil, orders); ok || err != nil {
		t.Errorf("a disabled button was clicked: %v %v", ok, err)
	}
	for name, c := range map[string]*recipe.Capture{
		`"plain"`:       {URL: re(`/plain`)},
		`query Unnamed`: {Operation: "Unnamed"},
	} {
		p, err := b.Get(t.Context(), "/app", nil, nil, c)
		if err != nil || !strings.Contains(string(p.Body), name) {
			t.Errorf("%s: %v %s", name, err, p.Body)
		}
	}
	if _, err := b.Get(t.Context(), "/large.html", nil, nil, &recipe.Capture{URL: re(`/large$`)}); err == nil || !strings.Contains(err.Error(), "larger than the 10 MB") {
		t.Errorf("a captured response of 11 MB: %v", err)
	}
}

func TestClickNext(t *testing.T) {
	s, b := sharedBrowser(t)
	s.page("/app", `<title>app</title><table><tr><td id=row>1</table><ul><li><a id=next href="#">next</a></li></ul><script>
		let n = 1;
		next.onclick = (e) => { e.preventDefault(); row.textContent = "loading"; setTimeout(() => { fetch("/rows?n=" + ++n).then(r => r.text()).then(x => {
			row.textContent = x; if (n == 3) next.parentElement.className = "page-item disabled"; }) }, 50) };
		</script>`)
	s.mux.HandleFunc("/rows", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond)
		fmt.Fprint(w, r.FormValue("n"))
	})
	s.mux.HandleFunc("/list", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.FormValue("page") {
		case "2":
			fmt.Fprint(w, `<p id=row>second`)
		default:
			fmt.Fprint(w, `<p id=row>first<div style="position:fixed;inset:0">a banner over it all</div><p><a id=next href="/list?page=2">next</a>`)
		}
	})
	s.page("/dead", `<button id=next>next</button>`)
	next := selector(t, "#next")

	if _, err := b.Get(t.Context(), "/app", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">2<", ">3<"} {
		p, ok, err := b.Click(t.Context(), next, nil, nil)
		if err != nil || !ok || !strings.Contains(string(p.Body), want) {
			t.Fatalf("want %s: %v %v\n%s", want, ok, err, p.Body)
		}
	}
	if _, ok, err := b.Click(t.Context(), next, nil, nil); ok || err != nil {
		t.Errorf("clicked although its parent is disabled: %v %v", ok, err)
	}

	if _, err := b.Get(t.Context(), "/list", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	p, ok, err := b.Click(t.Context(), next, waitFor(t, "#row"), nil)
	if err != nil || !ok || p.URL != s.URL+"/list?page=2" || !strings.Contains(string(p.Body), "second") {
		t.Fatalf("%v %v %s\n%s", ok, err, p.URL, p.Body)
	}
	if _, ok, err := b.Click(t.Context(), next, nil, nil); ok || err != nil {
		t.Errorf("clicked what is gone: %v %v", ok, err)
	}

	if _, err := b.Get(t.Context(), "/dead", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := b.Click(t.Context(), next, nil, nil); ok || err != nil {
		t.Errorf("a click without effect: %v %v", ok, err)
	}
}
