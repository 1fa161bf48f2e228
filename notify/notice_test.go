package notify_test

import (
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// The small mails, as they stand.
func TestNotices(t *testing.T) {
	at := time.Date(2026, 11, 21, 13, 5, 0, 0, time.UTC)
	type mail func(language string) (subject, text, htm string, err error)
	need := func(n notify.Need, picture string, others bool) mail {
		return func(language string) (string, string, string, error) {
			return notify.RenderNeed(n, picture, others, language)
		}
	}
	alert := func(a notify.Alert) mail {
		a.From, a.Zone = at, shanghai
		return func(language string) (string, string, string, error) { return notify.RenderAlert(a, language) }
	}
	for name, render := range map[string]mail{
		"need-waits":   need(notify.Need{Kind: notify.NeedWaits, Shop: "strap-world", Words: "请输入短信验证码", Do: "nudged login strap-world"}, "/home/me/nudged/saved/strap-world.png", true),
		"need-refused": need(notify.Need{Kind: notify.NeedRefused, Shop: "buckles", Words: "Wrong username or password.", Do: "nudged crawl buckles --again"}, "", false),
		"alert-shop":   alert(notify.Alert{Kind: notify.AlertShop, Shop: "buckles", Words: "the shop answers 503 Service Unavailable"}),
		"alert-over":   alert(notify.Alert{Kind: notify.AlertSMS, Words: "the account is empty", Over: at.Add(3 * time.Hour)}),
		"reply": func(language string) (string, string, string, error) {
			return notify.RenderReply(notify.Reply{
				Shop: "buckles", Number: "B-1002", Name: "黄晓明", From: "xiaoming@example.com", Channel: "email", Words: "请问有黑色的吗？\n什么时候能到？", At: at, Zone: shanghai,
			}, language)
		},
		"preview": func(language string) (string, string, string, error) {
			shop := settings()
			f := shop.Shops["buckles"]
			f.Language = language
			shop.Shops = map[string]notify.ShopFacts{"buckles": f}
			m, err := write(t, shop, anOrder(), "first")
			if err != nil {
				return "", "", "", err
			}
			m, err = notify.AsPreview(m, "boss@buckles.example", language)
			return m.Subject, m.Text, m.HTML, err
		},
	} {
		for _, language := range []string{"en", "zh"} {
			subject, text, htm, err := render(language)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			golden(t, "notices/"+language+"/"+name+".txt", "Subject: "+subject+"\n\n"+text)
			golden(t, "notices/"+language+"/"+name+".html", htm)
		}
	}
}

func TestAPreviewOfASMSIsAMail(t *testing.T) {
	m := notify.Message{Phone: "+8613800138000", ToName: "<b>黄", Text: "您的订单已保留", Key: order.ReminderKey{Channel: order.BySMS}}
	p, err := notify.AsPreview(m, "boss@buckles.example", "zh")
	if err != nil || p.Phone != "" || p.To != "boss@buckles.example" || p.Subject != "[预览] SMS: 您的订单已保留" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, want := range []string{"+8613800138000", "短信：", "您的订单已保留", "买家没有收到"} {
		if !strings.Contains(p.Text, want) {
			t.Errorf("%q is missing in:\n%s", want, p.Text)
		}
	}
	if _, err := notify.AsPreview(m, "boss@buckles.example", "xx"); err == nil {
		t.Error("a language that nobody speaks")
	}
}
