package notify_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

var builtin = sync.OnceValues(func() (*notify.Texts, error) { return notify.LoadTexts("") })

func loadTexts(t testing.TB) *notify.Texts {
	t.Helper()
	texts, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// shopIn is settings of a shop that writes in a language.
func shopIn(language string) notify.Settings {
	s := settings()
	f := s.Shops["buckles"]
	f.Language, f.Host, f.Address = language, "buckles.example", "1 Buckle Road, Shanghai 200000"
	if language == "zh" {
		f.Name, f.Contact, f.Address = "皮扣小店", "微信 buckles-help，每天 9:00–18:00", "上海市静安区南京西路 1 号"
	}
	s.Shops["buckles"] = f
	return s
}

// orderFor is the order that a text is for.
func orderFor(language, name string) order.Order {
	o := anOrder()
	if language == "zh" {
		o.Buyer.Name = "王小红"
		o.Lines[0].Title = "棕色牛皮腰带 110 厘米"
	}
	o.Buyer.Phone = "+8613800138000"
	switch name {
	case "soldout":
		o.Lines[0].SoldOut = true
	case "again":
		o.Status = order.ClosedUnpaid
	case "second":
		o.Status = order.Paid
	}
	return o
}

func writingFor(o order.Order, language, name string, channel order.Channel) notify.Writing {
	st := notify.Step{Name: "x", Template: name, By: []order.Channel{channel}}
	if name == "offer" || inCampaign(name) {
		st.Offer = offerIn(language, name)
	}
	if inCampaign(name) {
		st.Name, st.Link = order.CampaignStep("autumn"), strings.Replace(o.Link, "my-account/view-order/17/", "belts/", 1)
	}
	return notify.Writing{
		Order: o, Step: st, Token: "k3jq8x", At: noon.Add(time.Hour),
		Key: order.ReminderKey{Order: o.Key(), Step: st.Name, Channel: channel},
	}
}

// everyText calls f for every text of every language.
func everyText(t *testing.T, f func(t *testing.T, texts *notify.Texts, language, name string)) {
	texts := loadTexts(t)
	for _, language := range texts.Languages() {
		for _, name := range texts.Names(language) {
			t.Run(language+"/"+name, func(t *testing.T) { f(t, texts, language, name) })
		}
	}
}

func TestEveryText(t *testing.T) {
	everyText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		m, err := texts.Write(shopIn(language), writingFor(orderFor(language, name), language, name, order.ByEmail))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "letters/"+language+"/"+name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
		golden(t, "letters/"+language+"/"+name+".html", m.HTML)
		if m.Template != name || m.Phone != "" || m.ListUnsubscribe == "" || strings.TrimSpace(m.HTML) == "" {
			t.Errorf("template %q, phone %q, unsubscribe %q", m.Template, m.Phone.Reveal(), m.ListUnsubscribe)
		}
		want := notify.Service
		if name == "offer" || inCampaign(name) {
			want = notify.Marketing
		}
		if class, ok := texts.Class(language, name); !ok || class != want || m.Class != want {
			t.Errorf("it is %q (%t), the message %q; want %q", class, ok, m.Class, want)
		}
	})
}

// Chinese and English have the same texts, so that a shop can change its
// language and keep its steps.
func TestLanguagesHaveTheSameTexts(t *testing.T) {
	texts := loadTexts(t)
	want := "again closing gentle helpful instock news offer regulars second soldout"
	for _, language := range []string{"en", "zh", "zh-CN", "en-GB"} {
		if got := strings.Join(texts.Names(language), " "); got != want {
			t.Errorf("%s has %s, want %s", language, got, want)
		}
	}
	if got := strings.Join(texts.Languages(), " "); got != "en zh" {
		t.Errorf("languages are %s", got)
	}
	if _, ok := texts.Class("fr", "gentle"); ok {
		t.Error("there is a French text")
	}
	if _, err := texts.Write(shopIn("fr"), writingFor(anOrder(), "fr", "gentle", order.ByEmail)); err == nil {
		t.Error("a text is written in a language that has none")
	}
}

