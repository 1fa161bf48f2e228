package crawler_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

const (
	benchOrders   = 3800 // half of them want their own page
	benchPageSize = 38
	benchPages    = benchOrders/benchPageSize + benchOrders/2
)

// frozen serves the demo shop's pages from memory, so that the reader is
// measured and not the shop.
type frozen struct {
	http.Handler
	pages sync.Map
}

func (f *frozen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/admin/login" || r.URL.Path == "/admin/" {
		f.Handler.ServeHTTP(w, r)
		return
	}
	page, ok := f.pages.Load(r.RequestURI)
	if !ok {
		made := httptest.NewRecorder()
		f.Handler.ServeHTTP(made, r)
		if made.Code != http.StatusOK {
			f.Handler.ServeHTTP(w, r)
			return
		}
		page = furnished(made.Body.Bytes())
		f.pages.Store(r.RequestURI, page)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.([]byte))
}

// furnished gives a page the size that those of real back-offices have, some
// 20 KB: menus, a toolbar, inline scripts and styles around what counts.
func furnished(page []byte) []byte {
	var around strings.Builder
	around.WriteString("<style>")
	for i := range 40 {
		fmt.Fprintf(&around, ".panel-%d > .row:nth-child(2n) { margin: 0 %dpx; border-color: #e%02xd; }\n", i, i, i)
	}
	around.WriteString(`</style><ul class="menu">`)
	for i := range 80 {
		fmt.Fprintf(&around, "<li class=\"menu-item level-%d\"><a href=\"/admin/section-%d?view=all\" title=\"Section %d\"><i class=\"icon icon-%d\"></i> <span>Section %d</span></a></li>\n", i%3, i, i, i, i)
	}
	around.WriteString("</ul><script>")
	for i := range 40 {
		fmt.Fprintf(&around, "app.register('widget-%d', {url: '/admin/widget/%d', poll: %d, labels: {on: 'On', off: 'Off'}});\n", i, i, i*10)
	}
	around.WriteString("</script>")
	return bytes.Replace(page, []byte("<main>"), []byte(around.String()+"<main>"), 1)
}

// BenchmarkVisit compares a plain visit of 2,000 pages, with a kept session,
// against a bare loop of net/http and goquery over the same pages that takes the
// same texts. "ratio" is visit over bare. With NUDGED_SCRAPY, the Python that has
// Scrapy, "scrapy" is how many times faster than Scrapy we are, which takes the
// same texts with as many requests at once.
func BenchmarkVisit(b *testing.B) {
	shop := demoshop.New(demoshop.Options{Orders: demoshop.Many(benchOrders, time.Now()), PageSize: benchPageSize, Tame: true})
	server := httptest.NewServer(&frozen{Handler: shop})
	defer server.Close()
	rec, err := recipe.Parse("form.yaml", demoshop.FormRecipe())
	if err != nil {
		b.Fatal(err)
	}
	spider := crawler.New(crawler.Options{})
	defer spider.Close()
	to := func(name string) crawler.Shop {
		return crawler.Shop{Shop: extract.Shop{Name: name, URL: server.URL + "/", Currency: "USD", Region: "US"}, User: shop.User(), Password: order.Secret(shop.Password()), Recipe: rec, PagesPerHour: 1 << 30}
	}
	warm, err := spider.Visit(b.Context(), to("warm"), crawler.Known{})
	if err != nil {
		b.Fatal(err)
	}
	visit := func(name string) {
		result, err := spider.Visit(b.Context(), to(name), crawler.Known{Session: warm.Session})
		if err != nil || result.Pages != benchPages || len(result.Orders) != benchOrders {
			b.Errorf("%d pages, %d orders, %v", result.Pages, len(result.Orders), err)
		}
	}
	var urls []string
	for _, o := range warm.Orders {
		if o.Status.WantsDetail() {
			urls = append(urls, server.URL+"/admin/orders/"+o.ID)
		}
	}
	urls = append(urls, server.URL+"/admin/orders/plain")
	for page := 2; page <= benchOrders/benchPageSize; page++ {
		urls = append(urls, fmt.Sprintf("%s/admin/orders/plain?page=%d", server.URL, page))
	}
	bare := func(string) { bareLoop(b, urls) }
	for _, at := range []int{1, 8} {
		b.Run(fmt.Sprintf("at once %d", at), func(b *testing.B) {
			var ours, theirs, others time.Duration
			for b.Loop() {
				theirs += clock(at, bare)
				ours += clock(at, visit)
				others += scrapy(b, at, urls)
			}
			b.ReportMetric(float64(ours)/float64(theirs), "ratio")
			if others > 0 {
				b.ReportMetric(float64(others)/float64(ours), "scrapy")
			}
			b.ReportMetric(float64(at*benchPages*b.N)/ours.Seconds(), "pages/s")
		})
	}
}

func clock(at int, run func(name string)) time.Duration {
	start := time.Now()
	var group sync.WaitGroup
	for i := range at {
		group.Go(func() { run(fmt.Sprint("shop", i)) })
	}
	group.Wait()
	return time.Since(start)
}

// scrapy reads the pages with Scrapy, for each shop once; without it, it takes no
// time.
func scrapy(b *testing.B, at int, urls []string) time.Duration {
	python := os.Getenv("NUDGED_SCRAPY")
	if python == "" {
		return 0
	}
	list := filepath.Join(b.TempDir(), "addresses")
	if err := os.WriteFile(list, []byte(strings.Join(urls, "\n")), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(python, "../.ci/scrapy/loop.py", list, strconv.Itoa(at), strconv.Itoa(at))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(seconds * float64(time.Second))
}

// bareLoop is what somebody writes in an afternoon.
func bareLoop(b *testing.B, urls []string) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, url := range urls {
		response, err := client.Get(url)
		if err != nil {
			b.Error(err)
			return
		}
		doc, err := goquery.NewDocumentFromReader(response.Body)
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil {
			b.Error(err)
			return
		}
		found := 0
		doc.Find("#orders tr.order").Each(func(_ int, row *goquery.Selection) {
			id, _ := row.Attr("data-id")
			at, _ := row.Find("time").Attr("datetime")
			for _, text := range []string{id, at, row.Find(".number a").Text(), row.Find(".customer").Text(), row.Find(".status").Text(), row.Find(".total").Text()} {
				found += len(text)
			}
		})
		for _, field := range []string{"#name", "#email", "#phone", "#payment"} {
			value, _ := doc.Find(field).Attr("value")
			found += len(value)
		}
		for _, field := range []string{"#number", "#status", "#total", "#pay"} {
			found += len(doc.Find(field).Text())
		}
		doc.Find("#lines tr.line").Each(func(_ int, row *goquery.Selection) {
			for _, field := range []string{".title", ".sku", ".quantity", ".sum"} {
				found += len(row.Find(field).Text())
			}
		})
		if found == 0 {
			b.Errorf("nothing found at %s", url)
		}
	}
}
