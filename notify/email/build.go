package email

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"nudged/notify"
	"nudged/store/order"
)

// build makes the MIME message.
//
// Auto-Submitted (RFC 3834) is set for reminders, too: a program wrote them,
// and it keeps absence notices from coming back. People can still answer.
func build(m notify.Message) (*mail.Msg, error) {
	if err := sound(m); err != nil {
		return nil, err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP), mail.WithCharset(mail.CharsetUTF8))
	for _, a := range []struct {
		header mail.AddrHeader
		name   string
		addr   order.Email
	}{{mail.HeaderFrom, m.FromName, m.From}, {mail.HeaderTo, m.ToName, m.To}, {mail.HeaderReplyTo, m.FromName, m.ReplyTo}} {
		if a.addr == "" && a.header == mail.HeaderReplyTo {
			continue
		}
		// The parse is strict; what it lets through, it also writes safely.
		if parsed, err := netmail.ParseAddress(a.addr.Reveal()); err != nil || parsed.Address != a.addr.Reveal() {
			return nil, fmt.Errorf("the %s address is not a valid one", a.header)
		}
		msg.SetAddrHeaderFromMailAddress(a.header, &netmail.Address{Name: a.name, Address: a.addr.Reveal()})
	}
	msg.Subject(m.Subject)
	if m.MessageID != "" {
		msg.SetMessageIDWithValue(m.MessageID)
	} else {
		msg.SetMessageID()
	}
	date := m.Date
	if date.IsZero() {
		date = time.Now()
	}
	msg.SetDateWithValue(date)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply") // the same for Exchange
	if m.ListUnsubscribe != "" {
		msg.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, "<"+m.ListUnsubscribe+">")
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

// sound refuses what could break out of a header, and messages without a body
// or subject. Texts are cleaned where they are rendered: something that arrives
// here unclean is an error, not a thing to mend quietly.
func sound(m notify.Message) error {
	for _, h := range []struct{ name, value string }{
		{"subject", m.Subject}, {"recipient's name", m.ToName}, {"sender's name", m.FromName}, {"message id", m.MessageID},
		{"unsubscribe address", m.ListUnsubscribe}, {"recipient's address", m.To.Reveal()},
		{"sender's address", m.From.Reveal()}, {"reply address", m.ReplyTo.Reveal()},
	} {
		if !utf8.ValidString(h.value) || strings.ContainsFunc(h.value, func(r rune) bool {
			return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
		}) {
			return fmt.Errorf("the %s holds a line break or another control character", h.name)
		}
	}
	if strings.ContainsAny(m.MessageID+m.ListUnsubscribe, "<> ") || !ascii(m.MessageID+m.ListUnsubscribe) {
		return errors.New("the message id or unsubscribe address is malformed")
	}
	if m.Subject == "" || m.Text == "" {
		return errors.New("subject or text is empty")
	}
	return nil
}

func addresses(msg *mail.Msg) (from, to string, err error) {
	from, err = msg.GetSender(false)
	if err != nil {
		return "", "", errors.New("there is no sender's address")
	}
	all, err := msg.GetRecipients()
	if err != nil || len(all) != 1 {
		return "", "", errors.New("there is not exactly one recipient")
	}
	return from, all[0], nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
