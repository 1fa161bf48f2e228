package sms_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/sendertest"
	"nudged/notify/sms"
	"nudged/store/order"
)

// fuzzed are senders that never reach anybody.
func fuzzed(t testing.TB) map[string]sms.Sender {
	all := map[string]sms.Sender{}
	for _, o := range []sms.Options{
		{Provider: sms.Kannel, URL: "http://127.0.0.1:1", User: "shop", Password: password},
		{Provider: sms.Twilio, URL: "http://127.0.0.1:1", User: account, Password: password, From: "+15550006666"},
		{Provider: sms.Aliyun, URL: "http://127.0.0.1:1", User: "LTAI-canary-key", Password: password, Sign: "店", Templates: map[string]sms.Template{"gentle": {Code: "SMS_1"}}},
		{Provider: sms.HTTP, User: "shop", Password: password, Request: sms.Request{URL: "http://127.0.0.1:1/?to={to}&text={text}", Accept: "^OK", ID: `id=(\S*)`}},
	} {
		s, err := sms.New(o)
		if err != nil {
			t.Fatal(err)
		}
		all[o.Provider] = s
	}
	return all
}

// Whatever a gateway says: it counts as taken only with a good status, nothing
// is said to be surely not taken after a 5xx, and nothing of the message gets
// into the error.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"0: Accepted for delivery", "3: Queued for later delivery", "Temporal failure, try again later.", `{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued","num_segments":"3"}`,
		`{"code":21211,"message":"The 'To' number TO is not valid: TEXT","status":400}`, `{"Code":"OK","BizId":"9006^0"}`, `{"Code":"isv.X","Message":"TO TEXT"}`, "OK id=7", "<html>TEXT</html>", "TEXT TO",
	} {
		for _, status := range []int{200, 201, 202, 302, 400, 401, 429, 503} {
			f.Add(status, seed)
		}
	}
	all := fuzzed(f)
	m := sendertest.ShortMessage(1)
	f.Fuzz(func(t *testing.T, status int, body string) {
		body = strings.NewReplacer("TO", m.Phone.Reveal(), "TEXT", m.Text+password).Replace(body)
		for name, s := range all {
			got, err := sms.Judge(s, m, status, []byte(body))
			if err == nil {
				if status < 200 || status > 299 || len(got.ID) > 128 || got.Parts <= 0 || got.Parts > 1_000_000 {
					t.Errorf("%s takes HTTP %d %q as %+v", name, status, body, got)
				}
				continue
			}
			se, ok := err.(*notify.SendError) //nolint:errorlint // it must be one
			if !ok {
				t.Fatalf("%s: %v is no SendError", name, err)
			}
			if status >= 500 && se.Kind != notify.Unknown && !strings.HasPrefix(strings.TrimSpace(body), "Temporal failure") {
				t.Errorf("%s: HTTP %d %q is %s", name, status, body, se.Kind)
			}
			for _, secret := range []string{m.Phone.Reveal()[3:], password, "canary-text", "Canaria"} {
				if strings.Contains(err.Error(), secret) && strings.Contains(body, m.Text) {
					t.Errorf("%s tells %q: %v", name, secret, err)
				}
			}
		}
	})
}

// answering makes every request of a sender get this body.
func answering(s sms.Sender, body string) {
	dialBy(s, func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer func() { _ = theirs.Close() }()
			all(theirs)
			_, _ = fmt.Fprintf(theirs, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}()
		return ours, nil
	})
}

