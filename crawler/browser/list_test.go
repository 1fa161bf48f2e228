package browser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nudged/crawler/recipe"
)

func TestScroll(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := open(t, guardOf(t, s.URL))
	// Rows come when the last one is seen, 20 at a time, 50 in all; a spinner
	// comes and goes at the end of them.
	const rows = `<title>list</title><style>li { height: 80px } .box { height: 300px; overflow: auto }</style>%s<ul id=rows></ul><p id=more>&nbsp;</p>%s<script>
		let n = 0, busy = false;
		const load = async () => {
			if (busy) return;
			busy = true;
			more.textContent = "loading";
			if (n < 50) { const list = await (await fetch("/rows?from=" + n)).json(); for (const id of list) { n++; rows.insertAdjacentHTML("beforeend", "<li>row " + id); } }
			else await new Promise((f) => setTimeout(f, 30)); // well within what counts as calm
			more.innerHTML = "&nbsp;";
			busy = false;
		};
		load();
		%s</script>`
	s.mux.HandleFunc("/rows", func(w http.ResponseWriter, r *http.Request) {
		var from int
		_, _ = fmt.Sscan(r.FormValue("from"), &from)
		time.Sleep(100 * time.Millisecond)
		var list []int
		for i := from; i < min(from+20, 50); i++ {
			list = append(list, i+1)
		}
		_ = json.NewEncoder(w).Encode(list)
	})
	s.page("/window", fmt.Sprintf(rows, "", "", `onscroll = () => { if (scrollY + innerHeight > document.body.scrollHeight - 20) load() }`))
	s.page("/box", fmt.Sprintf(rows, `<div class=box id=box>`, `</div>`, `new IntersectionObserver((l) => { if (l[0].isIntersecting && n) load() }, {root: box}).observe(more)`))
	s.page("/short", `<ul id=rows><li>row 1</ul>`)
	orders := &recipe.Capture{URL: re(`/rows\?`)}
	cases := map[string]struct {
		path, sel string
		capture   *recipe.Capture
		more      []string // what is there after each scroll
	}{
		"window":        {"/window", "#rows", nil, []string{"row 40<", "row 50<"}},
		"box":           {"/box", "#rows", nil, []string{"row 40<", "row 50<"}},
		"captured":      {"/window", "#rows", orders, []string{"[21,22", "[41,42"}},
		"nothing to do": {"/short", "#rows", nil, nil},
		"no such":       {"/short", "#none", nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := b.Get(t.Context(), c.path, nil, waitFor(t, "li"), nil); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.more {
				p, ok, err := b.Scroll(t.Context(), selector(t, c.sel), nil, c.capture)
				if err != nil || !ok || !strings.Contains(string(p.Body), want) {
					t.Fatalf("want %s: %v %v\n%s", want, ok, err, p.Body)
				}
			}
			if p, ok, err := b.Scroll(t.Context(), selector(t, c.sel), nil, c.capture); ok || err != nil {
				t.Errorf("scrolled beyond the end: %v %v\n%s", ok, err, p.Body)
			}
		})
	}
}

// Clicks that change how the page looks, but nothing that it says.
func TestClickChangesNothing(t *testing.T) {
	s, b := sharedBrowser(t)
	s.page("/list", `<p id=rows>rows</p><button id=ripple>next</button><button id=fetches>next</button><button id=attribute>next</button><script>
		ripple.onclick = () => { ripple.className = "active"; ripple.style.color = "red"; const s = document.createElement("span"); s.className = "wave"; ripple.append(s); setTimeout(() => s.remove(), 200); };
		fetches.onclick = async () => { await (await fetch("/rows")).text(); rows.textContent = "rows"; };
		attribute.onclick = () => { rows.dataset.page = "2"; };</script>`)
	s.serve("/rows", "application/json", "[]")
	orders := &recipe.Capture{URL: re(`/rows$`)}
	cases := map[string]struct {
		sel     string
		capture *recipe.Capture
		want    bool
	}{
		"ripple":          {"#ripple", nil, false},
		"same rows":       {"#fetches", nil, false},
		"same response":   {"#fetches", orders, true}, // whether it is news, its reader knows
		"other attribute": {"#attribute", nil, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := b.Get(t.Context(), "/list", nil, nil, nil); err != nil {
				t.Fatal(err)
			}
			if p, ok, err := b.Click(t.Context(), selector(t, c.sel), nil, c.capture); ok != c.want || err != nil {
				t.Errorf("%v %v, want %v\n%s", ok, err, c.want, p.Body)
			}
		})
	}
}

