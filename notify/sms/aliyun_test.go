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

func TestAliyunSends(t *testing.T) {
	g := newPeer(t, aliyunPeer())
	m := sendertest.ShortMessage(1)
	m.Facts["name"] = "小\n红 \"a~b*c\" 100%+\x00"
	got, err := newSender(t, options(g, sms.Aliyun)).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "90061^0" || got.Parts != 2 { // of the template's text; our own, which nobody gets, would take three
		t.Errorf("receipt %+v", got)
	}
	q := g.last()
	var params map[string]string
	if err := json.Unmarshal([]byte(q.Get("TemplateParam")), &params); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"shop": "Buckles", "no": "no0001z", "name": `小 红 "a~b*c" 100%+`}, params); diff != "" {
		t.Error(diff)
	}
	id, _, _ := strings.Cut(m.MessageID, "@")
	for name, want := range map[string]string{"PhoneNumbers": "13700007311", "SignName": "巴克尔", "TemplateCode": "SMS_1", "OutId": id} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	m.Phone = "+85251234567"
	if _, err := newSender(t, options(g, sms.Aliyun)).Send(t.Context(), m); err != nil || g.last().Get("PhoneNumbers") != "85251234567" {
		t.Errorf("a number of Hong Kong went out as %q, %v", g.last().Get("PhoneNumbers"), err)
	}
}

func TestAliyunRefusesBeforeSending(t *testing.T) {
	for name, change := range map[string]func(m *notify.Message){
		"no template":   func(m *notify.Message) { m.Template = "closing" },
		"no fact":       func(m *notify.Message) { delete(m.Facts, "number") },
		"link":          func(m *notify.Message) { m.Facts["name"] = "https://buckles.example/o/1" },
		"bare domain":   func(m *notify.Message) { m.Facts["name"] = "见 t.cn/abc" },
		"shop's domain": func(m *notify.Message) { m.Facts["shop"] = "buckles.com" },
		"address":       func(m *notify.Message) { m.Facts["name"] = "10.0.0.1" },
		"www":           func(m *notify.Message) { m.Facts["name"] = "WWW.buckles" },
	} {
		t.Run(name, func(t *testing.T) {
			g := newPeer(t, aliyunPeer())
			m := sendertest.ShortMessage(1)
			change(&m)
			_, err := newSender(t, options(g, sms.Aliyun)).Send(t.Context(), m)
			wantError(t, err, permanent)
			if n := g.asked(); n != 0 {
				t.Errorf("the gateway was asked %d times", n)
			}
		})
	}
	// What only looks a little like a link is none.
	g := newPeer(t, aliyunPeer())
	for _, good := range []string{"1.28 元", "St. Ann", "小红...", "2026.11.22", "A.B.", "v1.2.3"} {
		m := sendertest.ShortMessage(1)
		m.Facts["name"] = good
		if _, err := newSender(t, options(g, sms.Aliyun)).Send(t.Context(), m); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestAliyunCodes(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   notify.SendError
	}{
		{200, "isv.BUSINESS_LIMIT_CONTROL", temporary}, {200, "isv.SMS_TEMPLATE_ILLEGAL", temporary},
		{200, "isv.MOBILE_NUMBER_ILLEGAL", permanent}, {200, "isv.PARAM_NOT_SUPPORT_URL", permanent}, {200, "isv.TEMPLATE_MISSING_PARAMETERS", permanent},
		{200, "isv.BLACK_KEY_CONTROL_LIMIT", permanent}, {200, "isv.NEVER_HEARD_OF", permanent}, {200, "isv.CUSTOMER_REFUSED", optedOut},
		{200, "isv.AMOUNT_NOT_ENOUGH", paused}, {200, "isv.OUT_OF_SERVICE", paused}, {200, "isv.SMS_SIGNATURE_ILLEGAL", paused}, {200, "isv.DAY_LIMIT_CONTROL", paused},
		{200, "isp.RAM_PERMISSION_DENY", paused}, {200, "isv.DENY_IP_RANGE", paused},
		{404, "InvalidAccessKeyId.NotFound", locked}, {400, "SignatureDoesNotMatch", locked}, {403, "Forbidden.RAM", locked},
		{400, "InvalidTimeStamp.Expired", paused}, {429, "Throttling.User", paused}, {400, "Throttling", paused}, {404, "InvalidAction.NotFound", paused},
		{200, "isp.SYSTEM_ERROR", outage}, {200, "isp.GATEWAY_ERROR", outage}, {500, "InternalError", outage}, {503, "ServiceUnavailable", outage},
		{500, "isv.MOBILE_NUMBER_ILLEGAL", outage}, {200, "Whatever", unknown}, {400, "Whatever", permanent}, {200, "OK", unknown}, // no BizId
		{200, "<script>", unknown}, {302, "isv.MOBILE_NUMBER_ILLEGAL", outage},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			g := newPeer(t, aliyunPeer())
			raw, _ := json.Marshal(map[string]string{"Code": c.code, "Message": "13700007311 no"})
			g.say(reply{status: c.status, body: string(raw)})
			_, err := newSender(t, options(g, sms.Aliyun)).Send(t.Context(), sendertest.ShortMessage(1))
			wantError(t, err, c.want)
		})
	}
}

