package notify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"nudged/notify"
	"nudged/store/order"
)

// inCampaign reports whether a text goes out in campaigns.
func inCampaign(name string) bool {
	return slices.Contains([]string{"again", "instock", "news", "regulars", "second"}, name)
}

// offerIn is what a seller may want to say in a text.
func offerIn(language, name string) string {
	words := map[string][2]string{
		"offer":    {"Free shipping until Sunday.", "本周日前付款免运费。"},
		"again":    {"Free shipping until Sunday.", "本周日前下单免运费。"},
		"instock":  {"The brown belt is back in all lengths.", "棕色牛皮腰带各种长度均已到货。"},
		"news":     {"Brass buckles now come in four new sizes.", "黄铜皮带扣新增四个尺寸。"},
		"regulars": {"New belts come out on Friday, and you can choose now.", "周五上新皮带，您现在就可以先选。"},
		"second":   {"A tin of leather balm goes with every belt.", "购买皮带可搭配皮革护理膏一盒。"},
	}[name]
	if language == "zh" {
		return words[1]
	}
	return words[0]
}

// aCampaign is one with all that a campaign can have.
func aCampaign(language, text string) order.Campaign {
	return order.Campaign{
		Name: "autumn", Text: text, Offer: offerIn(language, text), Link: "https://buckles.example/belts/",
		By: []order.Channel{order.ByEmail, order.BySMS},
	}
}

// onAList is somebody who is known from a list of the seller's alone.
func onAList(language string) order.Order {
	o := orderFor(language, "news")
	return order.Order{Shop: o.Shop, ID: order.ListRow + "4f1c", Buyer: o.Buyer}
}

// carriers are the providers that a text message may go by, with what each needs.
func carriers(language, text string) map[string]notify.Provider {
	free := notify.Provider{Price: order.Money{Minor: 5, Currency: "CNY"}}
	if language == "zh" {
		free.Sign = "皮扣科技"
	}
	out := map[string]notify.Provider{}
	for _, name := range []string{"kannel", "twilio", "http"} {
		free.Name = name
		out[name] = free
	}
	if language == "zh" { // it sends in mainland China, what it has approved
		approved := map[string]string{
			"again":  "尊敬的会员，您的订单${number}已关闭，如仍需要，欢迎重新下单。拒收请回复R",
			"second": "尊敬的会员，感谢您的惠顾，希望您对商品满意。拒收请回复R",
		}[text]
		if approved == "" {
			approved = "尊敬的会员，${offer}拒收请回复R"
		}
		free.Name, free.Templates = "aliyun", map[string]notify.ProviderText{text: {Code: "SMS_1", Text: approved, Kind: "promotion"}}
		out["aliyun"] = free
	}
	return out
}

// everyCampaignText calls f for every text of a campaign in every language.
func everyCampaignText(t *testing.T, f func(t *testing.T, texts *notify.Texts, language, name string)) {
	everyText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		if inCampaign(name) {
			f(t, texts, language, name)
		}
	})
}

// What the program brings along for campaigns has nothing that any provider, or
// any rule on advertisements, would stop: with an offer and a link, and with
// neither where the text can do without.
func TestCampaignTextsPassTheLinter(t *testing.T) {
	everyCampaignText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		bare := aCampaign(language, name)
		bare.Link = ""
		if name == "again" || name == "second" {
			bare.Offer = ""
		}
		for carrier, p := range carriers(language, name) {
			s := shopIn(language)
			f := s.Shops["buckles"]
			f.Sign = p.Sign
			s.Shops["buckles"] = f
			for _, c := range []order.Campaign{aCampaign(language, name), bare} {
				for _, f := range texts.LintCampaign(s, c, map[order.Channel]notify.Provider{order.ByEmail: {Name: "smtp"}, order.BySMS: p}) {
					t.Errorf("by %s: %s: %s", carrier, f.Where, f.Message)
				}
			}
		}
	})
}

