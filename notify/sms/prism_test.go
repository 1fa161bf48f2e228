package sms_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/sms"
	"nudged/store/order"
)

// described stands between a sender and Prism, which answers as Twilio's official
// OpenAPI description says. It can break a request on its way, and remembers what
// Prism said.
type described struct {
	t      *testing.T
	prism  string
	spoil  func(r *http.Request, form url.Values)
	status int
	said   string
}

func (d *described) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	out := r.Clone(r.Context())
	if d.spoil != nil {
		d.spoil(out, form)
		body = []byte(form.Encode())
	}
	to, _ := url.Parse(d.prism)
	to.Path, to.RawQuery = out.URL.Path, out.URL.RawQuery
	req, err := http.NewRequestWithContext(r.Context(), r.Method, to.String(), bytes.NewReader(body))
	if err != nil {
		d.t.Error(err)
		return
	}
	req.Header = out.Header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Error(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	said, _ := io.ReadAll(res.Body)
	d.status, d.said = res.StatusCode, string(said)
	w.WriteHeader(res.StatusCode)
	_, _ = w.Write(said)
}

// startDescribed gives options that lead through it.
func startDescribed(t *testing.T) (*described, sms.Options) {
	t.Helper()
	d := &described{t: t, prism: required(t, "NUDGED_TWILIO", "prism")}
	s := httptest.NewServer(d)
	t.Cleanup(s.Close)
	return d, sms.Options{Provider: sms.Twilio, URL: s.URL, User: account, Password: password, From: "+15550006666"}
}

func TestTwilioTakesWhatIsSent(t *testing.T) {
	for _, from := range []string{"+15550006666", "MG0123456789abcdef0123456789abcdef", "Buckles"} {
		d, o := startDescribed(t)
		o.From = from
		got, err := newSender(t, o).Send(t.Context(), shortMessage(1, "+8613800138000", "您的订单 1001 还没有付款 & 100% +"))
		if err != nil || d.status != http.StatusCreated {
			t.Fatalf("from %s: HTTP %d, %v: %s", from, d.status, err, d.said)
		}
		if !strings.HasPrefix(got.ID, "SM") || got.Parts != 1 {
			t.Errorf("receipt %+v", got)
		}
	}
}

func TestTwilioTurnsDownWhatIsBroken(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(r *http.Request, form url.Values)
		status int
		want   notify.SendError
	}{
		"no recipient": {func(_ *http.Request, f url.Values) { f.Del("To") }, 422, notify.SendError{Kind: notify.Permanent}},
		"no password":  {func(r *http.Request, _ url.Values) { r.Header.Del("Authorization") }, 401, notify.SendError{Kind: notify.Temporary, Account: true, Refused: true}},
		"validity":     {func(_ *http.Request, f url.Values) { f.Set("ValidityPeriod", "abc") }, 422, notify.SendError{Kind: notify.Permanent}},
		"account": {func(r *http.Request, _ url.Values) {
			r.URL.Path = strings.Replace(r.URL.Path, account, "AC-none", 1)
		}, 422, notify.SendError{Kind: notify.Permanent}},
	} {
		t.Run(name, func(t *testing.T) {
			d, o := startDescribed(t)
			d.spoil = c.spoil
			_, err := newSender(t, o).Send(t.Context(), shortMessage(1, "+8613800138000", "hello"))
			if d.status != c.status {
				t.Errorf("HTTP %d, want %d: %s", d.status, c.status, d.said)
			}
			wantError(t, err, c.want)
		})
	}
}

func TestTwilioKnowsWhatIsAsked(t *testing.T) {
	d, o := startDescribed(t)
	s := newSender(t, o)
	// Prism's example of a message is one on its way.
	all, err := s.(sms.Reporter).Reports(t.Context(), []notify.Handed{{Message: "SM0123456789abcdef0123456789abcdef", Phone: "+8613800138000"}})
	if err != nil || len(all) != 0 || d.status != http.StatusOK {
		t.Errorf("reports: HTTP %d, %v, %v: %s", d.status, all, err, d.said)
	}
	// The description's own example of a list breaks its schema: its addresses are
	// relative. What counts is that the request is good.
	_, _ = s.(sms.Receiver).Inbound(t.Context(), time.Now().Add(-time.Hour))
	var problem struct {
		Validation []struct {
			Location []string `json:"location"`
		} `json:"validation"`
	}
	if err := json.Unmarshal([]byte(d.said), &problem); err != nil || d.status != http.StatusOK && len(problem.Validation) == 0 {
		t.Fatalf("incoming: HTTP %d, %v: %s", d.status, err, d.said)
	}
	for _, v := range problem.Validation {
		if len(v.Location) == 0 || v.Location[0] != "response" {
			t.Errorf("incoming: the request is none: %s", d.said)
		}
	}
}

// wantError compares what the dispatcher looks at.
func wantError(t *testing.T, err error, want notify.SendError) {
	t.Helper()
	got, ok := err.(*notify.SendError) //nolint:errorlint // the contract says that it is one, not that it wraps one
	if !ok {
		t.Fatalf("error %v is no SendError", err)
	}
	if got.Kind != want.Kind || got.Account != want.Account || got.Refused != want.Refused || got.OptedOut != want.OptedOut {
		t.Errorf("%v\nis %s account=%v refused=%v opted out=%v\nwant %s account=%v refused=%v opted out=%v", got,
			got.Kind, got.Account, got.Refused, got.OptedOut, want.Kind, want.Account, want.Refused, want.OptedOut)
	}
}

var (
	permanent = notify.SendError{Kind: notify.Permanent}
	temporary = notify.SendError{Kind: notify.Temporary}
	paused    = notify.SendError{Kind: notify.Temporary, Account: true}
	locked    = notify.SendError{Kind: notify.Temporary, Account: true, Refused: true}
	optedOut  = notify.SendError{Kind: notify.Permanent, OptedOut: true}
	unknown   = notify.SendError{Kind: notify.Unknown}
	outage    = notify.SendError{Kind: notify.Unknown, Account: true}
)

// wantPhone keeps the suite's number in one place.
const wantPhone = order.Phone("+8613700007311")
