package extract_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html/charset"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

// market is a recipe with samples of its marketplace.
type market struct {
	t      *testing.T
	dir    string
	recipe *recipe.Recipe
	shop   extract.Shop
}

func openMarket(t *testing.T, name, url string) market {
	t.Helper()
	dir := filepath.Join(capturesRoot(t), "marketplaces")
	r, err := recipe.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return market{t: t, dir: dir, recipe: r, shop: extract.Shop{Name: name, URL: url, Zone: zone, Region: "CN", Currency: "CNY"}}
}

func (m market) read(name string) []byte {
	m.t.Helper()
	b, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		m.t.Fatal(err)
	}
	return b
}

// answer is a page as an engine hands it over, in the recipe's charset if it
// does not say another.
func (m market) answer(kind string, body []byte) recipe.Page {
	m.t.Helper()
	kind, params, _ := strings.Cut(kind, ";")
	label := cmp.Or(strings.TrimPrefix(strings.TrimSpace(params), "charset="), m.recipe.Charset, "utf-8")
	r, err := charset.NewReaderLabel(label, bytes.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		m.t.Fatal(err)
	}
	return recipe.Page{URL: m.shop.URL, Status: 200, Type: kind, Body: text, At: readAt}
}

// list reads a page whose orders must all be good.
func (m market) list(r *recipe.Recipe, p recipe.Page, view string) extract.Listing {
	m.t.Helper()
	got, err := extract.List(r, m.shop, p, view)
	if err != nil || len(got.Problems) > 0 {
		m.t.Fatalf("%v, %+v", err, got.Problems)
	}
	return got
}

// said prints how the shop's words for a status were understood, once each.
func (m market) said(what string, orders []order.Order) {
	m.t.Helper()
	counts := map[string]int{}
	for _, o := range orders {
		counts[o.StatusText+" -> "+string(o.Status)]++
	}
	for line, n := range counts {
		m.t.Logf("%-26s %s (%d)", what, line, n)
	}
}

// judged are the signs of a page, in the crawler's order.
func (m market) judged(p recipe.Page) string {
	if _, ok := extract.Words(m.recipe.SignIn.NeedsYou, p); ok {
		return "needs you"
	}
	if _, ok := extract.Words(m.recipe.SignIn.Locked, p); ok {
		return "locked"
	}
	if _, ok := extract.Words(m.recipe.SignIn.Refused, p); ok {
		return "refused"
	}
	if extract.SignedIn(m.recipe, p) == extract.No {
		return "signed out"
	}
	return "good"
}

// likeshopOrder is what the shop's own answer says.
type likeshopOrder struct {
	ID           int    `json:"id"`
	Number       string `json:"order_sn"`
	State        int    `json:"order_status"`
	Pay          int    `json:"pay_status"`
	Refund       int    `json:"refund_status"`
	PaidAt       string `json:"pay_time"`
	Words        string `json:"order_status_text"`
	Amount       string `json:"order_amount"`
	Created      string `json:"create_time"`
	Updated      int64  `json:"update_time"`
	Consignee    string `json:"consignee"`
	Mobile       string `json:"mobile"`
	PaymentWords string `json:"pay_way_text"`
	Goods        []struct {
		Info string `json:"goods_info"`
		N    int    `json:"goods_num"`
	} `json:"order_goods"`
}

// status as the seller would say it: closed means two things.
func (o likeshopOrder) status() order.Status {
	never := o.PaidAt == "未支付"
	switch {
	case o.State == 0 && never:
		return order.Unpaid
	case o.State == 4 && never:
		return order.ClosedUnpaid
	case o.State == 4:
		return order.ClosedRefunded
	}
	return order.Paid
}

