package sms

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"nudged/notify"
)

// aliyun speaks Alibaba Cloud's Short Message Service, version 2017-05-25, see
// help.aliyun.com, "SendSms" (document_detail/419273) and "QuerySendDetails"
// (419277).
type aliyun struct {
	*core
	url *url.URL
}

const (
	aliyunURL     = "https://dysmsapi.aliyuncs.com"
	aliyunVersion = "2017-05-25"
)

func newAliyun(c *core) (Sender, error) {
	raw := c.o.URL
	if raw == "" {
		raw = aliyunURL
	}
	u, err := endpoint(raw)
	if err != nil {
		return nil, err
	}
	c.o.Sign = strings.Trim(strings.TrimSpace(c.o.Sign), "【】[]")
	switch {
	case c.o.User == "" || c.o.Password == "":
		return nil, errors.New("user and password are the access key's id and secret; one is missing")
	case c.o.Sign == "":
		return nil, errors.New("sign is missing: the signature that Aliyun has approved")
	case len(c.o.Templates) == 0:
		return nil, errors.New("templates are missing: Aliyun sends only texts that it has approved")
	}
	for name, t := range c.o.Templates {
		if t.Code == "" {
			return nil, fmt.Errorf("template %s has no code; write the one that Aliyun gave it, as SMS_123456789", name)
		}
	}
	return &aliyun{core: c, url: u}, nil
}

// request makes a signed request for one action.
func (a *aliyun) request(ctx context.Context, action string, q url.Values) (*http.Request, error) {
	u := *a.url
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // what is signed must stand there to the letter
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), http.NoBody)
	if err != nil {
		return nil, errors.New("the request cannot be written")
	}
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails, see crypto/rand
	req.Header.Set("Accept", "application/json")
	req.Header.Set("x-acs-action", action)
	req.Header.Set("x-acs-version", aliyunVersion)
	req.Header.Set("x-acs-date", a.o.Now().UTC().Format(time.RFC3339))
	req.Header.Set("x-acs-signature-nonce", hex.EncodeToString(nonce))
	sign(req, a.o.User, a.o.Password)
	return req, nil
}

// Send hands one message over. See [notify.Sender] for what its errors mean.
func (a *aliyun) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	t, ok := a.o.Templates[m.Template]
	if !ok {
		return notify.Receipt{}, permanent(fmt.Errorf("message: the text %q has no template of Aliyun's; add it under templates of sms in the config", m.Template))
	}
	m.Text = plain(t.shown(a.sign(m), m))
	if err := check(m); err != nil {
		return notify.Receipt{}, permanent(err)
	}
	params, err := t.fill(m.Facts)
	if err != nil {
		return notify.Receipt{}, permanent(fmt.Errorf("message: template %s: %w", t.Code, err))
	}
	q := url.Values{"PhoneNumbers": {national(m.Phone)}, "SignName": {a.sign(m)}, "TemplateCode": {t.Code}}
	if params != "" {
		q.Set("TemplateParam", params)
	}
	if id := token(m); id != "" {
		q.Set("OutId", id[:min(len(id), 64)])
	}
	req, err := a.request(ctx, "SendSms", q)
	if err != nil {
		return notify.Receipt{}, permanent(fmt.Errorf("message: %w", err))
	}
	got, err := a.send(ctx, m, req)
	if err != nil {
		return notify.Receipt{}, err
	}
	return a.judge(m, got)
}

// variable is a name in an approved text.
var variable = regexp.MustCompile(`\$\{([^{}\s]{1,64})\}`)

// link is what Aliyun lets nobody put in for a variable: an address, a domain, or
// what phones make one of.
var link = regexp.MustCompile(`(?i)https?:|www\.|[a-z0-9-]+\.(?:com|cn|net|org|top|vip|shop|xyz|cc|me|io|co|info|site|online|store|club|link|example|test)\b|[a-z0-9-]+\.[a-z]{2,}/|\b\d{1,3}(?:\.\d{1,3}){3}\b`)

// fill makes the JSON of the template's variables; "" if it has none.
func (t Template) fill(facts map[string]string) (string, error) {
	want := map[string]string{}
	for _, found := range variable.FindAllStringSubmatch(t.Text, -1) {
		want[found[1]] = found[1]
	}
	for name, fact := range t.Params {
		want[name] = fact
	}
	if len(want) == 0 {
		return "", nil
	}
	values := make(map[string]string, len(want))
	for name, fact := range want {
		value := strings.TrimSpace(strings.ReplaceAll(plain(facts[fact]), "\n", " "))
		switch {
		case value == "":
			return "", fmt.Errorf("nothing is known for the variable %s, the fact %s", name, fact)
		case link.MatchString(value):
			return "", fmt.Errorf("the variable %s holds a link, which Aliyun refuses; put the link's fixed part into the template's text", name)
		}
		values[name] = value
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return "", errors.New("the variables cannot be written as JSON")
	}
	return string(raw), nil
}

// shown is what the phone will show and Aliyun counts, as far as the config tells.
func (t Template) shown(sign string, m notify.Message) string {
	if t.Text == "" {
		return m.Text
	}
	return "【" + sign + "】" + variable.ReplaceAllStringFunc(t.Text, func(found string) string {
		name := variable.FindStringSubmatch(found)[1]
		if fact, ok := t.Params[name]; ok {
			name = fact
		}
		return m.Facts[name]
	})
}

// aliyunAnswer is what comes back, whatever became of it.
type aliyunAnswer struct {
	Code    string `json:"Code"`
	Message string `json:"Message"`
	BizID   string `json:"BizId"`
}

// aliyunCode is how a code may look; anything else is not shown.
var aliyunCode = regexp.MustCompile(`^[A-Za-z0-9_.]{1,64}$`)

// judge reads Aliyun's answer.
func (a *aliyun) judge(m notify.Message, got answer) (notify.Receipt, error) {
	var said aliyunAnswer
	if json.Unmarshal(got.body, &said) != nil || !aliyunCode.MatchString(said.Code) || got.status >= 500 || got.status >= 300 && got.status < 400 {
		return notify.Receipt{}, a.unclear(m, got)
	}
	if said.Code == "OK" {
		if got.status != http.StatusOK || said.BizID == "" || len(said.BizID) > 128 {
			return notify.Receipt{}, a.unclear(m, got)
		}
		return a.receipt(m, said.BizID, said.BizID, 0), nil
	}
	v, known := aliyunVerdict(said.Code)
	if !known && got.status >= 400 {
		v = byStatus(got.status)
		v.why = ""
	}
	se := a.judged(m, v, said.Code, said.Message)
	if v.kind == notify.Temporary {
		se.Until = retryAfter(got, a.o.Now())
	}
	return notify.Receipt{}, se
}