func TestLintCampaign(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*order.Campaign, *notify.ShopFacts, *notify.Provider)
		want    string
		isError bool
	}{
		"no such text":  {func(c *order.Campaign, _ *notify.ShopFacts, _ *notify.Provider) { c.Text = "nice" }, `there is no text "nice"`, true},
		"service text":  {func(c *order.Campaign, _ *notify.ShopFacts, _ *notify.Provider) { c.Text = "gentle" }, "take one of again, instock, news, regulars, second", true},
		"open order":    {func(c *order.Campaign, _ *notify.ShopFacts, _ *notify.Provider) { c.Text = "offer" }, "could go out to nobody at shop buckles: ", true},
		"no offer":      {func(c *order.Campaign, _ *notify.ShopFacts, _ *notify.Provider) { c.Offer = "" }, "write `offer:` into the campaign's file", true},
		"no address":    {func(_ *order.Campaign, f *notify.ShopFacts, _ *notify.Provider) { f.Address = "" }, "write `address:` at shop buckles", true},
		"nobody to ask": {func(_ *order.Campaign, f *notify.ShopFacts, _ *notify.Provider) { f.From, f.ReplyTo = "", "" }, "no List-Unsubscribe", true},
		"long offer":    {func(c *order.Campaign, _ *notify.ShopFacts, _ *notify.Provider) { c.Offer = strings.Repeat("o", 301) }, "the offer has 301 characters", true},
		"other host":    {func(c *order.Campaign, _ *notify.ShopFacts, _ *notify.Provider) { c.Link = "https://other.example/" }, "leads to other.example", false},
		"long SMS":      {func(c *order.Campaign, _ *notify.ShopFacts, _ *notify.Provider) { c.Offer = strings.Repeat("o", 150) }, "2 parts of GSM-7, 0.10 CNY", false},
		"not approved":  {func(_ *order.Campaign, _ *notify.ShopFacts, p *notify.Provider) { p.Name, p.Sign = "aliyun", "A" }, "only texts that it has approved", true},
	} {
		s, campaign, p := shopIn("en"), aCampaign("en", "news"), carriers("en", "news")["kannel"]
		f := s.Shops["buckles"]
		look := func() []notify.Finding {
			s.Shops["buckles"] = f
			return loadTexts(t).LintCampaign(s, campaign, map[order.Channel]notify.Provider{order.ByEmail: {Name: "smtp"}, order.BySMS: p})
		}
		if found := look(); len(found) != 0 {
			t.Errorf("before %s: %+v", name, found)
		}
		c.change(&campaign, &f, &p)
		found := look()
		if !slices.ContainsFunc(found, func(f notify.Finding) bool {
			return f.Error == c.isError && strings.Contains(f.Message, c.want) && strings.HasPrefix(f.Where, `campaign "autumn", text "`)
		}) {
			t.Errorf("%s: %+v; want %q", name, found, c.want)
		}
	}
}

// Somebody on a list gets what a campaign says, and nothing about an order that
// they do not have; texts about an order are not for them.
func TestCampaignToSomebodyOnAList(t *testing.T) {
	everyCampaignText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		for _, channel := range []order.Channel{order.ByEmail, order.BySMS} {
			m, err := texts.Write(shopIn(language), writingFor(onAList(language), language, name, channel))
			if name == "again" || name == "second" {
				if !errors.Is(err, notify.ErrMissing) {
					t.Errorf("by %s it is about an order that is none: %v\n%s", channel, err, m.Text)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for what, words := range map[string]string{"text": m.Text, "html": m.HTML, "subject": m.Subject, "number": m.Facts["number"]} {
				if strings.Contains(words, order.ListRow) || strings.Contains(words, "4f1c") {
					t.Errorf("the %s names the row of the list: %s", what, words)
				}
			}
			list := map[string]string{"en": "on its list of customers", "zh": "客户名单"}[language]
			if bought := map[string]string{"en": "ordered there", "zh": "曾在本店下单"}[language]; channel == order.ByEmail && (!strings.Contains(m.Text, list) || strings.Contains(m.Text, bought)) {
				t.Errorf("it says a wrong reason why they get it:\n%s", m.Text)
			}
		}
	})
}

// The link of a campaign leads where the campaign says, never to the order by
// which the person is known.
func TestCampaignLink(t *testing.T) {
	everyCampaignText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		for _, channel := range []order.Channel{order.ByEmail, order.BySMS} {
			w := writingFor(orderFor(language, name), language, name, channel)
			w.Step.Link = ""
			m, err := texts.Write(shopIn(language), w)
			if err != nil || strings.Contains(m.Text+m.HTML, "http") {
				t.Errorf("by %s without a link: %v\n%s", channel, err, m.Text)
			}
			w.Step.Link = "https://buckles.example/belts/"
			m, err = texts.Write(shopIn(language), w)
			if err != nil || !strings.Contains(m.Text, w.Step.Link) || strings.Contains(m.Text+m.HTML, "view-order") {
				t.Errorf("by %s: %v\n%s", channel, err, m.Text)
			}
			if w.Step.Link = "javascript:alert(1)"; channel == order.ByEmail {
				if m, err = texts.Write(shopIn(language), w); err != nil || strings.Contains(m.Text+m.HTML, "alert") {
					t.Errorf("a script is linked: %v\n%s", err, m.HTML)
				}
			}
		}
	})
}

func TestTextsOfCampaigns(t *testing.T) {
	texts := loadTexts(t)
	for _, language := range []string{"en", "zh", "zh-CN"} {
		if got := strings.Join(texts.Marketing(language), " "); got != "again instock news regulars second" {
			t.Errorf("%s: for campaigns there are %s", language, got)
		}
		for name, want := range map[string]order.Status{"again": order.ClosedUnpaid, "second": order.Paid, "news": "", "instock": "", "regulars": "", "offer": order.Unknown} {
			if got := texts.CampaignFor(language, name); got != want {
				t.Errorf("%s/%s is for an order that is %q, want %q", language, name, got, want)
			}
		}
	}
	for _, name := range []string{"again", "instock", "news", "regulars", "second"} {
		if texts.ForOpen("en", name) {
			t.Errorf("%s can go out about an open order", name)
		}
	}
}
