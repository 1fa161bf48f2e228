package sms_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"nudged/notify/sendertest"
	"nudged/notify/sms"
	"nudged/store/order"
)

const (
	password = "tiger-canary-42"
	account  = "AC0123456789abcdef0123456789abcdef"
)

// options for a peer of one provider.
func options(g *peer, provider string) sms.Options {
	o := sms.Options{
		Provider: provider, URL: g.URL, User: "shop", Password: password, From: "+15550006666", CAFile: g.ca(),
		Grace: 500 * time.Millisecond, Price: order.Money{Minor: 5, Currency: "CNY"},
	}
	switch provider {
	case sms.Twilio:
		o.User = account
	case sms.Aliyun:
		o.User, o.Sign = "LTAI-canary-key", "【巴克尔】"
		o.Templates = map[string]sms.Template{"gentle": {Code: "SMS_1", Text: "您在${shop}的订单${no}还没有付款，${name}。" + strings.Repeat("有问题请致电店铺。", 8), Params: map[string]string{"no": "number"}}}
	case sms.HTTP:
		o.URL = ""
		o.Request = sms.Request{
			URL: g.URL + "/send/{to_digits}?ref={id}", Headers: map[string]string{"Authorization": "Basic {basic}", "X-From": "{from}"},
			Body:   `{"to":"{to}","text":"{text}","nested":{"ref":"{id}"}}`,
			Accept: `"ok":true`, Reject: `"error":"(number|echo)`, Later: `"error":"busy`, ID: `"sid":"([^"]+)"`,
		}
	}
	return o
}

func newSender(t *testing.T, o sms.Options) sms.Sender {
	t.Helper()
	s, err := sms.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func kannelPeer() provider {
	return provider{
		read: func(r *http.Request, _ string) ([]string, url.Values, bool) {
			q := r.URL.Query()
			return strings.Fields(q.Get("to")), q, q.Get("username") == "shop" && q.Get("password") == password && r.URL.Path == "/cgi-bin/sendsms"
		},
		answer: func(f sendertest.Fault, q url.Values, _ int) reply {
			switch f {
			case sendertest.RejectTemporary:
				return reply{status: 503, body: "Temporal failure, try again later."}
			case sendertest.RejectPermanent:
				return reply{status: 403, body: "Not routable. Do not try again."}
			case sendertest.Echo:
				return reply{status: 400, body: "Charset or body misformed, rejected: " + fmt.Sprint(q)}
			}
			return reply{status: 202, body: "0: Accepted for delivery"}
		},
		denied: reply{status: 403, body: "Authorization failed for sendsms"},
	}
}

func twilioPeer() provider {
	refuse := func(status, code int, words string) reply {
		raw, _ := json.Marshal(map[string]any{"code": code, "message": words, "more_info": "https://www.twilio.com/docs/errors/", "status": status})
		return reply{status: status, body: string(raw)}
	}
	return provider{
		read: func(r *http.Request, body string) ([]string, url.Values, bool) {
			q, err := url.ParseQuery(body)
			user, pass, _ := r.BasicAuth()
			return q["To"], q, err == nil && user == account && pass == password && r.Method == http.MethodPost && r.URL.Path == "/2010-04-01/Accounts/"+account+"/Messages.json"
		},
		answer: func(f sendertest.Fault, q url.Values, n int) reply {
			switch f {
			case sendertest.RejectTemporary:
				return refuse(429, 20429, "Too many requests")
			case sendertest.RejectPermanent:
				return refuse(400, 21211, "The 'To' number "+q.Get("To")+" is not a valid phone number.")
			case sendertest.Echo:
				return refuse(400, 29999, fmt.Sprint("no: ", q, " ", account, " ", password))
			}
			return reply{status: 201, body: fmt.Sprintf(`{"sid":"SM%032x","status":"queued","num_segments":"3","price":null,"error_code":null}`, n)}
		},
		denied: refuse(401, 20003, "Authenticate"),
	}
}

func aliyunPeer() provider {
	refuse := func(code, words string) reply {
		raw, _ := json.Marshal(map[string]string{"Code": code, "Message": words, "RequestId": "A1"})
		return reply{status: 200, body: string(raw)}
	}
	return provider{
		read: func(r *http.Request, _ string) ([]string, url.Values, bool) {
			q := r.URL.Query()
			return strings.Split(q.Get("PhoneNumbers"), ","), q, verified(r, password) && r.Header.Get("X-Acs-Action") == "SendSms"
		},
		answer: func(f sendertest.Fault, q url.Values, n int) reply {
			switch f {
			case sendertest.RejectTemporary:
				return refuse("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5")
			case sendertest.RejectPermanent:
				return refuse("isv.MOBILE_NUMBER_ILLEGAL", q.Get("PhoneNumbers")+"invalid mobile number")
			case sendertest.Echo:
				return refuse("isv.SOMETHING_NEW", fmt.Sprint("no: ", q, " ", password, " LTAI-canary-key"))
			}
			return reply{status: 200, body: fmt.Sprintf(`{"Code":"OK","Message":"OK","BizId":"9006%d^0","RequestId":"A1"}`, n)}
		},
		denied: reply{status: 400, body: `{"Code":"SignatureDoesNotMatch","Message":"Specified signature is not matched with our calculation."}`},
	}
}

func httpPeer() provider {
	return provider{
		read: func(r *http.Request, body string) ([]string, url.Values, bool) {
			var in map[string]any
			if json.Unmarshal([]byte(body), &in) != nil {
				return nil, nil, false
			}
			q := url.Values{}
			for name, value := range in {
				q.Set(name, fmt.Sprint(value))
			}
			user, pass, _ := r.BasicAuth()
			return []string{q.Get("to")}, q, user == "shop" && pass == password && r.URL.Path == "/send/8613700007311" && len(r.URL.Query()) == 1
		},
		answer: func(f sendertest.Fault, q url.Values, n int) reply {
			switch f {
			case sendertest.RejectTemporary:
				return reply{status: 200, body: `{"ok":false,"error":"busy"}`}
			case sendertest.RejectPermanent:
				return reply{status: 200, body: `{"ok":false,"error":"number"}`}
			case sendertest.Echo:
				return reply{status: 200, body: `{"ok":false,"error":"echo ` + fmt.Sprint(q) + password + `"}`}
			}
			return reply{status: 200, body: fmt.Sprintf(`{"ok":true,"sid":"x%d"}`, n)}
		},
		denied: reply{status: 401, body: `{"error":"who are you"}`},
	}
}
