package sms_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nudged/notify"
	"nudged/notify/sendertest"
	"nudged/notify/sms"
	"nudged/store/order"
)

func TestTwilioCodes(t *testing.T) {
	for _, c := range []struct {
		status, code int
		want         notify.SendError
	}{
		{401, 20003, locked}, {404, 20404, locked}, {400, 30002, locked},
		{429, 20429, paused}, {400, 21611, paused}, {400, 21606, paused}, {400, 21659, paused}, {400, 30034, paused},
		{400, 21211, permanent}, {400, 21614, permanent}, {400, 21408, permanent}, {400, 21612, permanent}, {400, 21617, permanent},
		{400, 30003, permanent}, {400, 30007, permanent}, {400, 21610, optedOut},
		{400, 29999, permanent}, {401, 29999, locked}, {429, 29999, paused},
		{500, 20500, outage}, {503, 20503, outage}, {500, 21211, outage},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			g := newPeer(t, twilioPeer())
			g.say(reply{status: c.status, header: map[string]string{"Retry-After": "90"}, body: fmt.Sprintf(`{"code":%d,"message":"no","status":%d}`, c.code, c.status)})
			o, now := options(g, sms.Twilio), time.Now()
			o.Now = func() time.Time { return now }
			_, err := newSender(t, o).Send(t.Context(), sendertest.ShortMessage(1))
			wantError(t, err, c.want)
			if until := err.(*notify.SendError).Until; c.want.Kind == notify.Temporary && !until.Equal(now.Add(90*time.Second)) { //nolint:errorlint // checked just before
				t.Errorf("to be tried again at %s, want in 90 s", until)
			}
		})
	}
}

func TestTwilioAnswers(t *testing.T) {
	const sid = `"sid":"SM0123456789abcdef0123456789abcdef"`
	for name, c := range map[string]struct {
		status int
		body   string
		parts  int // 0: want an error
		want   notify.SendError
	}{
		"queued":           {201, `{` + sid + `,"status":"queued","num_segments":"2"}`, 2, notify.SendError{}},
		"number":           {201, `{` + sid + `,"status":"accepted","num_segments":2}`, 2, notify.SendError{}},
		"not counted yet":  {201, `{` + sid + `,"status":"accepted","num_segments":"0"}`, 3, notify.SendError{}},
		"failed at once":   {201, `{` + sid + `,"status":"failed","error_code":21610}`, 0, optedOut},
		"no sid":           {201, `{"status":"queued"}`, 0, unknown},
		"a page":           {200, `<html>Welcome to the hotel</html>`, 0, unknown},
		"nothing":          {201, ``, 0, unknown},
		"bad gateway":      {502, `<html>`, 0, outage},
		"moved":            {301, ``, 0, outage},
		"somewhere else":   {404, `<html>`, 0, paused},
		"only a status":    {400, `<html>`, 0, permanent},
		"timeout in front": {408, ``, 0, outage},
	} {
		t.Run(name, func(t *testing.T) {
			g := newPeer(t, twilioPeer())
			g.say(reply{status: c.status, header: map[string]string{"Location": g.URL + "/elsewhere"}, body: c.body})
			got, err := newSender(t, options(g, sms.Twilio)).Send(t.Context(), sendertest.ShortMessage(1))
			if n := g.asked(); n != 1 {
				t.Errorf("the gateway was asked %d times, want once", n)
			}
			if c.parts == 0 {
				wantError(t, err, c.want)
				return
			}
			if err != nil || got.ID != "SM0123456789abcdef0123456789abcdef" || got.Parts != c.parts {
				t.Errorf("receipt %+v, %v; want %d parts", got, err, c.parts)
			}
			if want := (order.Money{Minor: int64(5 * c.parts), Currency: "CNY"}); got.Cost != want {
				t.Errorf("it costs %s, want %s", got.Cost, want)
			}
		})
	}
}

// twilioArchive is Twilio's list of messages.
func twilioArchive(t *testing.T, pages map[string]any) sms.Sender {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		found, ok := pages[strings.TrimPrefix(r.URL.RequestURI(), "/2010-04-01/Accounts/"+account+"/")]
		switch {
		case user != account || pass != password:
			w.WriteHeader(http.StatusUnauthorized)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		default:
			_ = json.NewEncoder(w).Encode(found)
		}
	}))
	t.Cleanup(s.Close)
	return newSender(t, sms.Options{Provider: sms.Twilio, URL: s.URL, User: account, Password: password, From: "+15550006666"})
}

func sid(n int) string { return fmt.Sprintf("SM%032d", n) }

