package crawler_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// marketPage asks for its orders as Shopee's does: which there are, then the
// cards of five at a time, again for each page.
const marketPage = `<!DOCTYPE html><html><body><div id="list"></div>
<button class="eds-pager__button-next" onclick="page++; load()">next</button>
<script>
const tab = new URLSearchParams(location.search).get('type');
let page = 1;
async function ask(what, body) {
  const answer = await fetch('/api/v3/order/' + what + '?SPC_CDS=1&SPC_CDS_VER=2', {method: 'POST', body: JSON.stringify(body)});
  return (await answer.json()).data;
}
async function load() {
  const found = await ask('search_order_list_index', {tab, page});
  for (let i = 0; i < found.index_list.length; i += 5) {
    const cards = await ask('get_order_list_card_list', {tab, order_param_list: found.index_list.slice(i, i + 5)});
    for (const c of cards.card_list) document.getElementById('list').append(JSON.stringify(c));
  }
  document.querySelector('button').disabled = page * 6 >= found.pagination.total;
}
load();
</script></body></html>`

// marketServer is a seller centre of its shape, with made-up orders.
type marketServer struct {
	mu     sync.Mutex
	asked  []string
	orders map[string][]string // by tab
}

func (m *marketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.URL.Path == "/portal/sale/order" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(marketPage))
		return
	}
	var body struct {
		Tab    string
		Page   int
		Params []struct {
			ID json.Number `json:"order_id"`
		} `json:"order_param_list"`
	}
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&body) != nil {
		http.NotFound(w, r)
		return
	}
	what := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	m.asked = append(m.asked, what)
	w.Header().Set("Content-Type", "application/json")
	if what == "search_order_list_index" {
		all := m.orders[body.Tab]
		part := all[min((body.Page-1)*6, len(all)):min(body.Page*6, len(all))]
		ids := make([]string, len(part))
		for i, id := range part {
			ids[i] = `{"order_id":` + id + `}`
		}
		fmt.Fprintf(w, `{"code":0,"data":{"index_list":[%s],"pagination":{"total":%d}}}`, strings.Join(ids, ","), len(all))
		return
	}
	var cards []string
	for _, p := range body.Params {
		cards = append(cards, marketCard(body.Tab, p.ID.String()))
	}
	fmt.Fprintf(w, `{"code":0,"data":{"card_list":[%s]}}`, strings.Join(cards, ","))
}

func marketCard(tab, id string) string {
	head := `"card_header":{"order_sn":"261120` + id[len(id)-8:] + `","buyer_info":{"username":"***"}},"order_ext_info":{"order_id":` + id + `}`
	facts := `"payment_info":{"total_price":1234000,"payment_method":"Pix"},"status_info":{"status":"` + tab + ` in words"},
		"item_info_group":{"item_info_list":[{"item_list":[{"name":"Cinto","description":"[C-1]","amount":1}]}]}`
	if tab == "toship" {
		return `{"package_level_order_card":{` + head + `,"package_list":[{` + facts + `}]}}`
	}
	return `{"order_card":{` + head + `,` + facts + `}}`
}

// A visit of a seller centre in Chrome: nothing is asked but what its page asks,
// all of what a page asked is read as one, and the tab says what a status means.
func TestShopeeVisit(t *testing.T) {
	needChrome(t)
	market := &marketServer{orders: map[string][]string{}}
	for i := range 8 {
		market.orders["unpaid"] = append(market.orders["unpaid"], fmt.Sprint(231234567890400+i))
	}
	market.orders["toship"] = []string{"231234567890501", "231234567890502"}
	market.orders["cancelled"] = []string{"231234567890601"}
	server := httptest.NewServer(market)
	defer server.Close()
	rec, err := recipe.Load("shopee")
	if err != nil {
		t.Fatal(err)
	}
	rec.Hours = nil // the test runs at any time of day
	shop := crawler.Shop{
		Shop:   extract.Shop{Name: "shopee", URL: server.URL + "/", Zone: time.UTC, Currency: "BRL"},
		Recipe: rec, PagesPerHour: 1000,
	}
	spider := crawler.New(crawler.Options{
		Browser: browser.Options{ProfileRoot: t.TempDir(), LoopbackOnly: true}, SaveDir: t.TempDir(),
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	defer func() {
		if err := spider.Close(); err != nil {
			t.Error(err)
		}
	}()
	result, err := spider.Visit(t.Context(), shop, crawler.Known{Full: true, Session: keptSession(t, shop)})
	if err != nil || !result.Complete {
		t.Fatalf("complete %v, %v, problems %+v, %d orders, asked %q", result.Complete, err, result.Problems, len(result.Orders), market.asked)
	}
	counts := map[order.Status]int{}
	for _, o := range result.Orders {
		counts[o.Status]++
		if len(o.ID) != 15 || o.Total != (order.Money{Minor: 1234, Currency: "BRL"}) || o.Chat == "" || len(o.Lines) != 1 {
			t.Errorf("read %+v", o)
		}
	}
	if counts[order.Unpaid] != 8 || counts[order.Paid] != 2 || counts[order.Other] != 1 || len(result.Orders) != 11 {
		t.Errorf("%d orders: %v", len(result.Orders), counts)
	}
	t.Logf("%d orders: %v; the pages asked %d times", len(result.Orders), counts, len(market.asked))
	if _, err := spider.Visit(t.Context(), shop, crawler.Known{}); err == nil || !strings.Contains(err.Error(), "nudged login shopee") {
		t.Errorf("without the seller's sign-in: %v", err)
	}
}

// keptSession is what a sign-in by the seller would have left.
func keptSession(t *testing.T, shop crawler.Shop) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(shop.URL + "\n" + shop.User + "\n" + shop.Recipe.Name))
	text, err := json.Marshal(map[string]any{
		"v": 1, "id": "by-the-seller", "for": hex.EncodeToString(sum[:8]), "at": time.Now(), "agent": "Mozilla/5.0",
		"cookies": []browser.Cookie{{Name: "SPC_U", Value: "seller-1", Domain: "127.0.0.1", Path: "/"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