// An SMS takes one part in English and two in Chinese, with what shops usually
// have.
func TestEverySMS(t *testing.T) {
	out := map[string]string{}
	everyText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		for _, link := range []string{"https://buckles.example/my-account/view-order/17/", ""} {
			o := orderFor(language, name)
			o.Link = link
			w := writingFor(o, language, name, order.BySMS)
			if inCampaign(name) {
				link = w.Step.Link
			}
			m, err := texts.Write(shopIn(language), w)
			if err != nil {
				t.Fatal(err)
			}
			parts, encoding := notify.Segments(m.Text)
			out[language] += fmt.Sprintf("== %s, link %t: %d × %s\n%s\n\n", name, link != "", parts, encoding, m.Text)
			if most := map[string]int{"GSM-7": 1, "UCS-2": 2}[encoding]; parts > most || (encoding == "GSM-7") != (language == "en") {
				t.Errorf("%d parts of %s: %s", parts, encoding, m.Text)
			}
			if m.Phone != o.Buyer.Phone || m.To != "" || m.HTML != "" || m.Subject != "" || m.ListUnsubscribe != "" {
				t.Errorf("an SMS has parts of a mail: %+v", m)
			}
			if strings.Contains(m.Text, "http") != (strings.Contains(m.Text, link) && link != "") {
				t.Errorf("link %q: %s", link, m.Text)
			}
			if !strings.Contains(m.Text, o.Number) && (name == "again" || !inCampaign(name)) {
				t.Errorf("it does not name the order: %s", m.Text)
			}
		}
	})
	for language, words := range out {
		golden(t, "letters/"+language+"/sms.txt", words)
	}
}

// With a signature in front, the shop is not named a second time.
func TestSMSWithSignature(t *testing.T) {
	s := shopIn("zh")
	f := s.Shops["buckles"]
	f.Sign = "皮扣小店"
	s.Shops["buckles"] = f
	m, err := loadTexts(t).Write(s, writingFor(orderFor("zh", "gentle"), "zh", "gentle", order.BySMS))
	if err != nil || strings.Contains(m.Text, "皮扣小店") || strings.Contains(m.Text, "【") {
		t.Errorf("%v: %s", err, m.Text)
	}
}

