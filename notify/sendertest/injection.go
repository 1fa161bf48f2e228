package sendertest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"nudged/notify"
	"nudged/store/order"
)

const evil = "evil@attacker.example"

// injection puts line breaks wherever foreign text could stand. Refusing is
// fine; a header or recipient of the attacker's is not.
func (h Harness) injection(t *testing.T) {
	for _, br := range []string{"\r\n", "\n", "\r", "\u2028", "\x00", "\r\n\r\n"} {
		for name, change := range h.attacks(br) {
			s, peer := h.Start(t, patient)
			m := h.message(1)
			change(&m)
			if _, err := s.Send(t.Context(), m); err != nil {
				h.wantKind(t, err, notify.Permanent)
			}
			for _, got := range peer.Taken() {
				if found := injected(got); found != "" {
					t.Errorf("%s with %q: %s", name, br, found)
				}
			}
		}
	}
}

func (h Harness) attacks(br string) map[string]func(m *notify.Message) {
	if h.SMS {
		return attacksBySMS(br)
	}
	return attacksByMail(br)
}

func attacksByMail(br string) map[string]func(m *notify.Message) {
	tail := br + "Bcc: " + evil + br + "X-Evil: 1"
	return map[string]func(m *notify.Message){
		"subject":         func(m *notify.Message) { m.Subject += tail },
		"name":            func(m *notify.Message) { m.ToName += tail },
		"quoted name":     func(m *notify.Message) { m.ToName = `x" <` + evil + `>, "` },
		"sender":          func(m *notify.Message) { m.FromName += tail },
		"address":         func(m *notify.Message) { m.To += order.Email(tail) },
		"second address":  func(m *notify.Message) { m.To += ", " + evil },
		"address command": func(m *notify.Message) { m.To += order.Email(">" + br + "RCPT TO:<" + evil + ">") },
		"reply":           func(m *notify.Message) { m.ReplyTo += order.Email(tail) },
		"id":              func(m *notify.Message) { m.MessageID += ">" + tail },
		"unsubscribe":     func(m *notify.Message) { m.ListUnsubscribe += ">" + tail },
		"body":            func(m *notify.Message) { m.Text += br + "." + br + "RCPT TO:<" + evil + ">" + br },
	}
}

// evilPhone is the number of an attacker.
const evilPhone = "+15550001111"

func attacksBySMS(br string) map[string]func(m *notify.Message) {
	line := br + "Bcc: " + evil + br + "X-Evil: 1"
	param, field, element := "&to="+evilPhone+"&X-Evil=1", `","to":"`+evilPhone+`","X-Evil":"1`, "</text><to>"+evilPhone+"</to><text>"
	all := func(s string) string { return s + line + param + field + element + br + param }
	return map[string]func(m *notify.Message){
		"text":          func(m *notify.Message) { m.Text = all(m.Text) },
		"fact":          func(m *notify.Message) { m.Facts["name"] = all("x") },
		"template":      func(m *notify.Message) { m.Template = all(m.Template) },
		"id":            func(m *notify.Message) { m.MessageID = all(m.MessageID) },
		"number":        func(m *notify.Message) { m.Phone += order.Phone(line) },
		"second number": func(m *notify.Message) { m.Phone += order.Phone(br + evilPhone) },
		"number list":   func(m *notify.Message) { m.Phone += "," + evilPhone },
		"number param":  func(m *notify.Message) { m.Phone += order.Phone(param) },
		"number field":  func(m *notify.Message) { m.Phone += order.Phone(field) },
		"no number":     func(m *notify.Message) { m.Phone = order.Phone(br) },
	}
}

// injected says what of the attacker's got through.
func injected(got Taken) string {
	header, _, _ := bytes.Cut(got.Raw, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(strings.ReplaceAll(string(header), "\r", "\n"), "\n") {
		if strings.HasPrefix(line, "Bcc:") || strings.HasPrefix(line, "X-Evil:") {
			return "the header has a line " + line
		}
	}
	if len(got.To) != 1 || strings.Contains(got.To[0], evil) || strings.Contains(got.To[0], evilPhone[1:]) {
		return fmt.Sprintf("it went to %q", got.To)
	}
	return ""
}