func FuzzComesBack(f *testing.F) {
	for _, seed := range []string{
		`{"sid":"SM1","status":"delivered","price":"-0.00750","price_unit":"USD","error_code":null,"date_updated":"Fri, 24 May 2019 17:18:28 +0000"}`,
		`{"status":"undelivered","error_code":"30005","price":"1e9999999","price_unit":"USD"}`, `{"messages":[{"sid":"SM0123456789abcdef0123456789abcdef","direction":"inbound","from":"+8613700007311","body":"退订"}],"next_page_uri":"?Page=1"}`,
		`{"Code":"OK","SmsSendDetailDTOs":{"SmsSendDetailDTO":[{"SendStatus":2,"ErrCode":"X","ReceiveDate":"2026-11-21 18:00:07"}]}}`, `{"Code":"OK","SmsSendDetailDTOs":null}`, `[]`, `null`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		senders := fuzzed(t)
		sent := []notify.Handed{{Message: "SM0123456789abcdef0123456789abcdef", Phone: wantPhone, At: time.Now()}}
		var got []order.Back
		for _, name := range []string{sms.Twilio, sms.Aliyun} {
			answering(senders[name], body)
			reports, _ := senders[name].(sms.Reporter).Reports(t.Context(), sent)
			got = append(got, reports...)
		}
		incoming, _ := senders[sms.Twilio].(sms.Receiver).Inbound(t.Context(), time.Time{})
		for _, b := range append(got, incoming...) {
			if b.Ref == "" || b.State == "" || b.Channel != order.BySMS || b.At.IsZero() || !strings.HasPrefix(b.Phone.Reveal(), "+") || len([]rune(b.Words)) > 1001 || b.Cost.Minor < 0 {
				t.Errorf("%q gives %+v", body, b)
			}
		}
	})
}

// Whatever the text, it arrives as it is and nothing else does.
func FuzzEscaping(f *testing.F) {
	for _, seed := range []string{"hello", `"},{"to":"+15550001111`, "</text><to>1</to>", "a&b=c#d?e/f%20+ ", "退订😀", "../..", "{to}", "line\nline", "\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsFunc(text, func(r rune) bool {
			return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0xfffd || r == '\u2028' || r == '\u2029' || r == 0xfffe || r == 0xffff
		}) || strings.TrimSpace(text) == "" {
			return // what no phone shows is taken out
		}
		if parts, _ := notify.Segments(text); parts > 10 {
			return
		}
		for kind, body := range map[string]string{"json": `{"text":"{text}","to":"{to}"}`, "xml": `<sms><text>{text}</text><to>{to}</to></sms>`, "form": `text={text}&to={to}`} {
			r, sent := delivered(t, text, body)
			if got := r.URL.Query().Get("text"); got != text || r.URL.Query().Get("to") != "+8613800138000" || len(r.URL.Query()) != 2 {
				t.Errorf("the query's text is %q, want %q", got, text)
			}
			if got := read(t, kind, sent); got != text {
				t.Errorf("%s: the body's text is %q, want %q: %s", kind, got, text, sent)
			}
		}
	})
}

// delivered sends the text in the query and in the body.
func delivered(t *testing.T, text, body string) (*http.Request, []byte) {
	t.Helper()
	var r *http.Request
	var sent []byte
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		r = req
		sent, _ = io.ReadAll(req.Body)
	}))
	defer s.Close()
	sender, err := sms.New(sms.Options{Provider: sms.HTTP, Request: sms.Request{URL: s.URL + "/x?text={text}&to={to}", Body: body}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Send(t.Context(), shortMessage(1, "+8613800138000", text)); err != nil {
		t.Fatal(err)
	}
	return r, sent
}

func read(t *testing.T, kind string, sent []byte) string {
	t.Helper()
	var in struct {
		Text string `json:"text" xml:"text"`
		To   string `json:"to" xml:"to"`
	}
	var err error
	switch kind {
	case "json":
		err = json.NewDecoder(bytes.NewReader(sent)).Decode(&in)
	case "xml":
		err = xml.Unmarshal(sent, &in)
	case "form":
		var q url.Values
		q, err = url.ParseQuery(string(sent))
		in.Text, in.To = q.Get("text"), q.Get("to")
	}
	if err != nil || in.To != "+8613800138000" {
		t.Errorf("%s: %v: %s", kind, err, sent)
	}
	return in.Text
}
