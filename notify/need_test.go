package notify_test

import (
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

func TestTheMailAboutANeedNamesTheCommand(t *testing.T) {
	n := notify.Need{Shop: "buckles", Kind: notify.NeedWaits, Words: `It wants a code: <b onload=x>"12"</b> http://evil.example/`, Do: "nudged login buckles"}
	subject, text, htm, err := notify.RenderNeed(n, "/home/me/saved/code.png", true, "")
	if err != nil {
		t.Fatal(err)
	}
	if subject != "nudged: buckles needs you" {
		t.Errorf("subject %q", subject)
	}
	for _, body := range []string{text, htm} {
		for _, want := range []string{"nudged login buckles", "It wants a code", "/home/me/saved/code.png", "Your other shops go on"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q is missing in:\n%s", want, body)
			}
		}
		if strings.Contains(body, "http://evil") {
			t.Errorf("the shop's words are a link:\n%s", body)
		}
	}
	if strings.Contains(htm, "<b onload") {
		t.Errorf("the shop's words are HTML:\n%s", htm)
	}
	_, text, _, err = notify.RenderNeed(notify.Need{Shop: "a", Words: "b", Do: "c"}, "", false, "en")
	if err != nil || strings.Contains(text, "other shops") || strings.Contains(text, "What the shop showed") {
		t.Errorf("%v:\n%s", err, text)
	}
	if _, _, _, err := notify.RenderNeed(n, "", false, "xx"); err == nil {
		t.Error("a language that nobody speaks")
	}
}

func TestTheDigestTellsThatAShopGoesOn(t *testing.T) {
	day := time.Date(2026, 11, 21, 21, 0, 0, 0, time.UTC)
	_, text, htm, err := notify.RenderDigest(notify.Facts{From: day.Add(-24 * time.Hour), To: day, Shops: []notify.ShopDay{{
		Name: "a", LastVisit: day, LastGood: day, Outcome: order.OK,
		Waited: &notify.Waited{From: day.Add(-5 * time.Hour), To: day.Add(-time.Hour), Why: "a captcha"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{text, htm} {
		if !strings.Contains(body, "It waited for you from Sat 21 Nov, 16:00 (a captcha) and goes on since Sat 21 Nov, 20:00.") {
			t.Errorf("not told in:\n%s", body)
		}
	}
}
