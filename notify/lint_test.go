package notify_test

import (
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// bench is one text on the bench of the linter.
type bench struct {
	language string
	files    map[string]string
	shop     notify.ShopFacts
	step     notify.Step
	provider notify.Provider
	sequence string
}

func newBench(language string, channel order.Channel) *bench {
	s := shopIn(language)
	b := &bench{
		language: language, shop: s.Shops["buckles"], files: map[string]string{},
		step: notify.Step{Name: "first", After: time.Hour, By: []order.Channel{channel}, Template: "gentle"},
	}
	b.provider = notify.Provider{Name: "smtp"}
	if channel == order.BySMS {
		b.provider = notify.Provider{Name: "kannel", Price: order.Money{Minor: 5, Currency: "CNY"}}
		if language == "zh" {
			b.provider.Sign, b.shop.Sign = "皮扣科技", "皮扣科技"
		}
	}
	return b
}

// sms puts own words into the text of the step.
func (b *bench) sms(words string) {
	b.files[b.language+"/"+b.step.Template+".tmpl"] = `{{define "sms"}}` + words + `{{end}}`
}

// mail does the same for a mail.
func (b *bench) mail(subject, text, html string) {
	b.files[b.language+"/"+b.step.Template+".tmpl"] = `{{define "subject"}}` + subject + `{{end}}{{define "text"}}` + text + `{{end}}{{define "html"}}` + html + `{{end}}`
}

// approved gives Aliyun a text.
func (b *bench) approved(text, kind string) {
	b.provider.Name = "aliyun"
	b.provider.Templates = map[string]notify.ProviderText{b.step.Template: {Code: "SMS_1", Text: text, Kind: kind}}
}

func (b *bench) lint(t *testing.T) []notify.Finding {
	t.Helper()
	texts := loadTexts(t)
	if len(b.files) > 0 {
		var err error
		if texts, err = notify.LoadTexts(dirOf(t, b.files)); err != nil {
			t.Fatal(err)
		}
	}
	s := notify.Settings{Shops: map[string]notify.ShopFacts{"buckles": b.shop}, Steps: []notify.Step{b.step}}
	if b.sequence != "" {
		s.Steps, s.Sequences = nil, []notify.Sequence{{Name: b.sequence, Steps: s.Steps}}
	}
	return texts.Lint(s, map[order.Channel]notify.Provider{b.step.By[0]: b.provider})
}

type rule struct {
	language string
	channel  order.Channel
	trip     func(*bench)
	mend     func(*bench)
	want     string // in the finding
	isError  bool
}

func mailRules() map[string]rule {
	en, zh := "en", "zh"
	foot := `{{template "text-foot" .}}`
	return map[string]rule{
		"no such text": {en, order.ByEmail, func(b *bench) { b.step.Template = "nice" }, func(b *bench) { b.step.Template = "gentle" }, `no text "nice"; there are again,`, true},
		"own language": {en, order.ByEmail, func(b *bench) { b.shop.Language = "fr" }, func(b *bench) { b.shop.Language = "en" }, `language "fr", which has no text`, true},
		"marketing words": {en, order.ByEmail, func(b *bench) { b.mail("Order {{.Number}}", "{{.Shop}}: 10% off! "+foot, "unsubscribe") },
			func(b *bench) { b.mail("Order {{.Number}}", "{{.Shop}}: 10 pieces, offal. "+foot, "unsubscribe") }, "“% off” is marketing", true},
		"marketing words in zh": {zh, order.ByEmail, func(b *bench) { b.mail("订单", "{{.Shop}}限时优惠"+foot, "退订") },
			func(b *bench) { b.mail("订单", "{{.Shop}}尚未付款"+foot, "退订") }, "“优惠”, “限时” is marketing", true},
		"harsh": {en, order.ByEmail, func(b *bench) { b.mail("Final notice", "{{.Shop}}"+foot, "unsubscribe") },
			func(b *bench) { b.mail("A notice", "{{.Shop}} finally noticed"+foot, "unsubscribe") }, "“final notice” sounds like a demand", false},
		"harsh in zh": {zh, order.ByEmail, func(b *bench) { b.mail("订单", "{{.Shop}}：请尽快付款"+foot, "退订") },
			func(b *bench) { b.mail("订单", "{{.Shop}}：请付款"+foot, "退订") }, "“尽快付款” sounds", false},
		"dunning": {zh, order.ByEmail, func(b *bench) { b.mail("催付通知", "{{.Shop}}"+foot, "退订") },
			func(b *bench) { b.mail("待付款通知", "{{.Shop}}"+foot, "退订") }, "“催付” is what gateways", true},
		"offer in service": {en, order.ByEmail, func(b *bench) { b.step.Offer = "x" }, func(b *bench) { b.step.Offer = "" }, "take `template: offer`", true},
		"long offer":       {en, order.ByEmail, func(b *bench) { b.step.Template, b.step.Offer = "offer", strings.Repeat("o", 301) }, func(b *bench) { b.step.Template, b.step.Offer = "offer", strings.Repeat("o", 300) }, "the offer has 301 characters", true},
		"chat":             {en, order.ByEmail, func(b *bench) { b.files["en/letter.tmpl"] = `{{define "chat"}}Final notice{{end}}` }, func(b *bench) { b.files["en/letter.tmpl"] = `{{define "chat"}}Hello{{end}}` }, "“final notice” sounds", false},
		"no offer":         {en, order.ByEmail, func(b *bench) { b.step.Template = "offer" }, func(b *bench) { b.step.Template, b.step.Offer = "offer", "Free gift." }, "write `offer:` at the step", true},
		"address": {en, order.ByEmail, func(b *bench) { b.step.Template, b.shop.Address = "again", "" }, func(b *bench) { b.step.Template, b.shop.Address = "again", "1 Road" },
			"write `address:` at shop buckles", true},
		"address not shown": {en, order.ByEmail, func(b *bench) {
			b.step.Template = "again"
			b.mail("S", "{{.Shop}}"+`{{template "no-more"}}`, "unsubscribe")
		},
			func(b *bench) { b.step.Template = "again"; b.mail("S", "{{.Shop}}"+foot, "unsubscribe") }, "{{.Address}} into the text", true},
		"advertisement in zh": {zh, order.ByEmail, func(b *bench) { b.step.Template = "again"; b.mail("欢迎再来", "{{.Shop}}"+foot, "退订") },
			func(b *bench) { b.step.Template = "again"; b.mail("AD 欢迎再来", "{{.Shop}}"+foot, "退订") }, "write 广告：欢迎再来", true},
		"list-unsubscribe": {en, order.ByEmail, func(b *bench) { b.shop.From, b.shop.ReplyTo = "", "" }, func(b *bench) { b.shop.From, b.shop.ReplyTo = "", "help@x.example" }, "no List-Unsubscribe", true},
		"opt-out in service": {en, order.ByEmail, func(b *bench) { b.mail("S", "{{.Shop}}", "unsubscribe") }, func(b *bench) { b.mail("S", "{{.Shop}}"+foot, "unsubscribe") },
			`end it with {{template "no-more"}}`, false},
		"opt-out in marketing": {en, order.ByEmail, func(b *bench) { b.step.Template = "again"; b.mail("S", "{{.Shop}}{{.Address}}", "unsubscribe") },
			func(b *bench) { b.step.Template = "again"; b.mail("S", "{{.Shop}}"+foot, "unsubscribe") }, `end it with {{template "no-more"}}`, true},
		"opt-out in html": {en, order.ByEmail, func(b *bench) { b.mail("S", "{{.Shop}}"+foot, "<p>Hi</p>") }, func(b *bench) { b.mail("S", "{{.Shop}}"+foot, "<p>To unsubscribe, reply.</p>") },
			"the HTML does not say how", false},
		"long subject": {en, order.ByEmail, func(b *bench) { b.mail(strings.Repeat("Order ", 20), "{{.Shop}}"+foot, "unsubscribe") },
			func(b *bench) { b.mail("Order", "{{.Shop}}"+foot, "unsubscribe") }, "the subject has 119 characters", false},
		"shouting": {en, order.ByEmail, func(b *bench) { b.mail("PAY YOUR ORDER", "{{.Shop}}"+foot, "unsubscribe") },
			func(b *bench) { b.mail("Your ORDER", "{{.Shop}}"+foot, "unsubscribe") }, "end up with the spam", false},
		"who writes": {en, order.ByEmail, func(b *bench) { b.mail("S", `Hi. {{template "no-more"}}`, "unsubscribe") }, func(b *bench) { b.mail("S", "Hi. "+foot, "unsubscribe") },
			"neither subject nor text names the shop", false},
		"script": {en, order.ByEmail, func(b *bench) { b.mail("S", "{{.Shop}}"+foot, "<script>x()</script>unsubscribe") },
			func(b *bench) { b.mail("S", "{{.Shop}}"+foot, "<b>script</b> unsubscribe") }, "scripts and forms", true},
		"remote picture": {en, order.ByEmail, func(b *bench) {
			b.mail("S", "{{.Shop}}"+foot, `<img src="https://buckles.example/pixel.png" alt="">unsubscribe`)
		},
			func(b *bench) { b.mail("S", "{{.Shop}}"+foot, `<img src="cid:logo" alt="">unsubscribe`) }, "loads something from the web", false},
		"short link": {en, order.ByEmail, func(b *bench) { b.mail("S", "{{.Shop}} https://bit.ly/x "+foot, "unsubscribe") },
			func(b *bench) { b.mail("S", "{{.Shop}} https://buckles.example/x "+foot, "unsubscribe") }, "a short link hides", false},
		"other host": {en, order.ByEmail, func(b *bench) { b.mail("S", "{{.Shop}} https://buckles.example.evil.example/x "+foot, "unsubscribe") },
			func(b *bench) { b.mail("S", "{{.Shop}} https://pay.buckles.example/x. "+foot, "unsubscribe") }, "leads to buckles.example.evil.example", false},
		"plain http": {en, order.ByEmail, func(b *bench) { b.mail("S", "{{.Shop}} http://buckles.example/x "+foot, "unsubscribe") },
			func(b *bench) { b.mail("S", "{{.Shop}} https://buckles.example/x "+foot, "unsubscribe") }, "is not encrypted", false},
		"cannot go out": {en, order.ByEmail, func(b *bench) { b.shop.HowToPay = ""; b.mail("S", "{{.HowToPay}}"+foot, "unsubscribe") },
			func(b *bench) { b.shop.HowToPay = "By card."; b.mail("S", "{{.HowToPay}}"+foot, "unsubscribe") }, "could never go out at shop buckles", true},
	}
}

func smsRules() map[string]rule {
	en, zh := "en", "zh"
	return map[string]rule{
		"no words": {en, order.BySMS, func(b *bench) { b.step.Template = "own"; b.mail("S", "x", "x") }, func(b *bench) { b.step.Template = "own"; b.sms("{{.Shop}}: x STOP") },
			`no {{define "sms"}}`, true},
		"brackets":                  {zh, order.BySMS, func(b *bench) { b.sms("【皮扣】订单{{.Number}}待支付") }, func(b *bench) { b.sms("订单{{.Number}}待支付") }, "【】 stands around the signature", true},
		"brackets in the signature": {zh, order.BySMS, func(b *bench) { b.shop.Sign = "【皮扣科技】" }, func(b *bench) {}, "`sign: 皮扣科技`", true},
		"no signature":              {zh, order.BySMS, func(b *bench) { b.provider.Sign, b.shop.Sign = "", "" }, func(b *bench) { b.provider.Sign = "" }, "stop texts without a signature", false},
		"who writes":                {en, order.BySMS, func(b *bench) { b.sms("Order {{.Number}} STOP") }, func(b *bench) { b.sms("{{.Shop}}: order {{.Number}} STOP") }, "begin it with {{.Shop}}:", false},
		"forbidden topic":           {zh, order.BySMS, func(b *bench) { b.sms("订单{{.Number}}待支付，加微信咨询") }, func(b *bench) { b.sms("订单{{.Number}}待支付，欢迎咨询") }, "networks stop texts with “加微信”", true},
		"dunning":                   {zh, order.BySMS, func(b *bench) { b.sms("催款：订单{{.Number}}") }, func(b *bench) { b.sms("订单{{.Number}}待支付") }, "write 待支付 or 尚未付款", true},
		"marketing words":           {zh, order.BySMS, func(b *bench) { b.sms("订单{{.Number}}限时包邮") }, func(b *bench) { b.sms("订单{{.Number}}待支付") }, "is marketing", true},
		"opt-out for twilio": {en, order.BySMS, func(b *bench) { b.provider.Name = "twilio"; b.sms("{{.Shop}}: order {{.Number}}") },
			func(b *bench) { b.provider.Name = "twilio"; b.sms("{{.Shop}}: order {{.Number}} STOP to opt out") }, "carriers in the USA", false},
		"opt-out by the gateway": {en, order.BySMS, func(b *bench) { b.provider.Name = "twilio"; b.sms("{{.Shop}}: order {{.Number}}") },
			func(b *bench) {
				b.provider.Name, b.provider.OptOut = "twilio", "Reply STOP"
				b.sms("{{.Shop}}: order {{.Number}}")
			}, "carriers in the USA", false},
		"opt-out of marketing": {en, order.BySMS, func(b *bench) { b.step.Template = "again"; b.sms("{{.Shop}}: order again") },
			func(b *bench) { b.step.Template = "again"; b.sms("{{.Shop}}: order again. Reply STOP to opt out") }, "end it with: Reply STOP to opt out", true},
		"opt-out of marketing in zh": {zh, order.BySMS, func(b *bench) { b.step.Template = "again"; b.sms("欢迎再来") },
			func(b *bench) { b.step.Template = "again"; b.sms("欢迎再来，拒收请回复R") }, "end it with 拒收请回复R", true},
		"opt-out last": {zh, order.BySMS, func(b *bench) { b.step.Template = "again"; b.sms("拒收请回复R，欢迎再来") },
			func(b *bench) { b.step.Template = "again"; b.sms("欢迎再来，拒收请回复R") }, "put these words last", true},
		"replies of a gateway": {en, order.BySMS, func(b *bench) { b.provider.OneWay = true }, func(b *bench) { b.provider.OneWay = false }, "nudged sees no replies", false},
		"one sign too many":    {en, order.BySMS, func(b *bench) { b.sms("{{.Shop}}: order {{.Number}} • ú STOP") }, func(b *bench) { b.sms("{{.Shop}}: order {{.Number}} – “so” STOP") }, "“•” “ú” makes it UCS-2", false},
		"parts and price": {en, order.BySMS, func(b *bench) { b.sms("{{.Shop}}: " + strings.Repeat("order ", 40) + "STOP") },
			func(b *bench) { b.sms("{{.Shop}}: " + strings.Repeat("order ", 20) + "STOP") }, "2 parts of GSM-7, 0.10 CNY a message; say it in 1", false},
		"parts in zh": {zh, order.BySMS, func(b *bench) { b.sms(strings.Repeat("订单", 65)) }, func(b *bench) { b.sms(strings.Repeat("订单", 64)) }, "3 parts of UCS-2, 0.15 CNY a message; say it in 2", false},
		"far too long": {en, order.BySMS, func(b *bench) { b.sms("{{.Shop}}: " + strings.Repeat("order ", 180) + "STOP") },
			func(b *bench) { b.sms("{{.Shop}}: " + strings.Repeat("order ", 20) + "STOP") }, "8 parts of GSM-7, 0.40 CNY a message; phones put together 6", true},
		"short link": {en, order.BySMS, func(b *bench) { b.sms("{{.Shop}}: https://t.cn/abc STOP") }, func(b *bench) { b.sms("{{.Shop}}: {{.Link}} STOP") }, "a short link hides where it leads, and networks stop it (t.cn)", true},
		"other host": {en, order.BySMS, func(b *bench) { b.sms("{{.Shop}}: https://pay.example/abc STOP") }, func(b *bench) { b.sms("{{.Shop}}: {{.Link}} STOP") }, "leads to pay.example", false},
		"sequence":   {en, order.BySMS, func(b *bench) { b.sequence = "bank"; b.sms("【x】{{.Shop}} STOP") }, func(b *bench) { b.sequence = "bank" }, "【】", true},
	}
}

// Every rule is tripped by one text, and not by another.
func TestLintRules(t *testing.T) {
	for group, rules := range map[string]map[string]rule{"mail": mailRules(), "sms": smsRules(), "aliyun": aliyunRules()} {
		for name, r := range rules {
			t.Run(group+"/"+name, func(t *testing.T) {
				b := newBench(r.language, r.channel)
				r.trip(b)
				found := b.lint(t)
				hit := false
				for _, f := range found {
					if strings.Contains(f.Message, r.want) {
						hit = true
						if f.Error != r.isError {
							t.Errorf("error is %t: %s", f.Error, f.Message)
						}
						if name != "chat" && !strings.Contains(f.Where, `step "first"`) || name != "chat" && !strings.Contains(f.Where, "by "+string(r.channel)) || !strings.Contains(f.Where, b.sequence) {
							t.Errorf("it does not say where: %s", f.Where)
						}
					}
				}
				if !hit {
					t.Errorf("it is not found, only %+v", found)
				}
				b = newBench(r.language, r.channel)
				r.mend(b)
				for _, f := range b.lint(t) {
					if strings.Contains(f.Message, r.want) {
						t.Errorf("it is found where it is not: %s: %s", f.Where, f.Message)
					}
				}
			})
		}
	}
}

// What the program brings along passes its own linter, by every provider that
// takes free text.
func TestBuiltinTextsPassTheLinter(t *testing.T) {
	texts := loadTexts(t)
	for _, language := range texts.Languages() {
		for provider, sign := range map[string]string{"kannel": "皮扣科技", "twilio": "皮扣科技"} {
			s := shopIn(language)
			f := s.Shops["buckles"]
			if f.Sign = sign; language == "en" {
				f.Sign, sign = "", ""
			}
			s.Shops["buckles"], s.Steps = f, nil
			for _, name := range texts.Names(language) {
				if inCampaign(name) {
					continue // see TestCampaignTextsPassTheLinter
				}
				st := notify.Step{Name: name, Template: name, By: []order.Channel{order.ByEmail, order.BySMS}}
				if name == "offer" {
					st.Offer = map[string]string{"en": "Free shipping until Sunday.", "zh": "本周日前付款免运费。"}[language]
				}
				s.Steps = append(s.Steps, st)
			}
			found := texts.Lint(s, map[order.Channel]notify.Provider{order.ByEmail: {Name: "smtp"}, order.BySMS: {Name: provider, Sign: sign}})
			for _, f := range found {
				t.Errorf("%s by %s: %s: %s", language, provider, f.Where, f.Message)
			}
		}
	}
}

// A finding that all shops share is told once, errors first.
func TestLintTellsOnce(t *testing.T) {
	s := shopIn("en")
	s.Shops["straps"] = s.Shops["buckles"]
	s.Steps = []notify.Step{
		{Name: "a", Template: "gentle", By: []order.Channel{order.BySMS}},
		{Name: "b", Template: "none", By: []order.Channel{order.ByEmail}},
	}
	found := loadTexts(t).Lint(s, map[order.Channel]notify.Provider{order.BySMS: {Name: "http", OneWay: true}, order.ByEmail: {Name: "smtp"}})
	if len(found) != 3 || !found[0].Error || found[2].Error { // the missing text names its shop
		t.Errorf("%+v", found)
	}
}

func TestSampleOrder(t *testing.T) {
	o := notify.SampleOrder(notify.ShopFacts{Host: "buckles.example", Language: "zh-CN", Zone: shanghai})
	var sum int64
	for _, l := range o.Lines {
		sum += l.Total.Minor
	}
	if sum != o.Total.Minor || o.Link != "https://buckles.example/order/1017/" || o.Buyer.Name != "王小红" || o.Status != order.Unpaid || !o.Closes.After(o.Looked) {
		t.Errorf("%+v", o)
	}
	if o = notify.SampleOrder(notify.ShopFacts{}); o.Link != "" || o.Buyer.Name != "Ada Miller" {
		t.Errorf("%+v", o)
	}
}
