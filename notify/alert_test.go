package notify_test

import (
	"strings"
	"testing"
	"time"

	"nudged/notify"
)

func TestAnAlertSaysWhatIsWrongAndWhatToType(t *testing.T) {
	at := time.Date(2026, 11, 21, 13, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		a       notify.Alert
		subject string
		wants   []string
	}{
		{notify.Alert{Kind: notify.AlertShop, Shop: "buckles"}, "nudged: buckles could not be read three times in a row", []string{"nudged crawl buckles", "nobody is reminded"}},
		{notify.Alert{Kind: notify.AlertRefused, Shop: "buckles"}, "nudged: buckles refuses user and password", []string{"nudged crawl buckles --again"}},
		{notify.Alert{Kind: notify.AlertEmail}, "nudged: mail does not go out", []string{"nudged check --online"}},
		{notify.Alert{Kind: notify.AlertSMS}, "nudged: text messages do not go out", []string{"nudged check --online"}},
		{notify.Alert{Kind: notify.AlertInbox}, "nudged: the mailbox of replies cannot be read", []string{"None is lost"}},
		{notify.Alert{Kind: notify.AlertShop, Shop: "buckles", Over: at.Add(time.Hour)}, "nudged: buckles can be read again", []string{"from Sat 21 Nov, 13:05 (UTC) to Sat 21 Nov, 14:05 (UTC)", "nothing to do"}},
		{notify.Alert{Kind: notify.AlertRefused, Shop: "buckles", Over: at}, "nudged: buckles takes user and password again", nil},
		{notify.Alert{Kind: notify.AlertNeed, Shop: "buckles", Over: at}, "nudged: buckles goes on", nil},
		{notify.Alert{Kind: notify.AlertEmail, Over: at}, "nudged: mail goes out again", nil},
		{notify.Alert{Kind: notify.AlertSMS, Over: at}, "nudged: text messages go out again", nil},
		{notify.Alert{Kind: notify.AlertInbox, Over: at}, "nudged: the mailbox of replies can be read again", nil},
	} {
		c.a.From, c.a.Words = at, `it said <b onload=x>"no"</b> http://evil.example/`
		subject, text, htm, err := notify.RenderAlert(c.a, "")
		if err != nil {
			t.Fatalf("%+v: %v", c.a, err)
		}
		if subject != c.subject {
			t.Errorf("subject %q, want %q", subject, c.subject)
		}
		for _, body := range []string{text, htm} {
			for _, want := range append(c.wants, "13:05", "it said") {
				if !strings.Contains(body, want) {
					t.Errorf("%s: %q is missing in:\n%s", subject, want, body)
				}
			}
			if strings.Contains(body, "http://evil") {
				t.Errorf("foreign words are a link:\n%s", body)
			}
		}
		if strings.Contains(htm, "<b onload") {
			t.Errorf("foreign words are HTML:\n%s", htm)
		}
	}
	if _, _, _, err := notify.RenderAlert(notify.Alert{}, "xx"); err == nil {
		t.Error("a language that nobody speaks")
	}
}

func TestAReplyIsHandedOnWithoutItsTricks(t *testing.T) {
	r := notify.Reply{
		Shop: "buckles", Number: "B-7", Name: "Ann", From: "+12025550147", Channel: "sms",
		Words: "Can I pay by card?\n\nSee <script>x</script> www.evil.example/x\x07\u202e", At: time.Date(2026, 11, 21, 13, 5, 0, 0, time.UTC),
	}
	subject, text, htm, err := notify.RenderReply(r, "en")
	if err != nil || subject != "nudged: Ann has answered about order B-7" {
		t.Fatalf("%q, %v", subject, err)
	}
	for _, body := range []string{text, htm} {
		for _, want := range []string{"Can I pay by card?", "Text message from", "2025550147", "order B-7 of buckles", "13:05"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q is missing in:\n%s", want, body)
			}
		}
		if strings.Contains(body, "www.evil.example") || strings.ContainsAny(body, "\x07\u202e") {
			t.Errorf("the buyer's tricks are left in:\n%s", body)
		}
	}
	if strings.Contains(htm, "<script") {
		t.Error(htm)
	}
	if subject, _, _, err := notify.RenderReply(notify.Reply{Name: "http://evil.example", Words: "x"}, ""); err != nil || subject != "nudged: a buyer has answered" {
		t.Errorf("%q, %v", subject, err)
	}
}
