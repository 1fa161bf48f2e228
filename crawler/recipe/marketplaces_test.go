package recipe_test

import (
	"net/url"
	"testing"

	"nudged/crawler/recipe"
)

// What the marketplaces' own pages send to show a list passes the guard; what
// would change something there does not.
func TestMarketplacePages(t *testing.T) {
	const sold = "https://trade.taobao.com/trade/itemlist/asyncSold.htm?event_submit_do_query=1&_input_charset=utf8"
	const shopee = "https://seller.shopee.com.br/api/v3/order/"
	for _, tc := range []struct {
		recipe, method, url, body string
		passes                    bool
	}{
		{"taobao", "GET", "https://trade.taobao.com/trade/itemlist/list_sold_items.htm", "", true},
		{"taobao", "GET", "https://myseller.taobao.com/home.htm/trade-platform/tp/sold", "", true},
		{"taobao", "POST", sold, "action=itemlist%2FSoldQueryAction&auctionType=0&orderStatus=NOT_PAID&tabCode=waitBuyerPay&pageNum=1&prePageNo=0&pageSize=15&dateBegin=&dateEnd=", true},
		{"taobao", "POST", sold, "prePageNo=1&sifg=0&action=itemlist%2FSoldQueryAction&queryMore=false&close=0&pageNum=1&isQnNew=true&isHideNick=true&pageSize=30", true},
		{"taobao", "POST", sold, "action=itemlist%2FSoldQueryAction&rxAuditFlag=0&tradeTag=0&useCheckcode=false&errorCheckcode=false&buyerNick=&lastStartRow=&payDateBegin=0&rateStatus=ALL", true},
		{"taobao", "POST", sold, "action=itemlist%2FCloseOrderAction&orderStatus=NOT_PAID", false},
		{"taobao", "POST", sold, "action=itemlist%2FSoldQueryAction&event_submit_do_delete=1&order_ids=1", false},
		{"taobao", "POST", "https://trade.taobao.com/trade/memo/update_sell_memo.htm?event_submit_do_query=1", "action=itemlist%2FSoldQueryAction", false},
		{"taobao", "POST", "https://sec.taobao.com/trade/itemlist/asyncSold.htm?x=1", "action=itemlist%2FSoldQueryAction", false},
		{"shopee", "GET", "https://seller.shopee.com.br/portal/sale/order?type=unpaid", "", true},
		{"shopee", "GET", "https://seller.shopee.com.br/portal/sale/order?type=toship", "", true},
		{"shopee", "GET", "https://seller.shopee.com.br/portal/sale/order?type=shipping", "", true},
		{"shopee", "GET", "https://seller.shopee.com.br/portal/sale/order?type=completed", "", true},
		{"shopee", "GET", "https://seller.shopee.com.br/portal/sale/order?type=cancelled", "", true},
		{"shopee", "POST", shopee + "search_order_list_index?SPC_CDS=a1&SPC_CDS_VER=2", `{"order_list_tab":200,"entity_type":1,"pagination":{"from_page_number":1}}`, true},
		{"shopee", "POST", shopee + "get_order_list_card_list?SPC_CDS=a1&SPC_CDS_VER=2", "{\"order_list_tab\":200,\n\"order_param_list\":[]}", true},
		{"shopee", "POST", shopee + "cancel_order?SPC_CDS=a1", `{"order_id":1}`, false},
		{"shopee", "POST", "https://seller.shopee.com.br/webchat/api/v1.2/messages", `{"content":"x"}`, false},
	} {
		r, err := recipe.Load(tc.recipe)
		if err != nil {
			t.Fatal(err)
		}
		base := &url.URL{Scheme: "https", Host: "trade.taobao.com", Path: "/"}
		if tc.recipe == "shopee" {
			base.Host = "seller.shopee.com.br"
		}
		guard := recipe.NewGuard(base, r.Allow, r.Deny, nil)
		guard.Lock()
		if err := guard.Judge(tc.method, tc.url, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(tc.body)); (err == nil) != tc.passes {
			t.Errorf("%s %s %q: %v", tc.method, tc.url, tc.body, err)
		}
	}
}

// Marketplaces do not like programs: only the seller signs in there, and nothing
// runs before the seller has seen it work.
func TestMarketplacesWaitForTheSeller(t *testing.T) {
	for _, name := range []string{"shopee", "taobao"} {
		r, err := recipe.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if r.Terms == "" || r.Trial == "" || r.SignIn.Person == nil || len(r.SignIn.Steps) > 0 || len(r.SignIn.NeedsYou) == 0 {
			t.Errorf("%s: terms %q, trial %q, person %v", name, r.Terms, r.Trial, r.SignIn.Person)
		}
		if r.List.Fields.Email != nil || r.List.Fields.Phone != nil || r.List.Fields.Chat == nil {
			t.Errorf("%s does not hand its orders over", name)
		}
	}
}
