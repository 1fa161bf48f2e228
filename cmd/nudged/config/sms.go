package config

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// smsKeys are the keys that a provider needs, and those that it can use beside the
// ones that all take.
func smsKeys(provider string) (needs, takes []string) {
	switch provider {
	case Kannel:
		return []string{"url", "user", "password"}, []string{"from", "number", "replies"}
	case Twilio:
		return []string{"user", "password", "from"}, []string{"url"}
	case Aliyun:
		return []string{"user", "password", "sign", "templates"}, []string{"url"}
	case HTTP:
		return []string{"http"}, []string{"user", "password", "from"}
	}
	return nil, nil
}

// smsExample is what to write for a key that is missing.
func smsExample(key string) string {
	switch key {
	case "url":
		return "the address of sendsms, as url: http://127.0.0.1:13013/cgi-bin/sendsms"
	case "user":
		return "user: and the name, account SID or access key id"
	case "password":
		return "password: {env: NAME}, {file: PATH} or {keyring: NAME}"
	case "from":
		return `the number that texts come from, as from: "+12025550147"`
	case "sign":
		return "the signature that Aliyun has approved, without brackets"
	case "templates":
		return "the texts that Aliyun has approved, as templates: {gentle: {code: SMS_123456789}}"
	}
	return `what to ask the gateway, as http: {url: https://sms.example.com/send, body: "to={to}&text={text}"}`
}

func (l *loader) sms(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("sms")
	if !ok {
		return
	}
	s := &SMS{}
	l.cfg.SMS = s
	if at, ok := m.need("provider", "kannel, twilio, aliyun or http"); ok {
		s.Provider, _ = at.oneOf(Kannel, Twilio, Aliyun, HTTP)
	}
	l.smsKeysFit(m, s.Provider)
	l.smsAccount(m, s)
	s.From, _ = m.get("from").short(60)
	s.Sign = m.get("sign").sign()
	s.OptOut, _ = m.get("opt_out").short(100)
	s.Number, _ = m.get("number").oneOf("digits")
	s.CAFile = l.authority(m.get("ca_file"))
	l.smsPrice(m.get("price"), s)
	l.smsTemplates(m.get("templates"), s)
	if at := m.get("http"); at.there() {
		at.gateway(m, s)
	}
	if at := m.get("replies"); at.there() {
		l.replies(at, s)
	}
}

// smsKeysFit reports what a provider needs and what it cannot use.
func (l *loader) smsKeysFit(m mapping, provider string) {
	needs, takes := smsKeys(provider)
	if needs == nil {
		return // the provider is not known, which is said
	}
	for _, key := range needs {
		m.need(key, smsExample(key))
	}
	takes = append(takes, "provider", "sign", "opt_out", "price", "ca_file")
	for _, key := range Keys()["sms"] {
		at := m.get(key)
		switch {
		case !at.there() || slices.Contains(needs, key) || slices.Contains(takes, key):
		case key == "url":
			at.problem("a gateway of your own has its address under http; move it there")
		case key == "from":
			at.problem("aliyun sends by sign, not from a number; leave it out")
		case key == "replies" && provider != HTTP:
			at.problem("%s is asked what has come back, and nobody need listen; leave it out", provider)
		case key == "replies":
			at.problem("only kannel can hand over what comes back; leave it out")
		default:
			at.problem("%s makes no use of it; leave it out", provider)
		}
	}
}

func (l *loader) smsAccount(m mapping, s *SMS) {
	if at := m.get("url"); at.there() {
		text, _ := at.text()
		if u, ok := at.gatewayAddress(); ok && !at.inClear(text, "leave it out here") {
			s.URL = u
		}
	}
	user, password := m.get("user"), m.get("password")
	s.User, _ = user.short(200)
	s.Password, _ = password.secret(l)
	if s.Provider == Twilio && s.User != "" && !accountSID.MatchString(s.User) {
		user.problem("this is no account SID; it is AC and 32 letters and digits, from the first page of Twilio's console")
	}
}

var accountSID = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)

// gatewayAddress is a web address that nothing travels to unencrypted.
func (v value) gatewayAddress() (string, bool) {
	u, ok := v.webAddress()
	if !ok {
		return "", false
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		v.problem("the password and your buyers' numbers would travel to %s unencrypted; write https://, or run the gateway on this computer", u.Hostname())
		return "", false
	}
	return u.String(), true
}

// sign reads a signature, with or without the brackets that phones show it in.
func (v value) sign() string {
	s, _ := v.short(30)
	return strings.TrimSpace(strings.Trim(s, "【】[]"))
}

func (l *loader) smsPrice(v value, s *SMS) {
	if !v.there() {
		return
	}
	price, exact, ok := v.money("0.05 CNY")
	if ok && !exact {
		v.warn("costs are counted in the smallest coin, so a part counts as %s; write that", price)
	}
	s.Price = price
}

// maxTemplates and maxEntries are far above any real list.
const (
	maxTemplates = 100
	maxEntries   = 30
)

func (l *loader) smsTemplates(v value, s *SMS) {
	for _, entry := range v.entries("gentle: {code: SMS_123456789}", maxTemplates) {
		l.textExists(entry.key, entry.name)
		m, ok := entry.mapping("templates")
		if !ok {
			continue
		}
		var t SMSTemplate
		if at, ok := m.need("code", "the code that it was approved under, as code: SMS_123456789"); ok {
			t.Code, _ = at.short(100)
		}
		t.Text, _ = m.get("text").short(1000)
		t.Kind, _ = m.get("kind").oneOf(Notification, Promotion)
		for _, param := range m.get("params").entries("name: number", maxEntries) {
			if t.Params == nil {
				t.Params = map[string]string{}
			}
			t.Params[param.name], _ = param.short(40)
		}
		if s.Templates == nil {
			s.Templates = map[string]SMSTemplate{}
		}
		s.Templates[entry.name] = t
	}
}

// minReplySecret is what cannot be guessed.
const minReplySecret = 16

var pathSecret = regexp.MustCompile(`^[A-Za-z0-9_.~-]{1,200}$`)

func (l *loader) replies(v value, s *SMS) {
	m, ok := v.mapping("replies")
	if !ok {
		return
	}
	s.Replies = &Replies{}
	if at, ok := m.need("listen", "listen: 127.0.0.1:8087"); ok {
		s.Replies.Listen, _ = at.loopbackAddress()
	}
	at, ok := m.need("secret", "secret: {env: NAME}, {file: PATH} or {keyring: NAME}, the first part of the path that Kannel calls")
	if !ok {
		return
	}
	secret, ok := at.secret(l)
	if ok && l.opts.Secrets && (len(secret) < minReplySecret || !pathSecret.MatchString(secret.Reveal())) {
		at.noSecret("whoever guesses it can write replies; take at least %d letters and digits, without blanks", minReplySecret)
	}
	s.Replies.Secret = secret
}

// loopbackAddress reads host and port of this computer.
func (v value) loopbackAddress() (string, bool) {
	s, ok := v.text()
	if !ok {
		return "", false
	}
	host, port, err := net.SplitHostPort(s)
	n, numErr := strconv.Atoi(port)
	switch {
	case err != nil || numErr != nil || n < 1 || n > 65535:
		v.problem("%s is no address with a port; write for example 127.0.0.1:8087", quote(s))
		return "", false
	case !loopback(host):
		v.problem("%s can be reached from other computers; write 127.0.0.1:%d", quote(s), n)
		return "", false
	}
	return s, true
}