func TestTwilioReports(t *testing.T) {
	pages := map[string]any{}
	pages["Messages/"+sid(7)+".json"] = "no message" // which keeps none of the others back
	for n, m := range []map[string]any{
		{"status": "sent"},
		{"status": "delivered", "price": "-0.00750", "price_unit": "USD", "date_updated": "Fri, 24 May 2019 17:18:28 +0000"},
		{"status": "undelivered", "error_code": 30005, "date_sent": "Fri, 24 May 2019 17:18:28 +0000"},
		{"status": "undelivered", "error_code": "30003", "date_sent": "Fri, 24 May 2019 17:18:28 +0000", "price": "-1", "price_unit": "JPY"},
		{"status": "failed", "error_code": 21610, "date_sent": "Fri, 24 May 2019 17:18:28 +0000"},
	} {
		pages["Messages/"+sid(n)+".json"] = m
	}
	s := twilioArchive(t, pages)
	sent := []notify.Handed{{Message: sid(7), Phone: wantPhone}}
	for n := range 6 { // the last one is gone
		sent = append(sent, notify.Handed{Message: sid(n), Phone: wantPhone})
	}
	sent = append(sent, notify.Handed{Message: "../../Calls/CA1", Phone: wantPhone})
	got, err := s.(sms.Reporter).Reports(t.Context(), sent)
	if err == nil || strings.Count(err.Error(), "delivery report") != 1 {
		t.Errorf("of one message nothing can be told, and the error is %v", err)
	}
	at := time.Date(2019, 5, 24, 17, 18, 28, 0, time.UTC)
	for i := range got {
		got[i].At = got[i].At.UTC()
	}
	back := func(n int, b order.Back) order.Back {
		b.At, b.Channel, b.Message, b.Phone = at, order.BySMS, sid(n), wantPhone
		return b
	}
	want := []order.Back{
		back(1, order.Back{State: order.Delivered, Ref: "twilio " + sid(1) + " delivered", Cost: order.Money{Minor: 1, Currency: "USD"}}),
		back(2, order.Back{State: order.Bounced, Final: true, Ref: "twilio " + sid(2) + " undelivered", Words: "30005 the number cannot receive short messages"}),
		back(3, order.Back{State: order.Bounced, Ref: "twilio " + sid(3) + " undelivered", Words: "30003 it could not be delivered", Cost: order.Money{Minor: 1, Currency: "JPY"}}),
		back(4, order.Back{State: order.OptedOut, Ref: "twilio " + sid(4) + " failed", Words: "21610 the recipient has opted out of messages from this sender"}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTwilioInbound(t *testing.T) {
	since := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	in := func(n int, from, body, sent string) map[string]any {
		return map[string]any{"sid": sid(n), "direction": "inbound", "from": from, "body": body, "date_sent": sent}
	}
	const late, early = "Sat, 21 Nov 2026 12:00:00 +0000", "Sat, 21 Nov 2026 09:59:59 +0000"
	first := "Messages.json?DateSent%3E=2026-11-21T10%3A00%3A00Z&PageSize=100&To=%2B15550006666"
	s := twilioArchive(t, map[string]any{
		first: map[string]any{
			"next_page_uri": "/2010-04-01/Accounts/" + account + "/Messages.json?Page=1&PageToken=PA1",
			"messages": []any{in(1, "+8613700007311", "退订", late), in(2, "+8613700007311", "STOP", late), in(3, "+15550001111", "Please do not stop now\x00!", late),
				in(4, "+15550001111", "too old", early), map[string]any{"sid": sid(5), "direction": "outbound-api", "from": "+15550006666", "body": "ours", "date_sent": late}},
		},
		"Messages.json?Page=1&PageToken=PA1": map[string]any{
			"next_page_uri": "http://attacker.invalid/2010-04-01/Accounts/" + account + "/Messages.json?Page=2",
			"messages":      []any{in(6, "BANK", "no number", late), in(7, "+8613700007311", "有货吗", late)},
		},
	})
	got, err := s.(sms.Receiver).Inbound(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	for _, b := range got {
		short = append(short, fmt.Sprint(b.Ref, "|", b.State, "|", b.Phone.Reveal(), "|", b.Words, "|", b.Message))
	}
	want := []string{
		"twilio " + sid(1) + "|opted out|+8613700007311|退订|", "twilio " + sid(2) + "|opted out|+8613700007311|STOP|",
		"twilio " + sid(3) + "|replied|+15550001111|Please do not stop now!|", "twilio " + sid(7) + "|replied|+8613700007311|有货吗|",
	}
	if diff := cmp.Diff(want, short); diff != "" {
		t.Error(diff)
	}
}

// What cannot be asked is an error without secrets, beside what was read.
func TestTwilioAsksInVain(t *testing.T) {
	s := newSender(t, sms.Options{Provider: sms.Twilio, URL: "http://127.0.0.1:1", User: account, Password: password, From: "+15550006666"})
	_, err := s.(sms.Reporter).Reports(t.Context(), []notify.Handed{{Message: sid(1), Phone: wantPhone}})
	_, err2 := s.(sms.Receiver).Inbound(t.Context(), time.Now())
	for _, err := range []error{err, err2} {
		if err == nil || strings.Contains(err.Error(), password) || strings.Contains(err.Error(), account) {
			t.Errorf("error %v", err)
		}
	}
}