func TestAliyunReports(t *testing.T) {
	details := map[string]any{
		"1^0": map[string]any{"SendStatus": 1, "SendDate": "2026-11-21 18:00:00"},
		"2^0": map[string]any{"SendStatus": 3, "ErrCode": "DELIVERED", "SendDate": "2026-11-21 18:00:00", "ReceiveDate": "2026-11-21 18:00:07"},
		"3^0": map[string]any{"SendStatus": "2", "ErrCode": "MOBILE_NOT_ON_SERVICE", "ReceiveDate": "2026-11-21 18:00:07"},
		"4^0": map[string]any{"SendStatus": 2, "ErrCode": "isv.CUSTOMER_REFUSED", "ReceiveDate": "2026-11-21 18:00:07"},
		"5^0": map[string]any{"SendStatus": 2, "ErrCode": "MOBILE_NUMBER_ILLEGAL <b>", "ReceiveDate": "2026-11-21 18:00:07"},
	}
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		q := r.URL.Query()
		if !verified(r, password) || r.Header.Get("X-Acs-Action") != "QuerySendDetails" || q.Get("PhoneNumber") != "13700007311" || q.Get("SendDate") != "20261122" {
			t.Errorf("asked for %v", q)
		}
		list := []any{}
		if d, ok := details[q.Get("BizId")]; ok {
			list = append(list, d)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Code": "OK", "TotalCount": len(list), "SmsSendDetailDTOs": map[string]any{"SmsSendDetailDTO": list}})
	}))
	t.Cleanup(s.Close)
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	o := sms.Options{
		Provider: sms.Aliyun, URL: s.URL, User: "LTAI", Password: password, Sign: "巴克尔", Templates: map[string]sms.Template{"gentle": {Code: "SMS_1"}},
		Now: func() time.Time { return now },
	}
	var sent []notify.Handed
	for n := range 7 {
		// Half past four in the afternoon of UTC is the day after in China.
		sent = append(sent, notify.Handed{Message: fmt.Sprint(n, "^0"), Phone: wantPhone, At: time.Date(2026, 11, 21, 16, 30, 0, 0, time.UTC)})
	}
	sent = append(sent, notify.Handed{Message: "9^0", Phone: wantPhone, At: now.AddDate(0, 0, -31)}, notify.Handed{Phone: wantPhone, At: now})
	got, err := newSender(t, o).(sms.Reporter).Reports(t.Context(), sent)
	if err != nil {
		t.Fatal(err)
	}
	if asked != 7 {
		t.Errorf("asked %d times, want 7: what is too old or has no id is not asked for", asked)
	}
	for i := range got {
		got[i].At = got[i].At.UTC()
	}
	back := func(n int, b order.Back) order.Back {
		b.At, b.Channel, b.Message, b.Phone = time.Date(2026, 11, 21, 10, 0, 7, 0, time.UTC), order.BySMS, fmt.Sprint(n, "^0"), wantPhone
		return b
	}
	want := []order.Back{
		back(2, order.Back{State: order.Delivered, Ref: "aliyun 2^0 3"}),
		back(3, order.Back{State: order.Bounced, Ref: "aliyun 3^0 2", Words: "MOBILE_NOT_ON_SERVICE"}),
		back(4, order.Back{State: order.OptedOut, Ref: "aliyun 4^0 2", Words: "isv.CUSTOMER_REFUSED"}),
		back(5, order.Back{State: order.Bounced, Ref: "aliyun 5^0 2"}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlySomeCanBeAsked(t *testing.T) {
	for name, p := range providers() {
		s := newSender(t, options(newPeer(t, p), name))
		_, reports := s.(sms.Reporter)
		_, receives := s.(sms.Receiver)
		if want := name == sms.Twilio || name == sms.Aliyun; reports != want {
			t.Errorf("%s can be asked for reports: %v", name, reports)
		}
		if want := name == sms.Twilio; receives != want {
			t.Errorf("%s can be asked for answers: %v", name, receives)
		}
	}
}
