package sms_test

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"nudged/notify"
	"nudged/notify/sendertest"
	"nudged/notify/sms"
)

// seen is a request as a gateway saw it.
type seen struct {
	method, uri, host, body string
	header                  http.Header
}

// custom sends one message by a request of the seller's own, to a gateway on this
// computer that answers as told.
func custom(t *testing.T, r sms.Request, text string, answer reply) (seen, notify.Receipt, error) {
	t.Helper()
	var got seen
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		got = seen{req.Method, req.RequestURI, req.Host, string(body), req.Header}
		w.WriteHeader(answer.status)
		_, _ = io.WriteString(w, answer.body)
	}))
	t.Cleanup(s.Close)
	r.URL = strings.Replace(r.URL, "HERE", s.URL, 1)
	sender, err := sms.New(sms.Options{Provider: sms.HTTP, User: "a b", Password: `p&"<w`, From: "Bück", Request: r})
	if err != nil {
		t.Fatal(err)
	}
	m := shortMessage(1, "+8613800138000", text)
	m.MessageID = "abc123@shop.example"
	if strings.Contains(r.Body, "{sign}") {
		m.Sign = "【店】"
	}
	receipt, err := sender.Send(t.Context(), m)
	return got, receipt, err
}

func TestRequestIsEscapedByItsPlace(t *testing.T) {
	const text = `50% & "more" <b>\ 店/x?y=1#z`
	fine := reply{status: 200}
	for name, c := range map[string]struct {
		r                 sms.Request
		method, uri, body string
		kind              string
	}{
		"query": {
			sms.Request{URL: "HERE/send?to={to}&text={text}&pw={password}"}, "GET",
			"/send?to=%2B8613800138000&text=50%25+%26+%22more%22+%3Cb%3E%5C+%E5%BA%97%2Fx%3Fy%3D1%23z&pw=p%26%22%3Cw", "", "",
		},
		"path": {
			sms.Request{URL: "HERE/u/{user}/{text}/go?n={to_national}"}, "GET",
			"/u/a%20b/50%25%20&%20%22more%22%20%3Cb%3E%5C%20%E5%BA%97%2Fx%3Fy=1%23z/go?n=13800138000", "", "",
		},
		"form": {
			sms.Request{URL: "HERE/send", Body: "to={to_digits}&text={text}&id={id}"}, "POST", "/send",
			"to=8613800138000&text=50%25+%26+%22more%22+%3Cb%3E%5C+%E5%BA%97%2Fx%3Fy%3D1%23z&id=abc123", "application/x-www-form-urlencoded",
		},
		"json": {
			sms.Request{URL: "HERE/send", Body: `{"a":{"to":["{to}"],"text":"{text}","pw":"{password}"}}`}, "POST", "/send",
			`{"a":{"to":["+8613800138000"],"text":"50% \u0026 \"more\" \u003cb\u003e\\ 店/x?y=1#z","pw":"p\u0026\"\u003cw"}}`, "application/json",
		},
		"xml": {
			sms.Request{URL: "HERE/send", Method: "put", Body: `<sms to="{to}" from="{from}">{text}</sms>`}, "PUT", "/send",
			`<sms to="+8613800138000" from="Bück">50% &amp; &#34;more&#34; &lt;b&gt;\ 店/x?y=1#z</sms>`, "application/xml",
		},
		"plain": {
			sms.Request{URL: "HERE/send/{to_digits}", Headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, Body: "[{sign}] {text} {{to} {}"}, "POST", "/send/8613800138000",
			"[店] " + text + " {to} {}", "text/plain; charset=utf-8",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, receipt, err := custom(t, c.r, text, fine)
			if err != nil {
				t.Fatal(err)
			}
			if got.method != c.method || got.uri != c.uri || got.body != c.body {
				t.Errorf("sent %s %s\n%s\nwant %s %s\n%s", got.method, got.uri, got.body, c.method, c.uri, c.body)
			}
			if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, c.kind) {
				t.Errorf("content type %q, want %q", kind, c.kind)
			}
			if receipt.Provider != "HTTP 200" || receipt.ID != "" {
				t.Errorf("receipt %+v", receipt)
			}
		})
	}
}

func TestRequestHeaders(t *testing.T) {
	r := sms.Request{URL: "HERE/send?to={to}&text={text}", Headers: map[string]string{"authorization": "Basic {basic}", "X-Key": "{password}", "Host": "gateway.example"}}
	got, _, err := custom(t, r, "hello", reply{status: 200})
	if err != nil {
		t.Fatal(err)
	}
	if got.header.Get("Authorization") != "Basic YSBiOnAmIjx3" || got.header.Get("X-Key") != `p&"<w` || got.host != "gateway.example" {
		t.Errorf("headers %v, host %s", got.header, got.host)
	}
	if agent := got.header.Get("User-Agent"); strings.Contains(agent, "Go-http") {
		t.Errorf("user agent %q", agent)
	}
}

