package extract_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

func benchPage() []byte {
	var b strings.Builder
	b.WriteString(`<html><body><table id="orders"><tbody>`)
	for i := range 100 {
		fmt.Fprintf(&b, `<tr data-id="%d"><td class="no">No A-%d</td><td class="name">Anna %d</td><td class="state">Waiting</td>`+
			`<td class="date">17.11.2026 23:43</td><td class="sum-cell">1.672,56 €</td></tr>`, i+1, i+1, i)
	}
	b.WriteString(`</tbody></table><span id="count">100</span></body></html>`)
	return []byte(b.String())
}

// What a crawler asks of a page, against a bare goquery loop over the same rows.
func BenchmarkPage(b *testing.B) {
	r := goldenRecipe(b, "list-html")
	shop := extract.Shop{Name: "bench", URL: "https://shop.example/", Currency: "EUR", Zone: time.UTC}
	body := benchPage()
	b.Run("nudged", func(b *testing.B) {
		for b.Loop() {
			p := extract.Prepare(recipe.Page{URL: "https://shop.example/", Status: 200, Type: "text/html", Body: body})
			if extract.SignedIn(r, p) != extract.Yes {
				b.Fatal("not signed in")
			}
			if l, err := extract.List(r, shop, p, ""); err != nil || len(l.Orders) != 100 {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			doc.Find("#orders tr").Each(func(_ int, s *goquery.Selection) {
				_, _ = s.Attr("data-id")
				for _, sel := range []string{".no", ".name", ".state", ".date", ".sum-cell"} {
					if strings.TrimSpace(s.Find(sel).Text()) != "" {
						n++
					}
				}
			})
			if n != 500 {
				b.Fatal(n)
			}
		}
	})
}