func TestCaptureAll(t *testing.T) {
	s, b := sharedBrowser(t)
	s.page("/cards", `<title>cards</title><button id=next>next</button><script>
		const ask = (kind, n, then) => fetch("/api?x=1", {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify({kind, n, query: "{a}"})}).then(r => r.text()).then(then ?? (() => {}));
		const load = (n) => ask("index", n, async () => { await Promise.all([ask("card", n), ask("card", n + 1), ask("other", n)]); next.textContent = "done"; next.id = "done" + n; next.className = "next"; });
		const next = document.querySelector("button"); load(1); next.onclick = () => load(10);</script>`)
	s.page("/fails", `<script>for (const n of [1, 2]) fetch("/api?x=1", {method: "POST", body: JSON.stringify({kind: "card", n, fail: n === 2, query: "{a}"})})</script>`)
	s.page("/login", `<script>for (const n of [1, 2]) fetch("/api?x=1", {method: "POST", body: JSON.stringify({kind: "card", n, login: n === 2, query: "{a}"})})</script>`)
	s.mux.HandleFunc("POST /api", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Kind        string
			N           int
			Fail, Login bool
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		_ = json.Unmarshal(body.Bytes(), &asked)
		if asked.N == 1 && asked.Kind == "card" {
			time.Sleep(200 * time.Millisecond) // the first asked is the last answered
		}
		w.Header().Set("Content-Type", "application/json")
		switch {
		case asked.Fail:
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"error": "slow down"}`)
		case asked.Login:
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<h1>Sign in</h1>`)
		default:
			fmt.Fprintf(w, `{"%s":%d}`, asked.Kind, asked.N)
		}
	})
	cards := &recipe.Capture{URL: re(`/api\?`), Method: "POST", Body: re(`"kind":"card"`), All: true}
	p, err := b.Get(t.Context(), "/cards", nil, nil, cards)
	if err != nil || string(p.Body) != `[{"card":1},{"card":2}]` || p.Type != "application/json" || p.Status != 200 {
		t.Fatalf("%v %d %s\n%s", err, p.Status, p.Type, p.Body)
	}
	p, ok, err := b.Click(t.Context(), selector(t, ".next"), nil, cards)
	if err != nil || !ok || string(p.Body) != `[{"card":10},{"card":11}]` {
		t.Errorf("after a click: %v %v\n%s", ok, err, p.Body)
	}
	one := &recipe.Capture{Body: re(`"kind":"other"`)}
	if p, err := b.Get(t.Context(), "/cards", nil, nil, one); err != nil || string(p.Body) != `{"other":1}` {
		t.Errorf("by the body of the request: %v\n%s", err, p.Body)
	}
	both := &recipe.Capture{URL: re(`/api`), All: true, Body: re(`"(card|index)"`)}
	if p, err := b.Get(t.Context(), "/cards", nil, waitFor(t, "#done1"), both); err != nil || string(p.Body) != `[{"index":1},{"card":1},{"card":2}]` {
		t.Errorf("several kinds: %v\n%s", err, p.Body)
	}
	if p, err := b.Get(t.Context(), "/fails", nil, nil, cards); err != nil || p.Status != 429 || string(p.Body) != `{"error": "slow down"}` {
		t.Errorf("a refusal among them: %v %d\n%s", err, p.Status, p.Body)
	}
	if p, err := b.Get(t.Context(), "/login", nil, nil, cards); err != nil || p.Type != "text/html" || !strings.Contains(string(p.Body), "Sign in") {
		t.Errorf("a page among them: %v %s\n%s", err, p.Type, p.Body)
	}
}

// A page that always waits for news has a request under way for ever; chats and
// back-offices that show new orders at once are so.
func TestClickBesideALongPoll(t *testing.T) {
	s, b := sharedBrowser(t)
	s.page("/app", `<table><tr><td id=row>1</table><button id=next>next</button><script>
		(function news() { fetch("/news").then(news, () => 0) })();
		let n = 1;
		next.onclick = () => { row.textContent = "loading"; fetch("/rows?n=" + ++n).then(r => r.text()).then(x => { row.textContent = x; next.disabled = n == 3 }) };
		</script>`)
	s.mux.HandleFunc("/news", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(700 * time.Millisecond):
		}
	})
	s.mux.HandleFunc("/rows", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Second) // longer than the page waits for news
		fmt.Fprint(w, r.FormValue("n"))
	})
	if _, err := b.Get(t.Context(), "/app", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">2<", ">3<"} {
		begin := time.Now()
		p, ok, err := b.Click(t.Context(), selector(t, "#next"), nil, nil)
		if err != nil || !ok || !strings.Contains(string(p.Body), want) {
			t.Fatalf("want %s after %s: %v %v\n%s", want, time.Since(begin), ok, err, p.Body)
		}
	}
	if _, ok, err := b.Click(t.Context(), selector(t, "#next"), nil, nil); ok || err != nil {
		t.Errorf("a disabled button was clicked: %v %v", ok, err)
	}
}