func TestRequestAnswers(t *testing.T) {
	r := sms.Request{URL: "HERE/send", Body: "to={to}&text={text}", Accept: `^OK`, Reject: `^NO`, Later: `^BUSY`, ID: `id=(\w+)`}
	loose := sms.Request{URL: r.URL, Body: r.Body}
	for name, c := range map[string]struct {
		r      sms.Request
		status int
		body   string
		id     string // "!" wants an error
		want   notify.SendError
	}{
		"taken":              {r, 200, "OK id=x7", "x7", notify.SendError{}},
		"taken, 202":         {r, 202, "OK", "", notify.SendError{}},
		"refused":            {r, 200, "NO number", "!", permanent},
		"refused, 500":       {r, 500, "NO number", "!", permanent},
		"busy":               {r, 200, "BUSY", "!", temporary},
		"not understood":     {r, 200, "Welcome", "!", unknown},
		"OK but 500":         {r, 500, "OK", "!", outage},
		"OK but 302":         {r, 302, "OK", "!", outage},
		"any 2xx":            {loose, 204, "", "", notify.SendError{}},
		"unauthorised":       {r, 401, "", "!", locked},
		"forbidden":          {loose, 403, "", "!", locked},
		"no money left":      {loose, 402, "", "!", paused},
		"bad request":        {loose, 400, "", "!", permanent},
		"gone":               {loose, 404, "", "!", paused},
		"slow down":          {loose, 429, "", "!", paused},
		"conflict":           {loose, 409, "", "!", outage},
		"behind a proxy":     {loose, 504, "", "!", outage},
		"switching protocol": {loose, 101, "", "!", unknown},
	} {
		t.Run(name, func(t *testing.T) {
			_, receipt, err := custom(t, c.r, "hello there", reply{status: c.status, body: c.body})
			if c.id == "!" {
				wantError(t, err, c.want)
			} else if err != nil || receipt.ID != c.id {
				t.Errorf("receipt %+v, %v; want id %q", receipt, err, c.id)
			}
		})
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	send := sms.Request{URL: "https://sms.example/send?to={to}&text={text}"}
	with := func(change func(r *sms.Request)) sms.Options {
		r := send
		change(&r)
		return sms.Options{Provider: sms.HTTP, Request: r}
	}
	templates := map[string]sms.Template{"gentle": {Code: "SMS_1"}}
	for want, o := range map[string]sms.Options{
		`provider "pigeon" is none`:               {Provider: "pigeon"},
		"would travel to sms.example in clear":    {Provider: sms.Kannel, URL: "http://sms.example/cgi-bin/sendsms", User: "u", Password: "p"},
		"user and password are needed":            {Provider: sms.Kannel, URL: "https://sms.example", User: "u"},
		"write user and password by themselves":   {Provider: sms.Kannel, URL: "https://u:p@sms.example", User: "u", Password: "p"},
		"the url is none":                         {Provider: sms.Kannel, User: "u", Password: "p"},
		"neither empty nor digits":                {Provider: sms.Kannel, URL: "https://sms.example", User: "u", Password: "p", Number: "roman"},
		"the address for reports is none":         {Provider: sms.Kannel, URL: "https://sms.example", User: "u", Password: "p", Report: "127.0.0.1:80/x"},
		"the account's SID":                       {Provider: sms.Twilio, User: "me", Password: "p", From: "+1"},
		"auth token; it is missing":               {Provider: sms.Twilio, User: account, From: "+1"},
		"from is missing":                         {Provider: sms.Twilio, User: account, Password: "p"},
		"access key's id and secret":              {Provider: sms.Aliyun, User: "u", Sign: "s", Templates: templates},
		"sign is missing":                         {Provider: sms.Aliyun, User: "u", Password: "p", Sign: "【】", Templates: templates},
		"templates are missing":                   {Provider: sms.Aliyun, User: "u", Password: "p", Sign: "s"},
		"template closing has no code":            {Provider: sms.Aliyun, User: "u", Password: "p", Sign: "s", Templates: map[string]sms.Template{"closing": {}}},
		"certificates":                            {Provider: sms.HTTP, Request: send, CAFile: "none.pem"},
		"{pasword} is not known":                  with(func(r *sms.Request) { r.URL += "&p={pasword}" }),
		"{to} stands neither":                     with(func(r *sms.Request) { r.URL = "https://sms.example/send?text={text}" }),
		"{text} stands neither":                   with(func(r *sms.Request) { r.URL = "https://sms.example/send?to={to}" }),
		"nothing may be put into the host's name": with(func(r *sms.Request) { r.URL = "https://sms.example{to}/?t={text}" }),
		`the url begins with "ftp"`:               with(func(r *sms.Request) { r.URL = "ftp://sms.example/{to}/{text}" }),
		"method DELETE":                           with(func(r *sms.Request) { r.Method = "DELETE" }),
		"accept: error parsing":                   with(func(r *sms.Request) { r.Accept = "(" }),
		"id: the expression has no group":         with(func(r *sms.Request) { r.ID = "id" }),
		"Content-Type application/x-protobuf": with(func(r *sms.Request) {
			r.Body, r.Headers = "{text}", map[string]string{"content-type": "application/x-protobuf"}
		}),
		"sent as UTF-8, and it says GBK": with(func(r *sms.Request) {
			r.Body, r.Headers = "to={to}&text={text}", map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=GBK"}
		}),
		"sent as UTF-8, and it says gb2312": with(func(r *sms.Request) {
			r.Body = `<?xml version="1.0" encoding="gb2312"?><sms to="{to}">{text}</sms>`
		}),
		`"X Key" is no name of a header`:           with(func(r *sms.Request) { r.Headers = map[string]string{"X Key": "1"} }),
		"header X-Key: {key} is not known; there ": with(func(r *sms.Request) { r.Headers = map[string]string{"X-Key": "{key}"} }),
	} {
		if _, err := sms.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want … %s …", err, want)
		}
	}
}

