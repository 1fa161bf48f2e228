package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nudged/crawler/browser"
)

const (
	benchPages = 60
	benchTabs  = 4
)

// benchSite serves pages such as a back-office has: 30 KB, a style sheet, a
// script that makes the rows, and a small picture of what is in each order.
func benchSite(b *testing.B) (addresses []string, s *site) {
	s = newSite(b)
	s.serve("/shop.css", "text/css", strings.Repeat(".panel > .row:nth-child(2n) { margin: 0 3px; border-color: #eed }\n", 60))
	s.serve("/shop.js", "text/javascript", `
		const rows = document.querySelector("tbody");
		for (let i = 0; i < 40; i++) rows.insertAdjacentHTML("beforeend", "<tr data-id=" + i + "><td><img width=40 height=40 src=/thumb" + location.pathname.slice(7) + "/" + i % 20 + "><td>" + i + "<td>name<td>1.234,00 €<td>unpaid</tr>");
		document.body.dataset.done = "1";`)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 80, 80))); err != nil {
		b.Fatal(err)
	}
	s.mux.HandleFunc("/thumb/{order}/{row}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(picture.Bytes())
	})
	var menu strings.Builder
	for i := range 150 {
		fmt.Fprintf(&menu, "<li class=\"menu-item level-%d\"><a href=\"/admin/section-%d?view=all\" title=\"Section %d\"><i class=\"icon icon-%d\"></i> <span>Section %d</span></a></li>\n", i%3, i, i, i, i)
	}
	s.mux.HandleFunc("/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>Order %s</title><link rel=icon href="data:,"><link rel=stylesheet href=/shop.css><ul>%s</ul><table><tbody></table><script src=/shop.js></script>`, r.PathValue("id"), menu.String())
	})
	for i := range benchPages {
		addresses = append(addresses, fmt.Sprintf("%s/orders/%d", s.URL, i))
	}
	return addresses, s
}

// BenchmarkRendered compares rendered pages in four tabs, with the guard on,
// against a bare loop of chromedp over the same pages, without a guard, in the
// same run. "ratio" is our time over the bare loop's. With NUDGED_PLAYWRIGHT, a
// folder in which npm has installed playwright-core, "playwright" is how many
// times faster than Playwright we are.
func BenchmarkRendered(b *testing.B) {
	addresses, s := benchSite(b)
	guard := guardOf(b, s.URL)
	chromium := open(b, guard, func(o *browser.Options) { o.Log = nil })
	guard.Lock()
	ours := func() { benchOurs(b, chromium, addresses) }
	bare := bareTabs(b, addresses)
	playwright := playwrightLoop(b, addresses)
	ours()
	bare()
	playwright()
	var mine, theirs, others time.Duration
	for b.Loop() {
		theirs += clock(bare)
		mine += clock(ours)
		others += playwright()
	}
	b.ReportMetric(mine.Seconds()/theirs.Seconds(), "ratio")
	b.ReportMetric(float64(benchPages*b.N)/mine.Seconds(), "pages/s")
	if others > 0 {
		b.ReportMetric(others.Seconds()/mine.Seconds(), "playwright")
	}
}

func clock(run func()) time.Duration {
	begun := time.Now()
	run()
	return time.Since(begun)
}

// spread hands the addresses out to the tabs.
func spread(addresses []string, visit func(tab int, address string)) {
	next := make(chan string)
	var tabs sync.WaitGroup
	for i := range benchTabs {
		tabs.Go(func() {
			for address := range next {
				visit(i, address)
			}
		})
	}
	for _, address := range addresses {
		next <- address
	}
	close(next)
	tabs.Wait()
}

func benchOurs(b *testing.B, chromium *browser.Browser, addresses []string) {
	spread(addresses, func(_ int, address string) {
		p, err := chromium.Get(context.Background(), address, nil, nil, nil)
		if err != nil || !strings.Contains(string(p.Body), "data-done") {
			b.Errorf("%s: %v", address, err)
		}
	})
}

// bareTabs is what somebody writes in an afternoon.
func bareTabs(b *testing.B, addresses []string) func() {
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chrome(b)), chromedp.UserDataDir(b.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"))
	alloc, end := chromedp.NewExecAllocator(context.Background(), opts...)
	b.Cleanup(end)
	root, stop := chromedp.NewContext(alloc)
	b.Cleanup(stop)
	if err := chromedp.Do(root); err != nil {
		b.Fatal(err)
	}
	var tabs [benchTabs]context.Context
	for i := range tabs {
		ctx, cancel := chromedp.NewContext(root)
		b.Cleanup(cancel)
		if err := chromedp.Do(ctx); err != nil {
			b.Fatal(err)
		}
		tabs[i] = ctx
	}
	return func() {
		spread(addresses, func(tab int, address string) {
			err := chromedp.Do(tabs[tab], chromedp.Navigate(address))
			if err != nil {
				b.Errorf("%s: %v", address, err)
				return
			}
			html, err := chromedp.Run(tabs[tab], chromedp.OuterHTML(chromedp.CSS("html")))
			if err != nil || !strings.Contains(html, "data-done") {
				b.Errorf("%s: %v", address, err)
			}
		})
	}
}

// playwrightLoop runs the same pages through Playwright; without it, it takes no
// time.
func playwrightLoop(b *testing.B, addresses []string) func() time.Duration {
	folder := os.Getenv("NUDGED_PLAYWRIGHT")
	if folder == "" {
		return func() time.Duration { return 0 }
	}
	script, err := filepath.Abs("../../.ci/playwright/loop.mjs")
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("node", append([]string{script, folder, chrome(b), strconv.Itoa(benchTabs)}, addresses...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	lines := bufio.NewReader(out)
	return func() time.Duration {
		if _, err := io.WriteString(in, "go\n"); err != nil {
			b.Fatal(err)
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		ms, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			b.Fatal(err)
		}
		return time.Duration(ms * float64(time.Millisecond))
	}
}