func TestCapturesLikeshop(t *testing.T) {
	m := openMarket(t, "likeshop", "https://shop.example/admin")
	counts := map[order.Status]int{}
	for _, name := range []string{"order-lists.type0.json", "order-lists.type4.json"} {
		body := m.read("recorded/likeshop/" + name)
		var want struct {
			Data struct {
				Count int
				Lists []likeshopOrder
			}
		}
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		got := m.list(m.recipe, m.answer("application/json", body), "")
		if len(got.Orders) != len(want.Data.Lists) || !got.HasTotal || got.Total != want.Data.Count {
			t.Fatalf("%s: %d orders of %d, total %d", name, len(got.Orders), len(want.Data.Lists), got.Total)
		}
		for i, o := range got.Orders {
			m.sameLikeshop(o, want.Data.Lists[i])
			counts[o.Status]++
		}
		m.said(name, got.Orders)
	}
	if counts[order.Unpaid] != 7 || counts[order.ClosedUnpaid] != 5 || counts[order.ClosedRefunded] != 2 {
		t.Errorf("statuses: %v", counts)
	}
	m.likeshopSignIn()
}

func (m market) sameLikeshop(got order.Order, want likeshopOrder) {
	m.t.Helper()
	created, err := time.ParseInLocation(time.DateTime, want.Created, m.shop.Zone)
	if err != nil {
		m.t.Fatal(err)
	}
	var goods struct {
		Name string `json:"goods_name"`
		Spec string `json:"spec_value_str"`
	}
	if err := json.Unmarshal([]byte(want.Goods[0].Info), &goods); err != nil {
		m.t.Fatal(err)
	}
	ok := got.ID == inJSON(m.t, want.ID) && got.Number == want.Number && got.StatusText == want.Words && got.Status == want.status() &&
		got.Total.String() == want.Amount+" CNY" && got.Created.Equal(created) && got.Updated.Unix() == want.Updated &&
		got.Buyer.Name == want.Consignee && got.Buyer.Phone.Reveal() == "+86"+want.Mobile && got.Payment == want.PaymentWords &&
		len(got.Lines) == len(want.Goods) && got.Lines[0].Title == goods.Name+" "+goods.Spec && got.Lines[0].Quantity == want.Goods[0].N
	if !ok {
		m.t.Errorf("read %+v (%s, %s), the answer says %+v (%s)", got, got.Total, got.Buyer.Phone.Reveal(), want, want.status())
	}
}

func inJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// likeshopSignIn: 1 is good and 0 is not, and who is not signed in gets a page
// instead of the JSON that was asked for.
func (m market) likeshopSignIn() {
	m.t.Helper()
	var said map[string]json.RawMessage
	if err := json.Unmarshal(m.read("recorded/likeshop/responses.json"), &said); err != nil {
		m.t.Fatal(err)
	}
	for name, want := range map[string]string{"login_bad": "refused", "login_ok": "good"} {
		if got := m.judged(m.answer("application/json", said[name])); got != want {
			m.t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if words, _ := extract.Words(m.recipe.SignIn.Refused, m.answer("application/json", said["login_bad"])); words != "账号密码错误" {
		m.t.Errorf("the seller reads %q", words)
	}
	page := m.answer("text/html", []byte("<!DOCTYPE html><title>登录</title>"))
	page.URL = "https://shop.example/admin/account/login.html"
	if got := m.judged(page); got != "signed out" {
		m.t.Errorf("the page of the sign-in is %s", got)
	}
}

// What the shop's own page shows: it holds each row twice, the second time only
// for the column that stays in sight.
func TestCapturesLikeshopTable(t *testing.T) {
	m := openMarket(t, "likeshop", "https://shop.example/admin")
	r, err := recipe.Parse("layui.yaml", []byte(`
schema: 1
name: layui
sign_in: {steps: [{open: login}], refused: .error, proof: {request: home, sign: .home}}
signed_out: "#login"
list:
  request: {engine: browser, get: order/lists}
  rows: ".layui-table-main tr[data-index]"
  next: {click: ".layui-laypage-next:not(.layui-disabled)"}
  total: {select: .layui-laypage-count, filters: [digits]}
  fields:
    id: {select: "td[data-field=id]"}
    number: {label: 订单编号, or: {select: "td[data-field=order]", match: '订单编号[:：]\s*(\d+)'}}
    status: {select: "td[data-field=order_status_text]"}
    created: {select: "td[data-field=order]", match: '下单时间[:：]\s*(\S+ \S+)', date: "2006-01-02 15:04:05"}
    total: {select: "td[data-field=total_amount]", match: '应付金额[:：]\s*(\S+)'}
    currency: {text: CNY}
    phone: {select: "td[data-field=delivery]", match: '手机号码[:：]\s*(\d+)'}
    vars: {pay: {select: "td[data-field=pay_status_text]"}}
statuses:
  - {text: 待付款, is: unpaid}
  - {text: 已关闭, vars: {pay: 待支付}, is: closed_unpaid}
  - {text: 已关闭, is: closed_refunded}
  - {text: [待发货, 待收货, 已完成], is: paid}
`))
	if err != nil {
		t.Fatal(err)
	}
	page := m.answer("text/html", m.read("recorded/likeshop/order-lists.layui-dom.html"))
	got := m.list(r, page, "")
	if clones := strings.Count(string(page.Body), `<tr data-index=`); clones != 20 || got.Rows != 10 || len(got.Orders) != 10 || got.Total != 25 {
		t.Errorf("%d rows and %d orders of %d in the page, total %d", got.Rows, len(got.Orders), clones, got.Total)
	}
	m.said("layui table", got.Orders)
	refunded := 0
	for i, o := range got.Orders {
		if o.ID != inJSON(t, 25-i) || !strings.HasSuffix(o.Number, o.ID) || o.Buyer.Phone.Reveal() != "+861390000"+("0000" + o.ID)[len(o.ID):] {
			t.Errorf("row %d reads %+v", i, o)
		}
		if o.Status == order.ClosedRefunded {
			refunded++
		}
	}
	if refunded != 1 {
		t.Errorf("%d orders closed after a refund, want 1", refunded)
	}
}

func TestCapturesShopee(t *testing.T) {
	m := openMarket(t, "shopee", "https://seller.shopee.com.br/")
	m.shop.Currency, m.shop.Region = "BRL", "BR"
	var recorded struct {
		Body struct {
			Data struct {
				Cards []json.RawMessage `json:"card_list"`
			}
		} `json:"corpo"`
	}
	if err := json.Unmarshal(m.read("recorded/shopee-br.get_order_list_card_list.anonymised.json"), &recorded); err != nil {
		t.Fatal(err)
	}
	cards := recorded.Body.Data.Cards
	if len(cards) != 2 {
		t.Fatalf("%d cards", len(cards))
	}
	// merged is what the capture of a page gives: which orders there are, then
	// their cards, one answer after the other.
	merged := func(cards ...json.RawMessage) recipe.Page {
		all := []string{`{"code":0,"data":{"index_list":[{"order_id":1}],"pagination":{"total":` + inJSON(t, len(cards)) + `}}}`}
		for _, c := range cards {
			all = append(all, `{"code":0,"data":{"card_list":[`+string(c)+`]}}`)
		}
		return m.answer("application/json", []byte("["+strings.Join(all, ",")+"]"))
	}
	type shown struct {
		view, id, number, words, total, payment string
		status                                  order.Status
	}
	for _, want := range []struct {
		card json.RawMessage
		shown
	}{
		{cards[0], shown{"to_ship", "900000000000008", "90000000000002", "A Enviar", "65.85 BRL", "Credit Card", order.Paid}},
		{cards[1], shown{"unpaid", "900000000000026", "90000000000023", "Não pago", "249.96 BRL", "Pix", order.Unpaid}},
		{cards[1], shown{"cancelled", "900000000000026", "90000000000023", "Não pago", "249.96 BRL", "Pix", order.Other}},
	} {
		got := m.list(m.recipe, merged(want.card), want.view)
		o := got.Orders[0]
		if have := (shown{want.view, o.ID, o.Number, o.StatusText, o.Total.String(), o.Payment, o.Status}); have != want.shown || got.Total != 1 {
			t.Errorf("read %+v, the card shows %+v", have, want.shown)
		}
		if o.Buyer.Name != "" || o.Buyer.Phone != "" || o.Buyer.Email != "" || o.Chat == "" || len(o.Lines) != 1 || o.Lines[0].Quantity != 1 {
			t.Errorf("a buyer who is not shown: %+v", o)
		}
		t.Logf("tab %-10s (says %-10q) -> %s", want.view, o.StatusText, o.Status)
	}
	both := m.list(m.recipe, merged(cards...), "unpaid")
	if len(both.Orders) != 2 || both.Total != 2 {
		t.Errorf("of two answers: %d orders, total %d", len(both.Orders), both.Total)
	}
	if closes := both.Orders[1].Closes; closes.Unix() != 1791514136 {
		t.Errorf("closes %v", closes)
	}
	empty := m.answer("application/json", []byte(`[{"code":0,"data":{"index_list":[],"pagination":{"total":0}}}]`))
	if got := m.list(m.recipe, empty, "unpaid"); !got.Empty || len(got.Orders) != 0 {
		t.Errorf("an empty tab: %+v", got)
	}
}

func TestCapturesTaobao(t *testing.T) {
	m := openMarket(t, "taobao", "https://trade.taobao.com/")
	plain := m.list(m.recipe, m.answer("application/json; charset=utf-8", m.read("derived/taobao-asyncSold.seller.utf8.json")), "")
	want := []struct {
		id, total, name string
		status          order.Status
	}{
		{"4312345678900000001", "159.00 CNY", "t**1", order.Unpaid},
		{"4312345678900000002", "1288.00 CNY", "牛**", order.Unpaid},
		{"4312345678900000003", "23.80 CNY", "李**", order.Paid},
		{"4312345678900000004", "45.50 CNY", "小**猫", order.ClosedUnpaid},
		{"4312345678900000005", "99.00 CNY", "a**z", order.ClosedRefunded},
		{"4312345678900000006", "10.00 CNY", "b**c", order.Paid},
	}
	if len(plain.Orders) != len(want) || plain.Total != len(want) || plain.Narrowed {
		t.Fatalf("%d orders, total %d, narrowed %v", len(plain.Orders), plain.Total, plain.Narrowed)
	}
	for i, o := range plain.Orders {
		w := want[i]
		if o.ID != w.id || o.Total.String() != w.total || o.Buyer.Name != w.name || o.Status != w.status || o.Buyer.Phone != "" || o.Buyer.Email != "" ||
			len(o.Lines) != 1 || o.Lines[0].SKU != "SKU-00"+inJSON(t, i+1) || o.Lines[0].Quantity != 1 {
			t.Errorf("read %+v (%s), want %+v", o, o.Total, w)
		}
	}
	if at := time.Date(2026, 11, 20, 21, 3, 11, 0, m.shop.Zone); !plain.Orders[0].Created.Equal(at) {
		t.Errorf("created %v", plain.Orders[0].Created)
	}
	m.said("asyncSold", plain.Orders)
	same := func(what string, got extract.Listing) {
		t.Helper()
		if inJSON(t, got.Orders) != inJSON(t, plain.Orders) {
			t.Errorf("%s reads %+v", what, got.Orders)
		}
	}
	// The same list in the charset that the shop uses, which its answer does not name.
	same("GB18030", m.list(m.recipe, m.answer("application/json", m.read("derived/taobao-asyncSold.seller.gb18030.json")), ""))
	// And as older pages hold it: as text in a script.
	same("the embedded list", m.list(embedded(t), m.answer("text/html", m.read("derived/taobao-list_sold_items.embedded.gbk.html")), ""))

	bought := m.list(m.recipe, m.answer("application/json; charset=utf-8", m.read("recorded/taobao-asyncBought.buyer-side.json")), "")
	if o := bought.Orders[0]; o.ID != "51329xxxxxx7671464" || o.Status != order.Paid || o.Total.String() != "23.80 CNY" || bought.Total != 718 {
		t.Errorf("the buyer's side reads %+v", o)
	}
	m.said("asyncBought (recorded)", bought.Orders)
}

// embedded is the recipe for a page that carries the list in a script.
func embedded(t *testing.T) *recipe.Recipe {
	t.Helper()
	text, err := recipe.Text("taobao")
	if err != nil {
		t.Fatal(err)
	}
	const script = `in: {select: script, match: 'JSON\.parse\(''(.*)''\)', filters: [unescape]}`
	for plain, within := range map[string]string{
		"  rows: $.mainOrders[*]\n":     "  rows: {" + script + ", path: '$.mainOrders[*]'}\n",
		"  total: $.page.totalNumber\n": "  total: {" + script + ", path: $.page.totalNumber}\n",
	} {
		if strings.Count(string(text), plain) != 1 {
			t.Fatalf("the recipe has no %q any more", plain)
		}
		text = []byte(strings.Replace(string(text), plain, within, 1))
	}
	r, err := recipe.Parse("embedded.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Pages that want a person: never solved, never taken for an empty list.
func TestCapturesRisk(t *testing.T) {
	m := openMarket(t, "taobao", "https://trade.taobao.com/")
	for _, tc := range []struct{ file, kind, want string }{
		{"derived/taobao-risk-rgv587.json", "application/json", "needs you"},
		{"derived/taobao-risk-empty-page.json", "application/json", "needs you"},
		{"derived/mtop-risk.json", "application/json", "needs you"},
		{"derived/mtop-token-expired.json", "application/json", "signed out"},
		{"derived/taobao-login.html", "text/html", "signed out"},
	} {
		p := m.answer(tc.kind+"; charset=utf-8", m.read(tc.file))
		got := m.judged(p)
		if got != tc.want {
			t.Errorf("%s is %s, want %s", tc.file, got, tc.want)
		}
		if list, err := extract.List(m.recipe, m.shop, p, ""); err == nil {
			t.Errorf("%s reads as a list: %+v", tc.file, list)
		}
		t.Logf("%-36s %s", tc.file, got)
	}
	if got := extract.SignedIn(m.recipe, m.answer("text/html", m.read("derived/taobao-login.html"))); got != extract.No {
		t.Errorf("the sign-in page: access %v", got)
	}
	for _, address := range []string{
		"https://login.taobao.com/member/login.jhtml?redirectURL=x", "https://loginmyseller.taobao.com/?from=", "https://login.tmall.com/?x=1",
	} {
		if got := extract.SignedIn(m.recipe, recipe.Page{URL: address, Status: 200, Type: "text/html", Body: []byte("<html>")}); got != extract.No {
			t.Errorf("%s: access %v", address, got)
		}
	}
	for _, tc := range []struct{ recipe, address string }{
		{"taobao", "https://trade.taobao.com/_____tmd_____/punish?x5secdata=1"},
		{"taobao", "https://aq.taobao.com/durex/validate?param=1"},
		{"taobao", "https://login.taobao.com/member/login_unusual.htm?user_num_id=1"},
		{"taobao", "https://passport.taobao.com/iv/identity_verify.htm?htoken=1"},
		{"taobao", "https://sec.taobao.com/query.htm?action=QueryAction"},
		{"shopee", "https://seller.shopee.com.br/verify/captcha?next=x"},
		{"shopee", "https://seller.shopee.com.br/verify/traffic?next=x"},
	} {
		m := openMarket(t, tc.recipe, "https://shop.example/")
		p := recipe.Page{URL: tc.address, Status: 200, Type: "text/html", Body: []byte("<html><body>x</body></html>")}
		if got := m.judged(p); got != "needs you" {
			t.Errorf("%s is %s", tc.address, got)
		}
		t.Logf("%-8s %-64s needs you", tc.recipe, cmp.Or(strings.SplitN(tc.address, "?", 2)[0], tc.address))
	}
}
