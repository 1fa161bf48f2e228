package config

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// placeholders of a gateway's request, in the order in which messages list them.
func placeholders() []string {
	return []string{"to", "to_digits", "to_national", "text", "from", "user", "password", "basic", "sign", "id"}
}

// braced is a placeholder, or a brace that stands for itself.
var braced = regexp.MustCompile(`\{\{|\{([a-z_]+)\}`)

var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$") // RFC 9110, 5.1

// gateway reads the request of provider http. sms is the section it stands in.
func (v value) gateway(sms mapping, s *SMS) {
	m, ok := v.mapping("http")
	if !ok {
		return
	}
	h := &SMSHTTP{}
	s.HTTP = h
	h.Method, _ = m.get("method").oneOf(http.MethodPost, http.MethodGet, http.MethodPut)
	if at, ok := m.need("url", "the gateway's address, as url: https://sms.example.com/send"); ok {
		h.URL, _ = at.request(sms)
		if at.inClear(h.URL, writePassword) {
			h.URL = ""
		} else if at.filled().gatewayAddress(); strings.Contains(hostOf(h.URL), "{") {
			at.problem("nothing may be put into the host's name; write the address of the gateway")
		}
	}
	h.Body, _ = m.get("body").request(sms)
	m.get("body").inClear(h.Body, writePassword)
	for _, header := range m.get("headers").entries("Content-Type: application/json", maxEntries) {
		if !headerName.MatchString(header.name) {
			header.key.problem("%s is no name of a header; write for example Content-Type", quote(header.name))
			continue
		}
		if h.Headers == nil {
			h.Headers = map[string]string{}
		}
		value, _ := header.request(sms)
		header.inClear(header.name+": "+value, writePassword)
		h.Headers[header.name] = value
	}
	h.Accept, _ = m.get("accept").pattern(false)
	h.Reject, _ = m.get("reject").pattern(false)
	h.Later, _ = m.get("later").pattern(false)
	h.ID, _ = m.get("id").pattern(true)
	asked := h.URL + h.Body
	if h.URL != "" && (!strings.Contains(asked, "{to") || !strings.Contains(asked, "{text}")) {
		m.problem("the gateway would not learn whom to send what; write {to} and {text} in url or body")
	}
}

// clearSecret is a name that secrets go by, with something else than a placeholder
// behind it.
var clearSecret = regexp.MustCompile(`(?i)(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|authorization)["']?\s*[=:]\s*["']?(?:(?:basic|bearer)\s+)?[^{&\s"']`)

const writePassword = "write {password} here, or {basic}"

// inClear reports a secret that stands in a request itself.
func (v value) inClear(text, instead string) bool {
	if !clearSecret.MatchString(text) {
		return false
	}
	v.problem("a password never stands in the config; put it under sms as password, and %s", instead)
	return true
}

// request reads a part of a request and checks its placeholders.
func (v value) request(sms mapping) (string, bool) {
	s, ok := v.text()
	if !ok {
		return "", false
	}
	if len(s) > 4000 {
		v.problem("%d characters are too many; write at most 4000", len(s))
		return "", false
	}
	good := true
	for _, found := range braced.FindAllStringSubmatch(s, -1) {
		if name := found[1]; name != "" && !v.placeholder(name, sms) {
			good = false
		}
	}
	return s, good
}

func (v value) placeholder(name string, sms mapping) bool {
	known := placeholders()
	if !slices.Contains(known, name) {
		hint := "known here: {" + strings.Join(known, "}, {") + "}; a brace itself is written {{"
		if near := Nearest(name, known); near != "" {
			hint = "did you mean {" + near + "}?"
		}
		v.problem("{%s} is not known; %s", name, hint)
		return false
	}
	for _, key := range map[string][]string{
		"from": {"from"}, "user": {"user"}, "password": {"password"}, "basic": {"user", "password"}, "sign": {"sign"},
	}[name] {
		if !sms.get(key).there() {
			v.problem("{%s} stands here, but sms has no key %s; write it", name, key)
			return false
		}
	}
	return true
}

// hostOf is the part of an address that says where it leads, as it was typed.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	return host
}

// filled is the value with something in the place of every placeholder.
func (v value) filled() value {
	if v.node == nil {
		return v
	}
	n := *v.node
	for _, name := range placeholders() {
		n.Value = strings.ReplaceAll(n.Value, "{"+name+"}", "1")
	}
	v.node = &n
	return v
}

// pattern reads a regular expression, whose first group is wanted or not.
func (v value) pattern(group bool) (string, bool) {
	s, ok := v.short(500)
	if !ok {
		return "", false
	}
	re, err := regexp.Compile(s)
	switch {
	case err != nil || s == "":
		v.problem("%s is no regular expression; write for example ^OK", quote(s))
		return "", false
	case group && re.NumSubexp() == 0:
		v.problem("%s does not say where the id stands; put it in brackets, as ID: (\\w+)", quote(s))
		return "", false
	}
	return s, true
}