func TestTextsByReason(t *testing.T) {
	texts := loadTexts(t)
	for language, words := range map[string]map[notify.Reason]string{
		"en": {notify.OrderedTwice: "more than one open order", notify.PaymentFailed: "did not go through. You can simply try again", notify.CouponUnused: "A coupon of yours is not used in this order: AUTUMN10."},
		"zh": {notify.OrderedTwice: "不止一笔待付款", notify.PaymentFailed: "没有成功。您可以重新付款", notify.CouponUnused: "优惠券“AUTUMN10”"},
	} {
		for _, name := range []string{"gentle", "helpful"} {
			for reason, want := range words {
				w := writingFor(orderFor(language, name), language, name, order.ByEmail)
				plain, err := texts.Write(shopIn(language), w)
				if err != nil {
					t.Fatal(err)
				}
				w.Reasons = []notify.Reason{reason}
				w.Order.PayFailed = reason == notify.PaymentFailed
				if reason == notify.CouponUnused {
					w.Order.Coupon = "AUTUMN10"
				}
				m, err := texts.Write(shopIn(language), w)
				if err != nil {
					t.Fatal(err)
				}
				for what, words := range map[string][2]string{"text": {m.Text, plain.Text}, "html": {m.HTML, plain.HTML}} {
					if !strings.Contains(oneLine(words[0]), want) || strings.Contains(oneLine(words[1]), want) {
						t.Errorf("%s/%s, %s, %s:\n%s", language, name, reason, what, words[0])
					}
				}
			}
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestChat(t *testing.T) {
	texts := loadTexts(t)
	for _, language := range texts.Languages() {
		soldOut, twice := orderFor(language, "soldout"), orderFor(language, "gentle")
		for name, c := range map[string]struct {
			o       order.Order
			reasons []notify.Reason
		}{
			"chat": {o: twice}, "chat-hostile": {o: hostileOrder()}, "chat-soldout": {o: soldOut}, "chat-twice": {o: twice, reasons: []notify.Reason{notify.OrderedTwice}},
		} {
			text, err := texts.Chat(shopIn(language), c.o, c.reasons...)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "letters/"+language+"/"+name+".txt", text+"\n")
			if pushes := strings.Contains(text, "http"); pushes && name == "chat-soldout" {
				t.Errorf("a buyer is sent to pay for what is sold out: %s", text)
			}
		}
		o := anOrder()
		o.Closes, o.Looked = o.Created.Add(24*time.Hour), o.Created.Add(25*time.Hour)
		if text, err := texts.Chat(shopIn(language), o); err != nil || strings.Contains(text, "until") || strings.Contains(text, "保留至") {
			t.Errorf("%s: it is kept until a time that is past: %s, %v", language, text, err)
		}
		o.Total = order.Money{}
		if _, err := texts.Chat(shopIn(language), o); !errors.Is(err, notify.ErrMissing) {
			t.Errorf("%s without an amount: %v", language, err)
		}
	}
}

// What a text says must be so: what is not known, or no longer true, refuses it.
func TestTextsRefuse(t *testing.T) {
	texts := loadTexts(t)
	for _, c := range []struct {
		name, want string
		channel    order.Channel
		change     func(*notify.Writing, *notify.ShopFacts)
	}{
		{"closing", "close time", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.At = w.Order.Closes }},
		{"closing", "close time", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Closes = time.Time{} }},
		{"soldout", "sold out", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Lines[0].SoldOut = false }},
		{"soldout", "sold out", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Lines[0].SoldOut = false }},
		{"again", "close of the order", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Status = order.Unpaid }},
		{"again", "close of the order", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Status = order.Unpaid }},
		{"offer", "offer of the step", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.Step.Offer = " " }},
		{"offer", "offer of the step", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Step.Offer = "" }},
		{"offer", "postal address", order.ByEmail, func(_ *notify.Writing, f *notify.ShopFacts) { f.Address = "" }},
		{"offer", "open order", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.Key.Step = order.CampaignStep("autumn") }},
		{"offer", "open order", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Key.Step = order.CampaignStep("autumn") }},
		{"instock", "offer of the step", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.Step.Offer = "" }},
		{"news", "offer of the step", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Step.Offer = "" }},
		{"regulars", "campaign", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.Key.Step = "x" }},
		{"news", "campaign", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Key.Step = "x" }},
		{"second", "paid order", order.ByEmail, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Status = order.ClosedRefunded }},
		{"second", "paid order", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Status = order.Unpaid }},
		{"news", "postal address", order.ByEmail, func(_ *notify.Writing, f *notify.ShopFacts) { f.Address = "" }},
		{"again", "postal address", order.ByEmail, func(_ *notify.Writing, f *notify.ShopFacts) { f.Address = "" }},
		{"gentle", "order number", order.BySMS, func(w *notify.Writing, _ *notify.ShopFacts) { w.Order.Number = "\u202e\n" }},
	} {
		for _, language := range texts.Languages() {
			s := shopIn(language)
			w, f := writingFor(orderFor(language, c.name), language, c.name, c.channel), s.Shops["buckles"]
			c.change(&w, &f)
			s.Shops["buckles"] = f
			if m, err := texts.Write(s, w); !errors.Is(err, notify.ErrMissing) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s/%s by %s without %s: %v, %.60q", language, c.name, c.channel, c.want, err, m.Text)
			}
		}
	}
}