// Gateways repeat a request as it was written: escaped for a URL, a page or JSON.
func TestEchoesAreHidden(t *testing.T) {
	const secret = `p&"<w` // of custom
	text := "Ann O'Neil & Söhne: 您的订单待支付，请查看"
	r := sms.Request{URL: "HERE/send?to={to}&text={text}&pw={password}"}
	quoted, _ := json.Marshal(map[string]string{"pw": secret, "text": text})
	for name, echo := range map[string]string{
		"query":        "/send?pw=" + url.QueryEscape(secret) + "&text=" + url.QueryEscape(text),
		"lower case":   strings.ToLower("/send?pw=" + url.QueryEscape(secret) + "&text=" + url.QueryEscape(text)),
		"twice":        url.QueryEscape("/send?pw=" + url.QueryEscape(secret) + "&text=" + url.QueryEscape(text)),
		"JSON":         string(quoted),
		"JSON, ASCII":  strconv.QuoteToASCII("pw " + secret + " " + text),
		"page":         "<b>" + html.EscapeString(secret+" "+text) + "</b>",
		"page of JSON": html.EscapeString(string(quoted)),
	} {
		_, _, err := custom(t, r, text, reply{status: 400, body: "bad request: " + echo})
		if err == nil {
			t.Fatal("no error")
		}
		for _, plain := range []string{err.Error(), strings.ToLower(err.Error())} {
			for _, leak := range []string{secret, url.QueryEscape(secret), "p\\u0026", "neil", "您的订单", url.QueryEscape("订单"), strings.ToLower(url.QueryEscape("订单")), `\u8ba2\u5355`} {
				if strings.Contains(plain, leak) {
					t.Errorf("%s: the error repeats %s: %v", name, leak, err)
				}
			}
		}
	}
}

// The signature stands before the text, once: the shop's own, else that of the
// config. Without it a Chinese text would not say who writes.
func TestSignatureStandsBeforeTheText(t *testing.T) {
	for name, c := range map[string]struct {
		peer  func() provider
		param string
	}{sms.Kannel: {kannelPeer, "text"}, sms.Twilio: {twilioPeer, "Body"}, sms.HTTP: {httpPeer, "text"}, sms.Aliyun: {aliyunPeer, "SignName"}} {
		g := newPeer(t, c.peer())
		o := options(g, name)
		o.Sign = "皮扣"
		s := newSender(t, o)
		for own, want := range map[string]string{"": "【皮扣】小红", "【铺子】": "【铺子】小红"} {
			if name == sms.Aliyun {
				want = strings.Trim(want, "【】小红")
			}
			m := sendertest.ShortMessage(1)
			m.Sign = own
			if _, err := s.Send(t.Context(), m); err != nil || !strings.HasPrefix(g.last().Get(c.param), want) {
				t.Errorf("%s with %q: %q, %v", name, own, g.last().Get(c.param), err)
			}
		}
	}
}
