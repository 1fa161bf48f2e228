package sms

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"nudged/notify"
	"nudged/store/order"
)

// Sender hands short messages to a gateway. It is safe for concurrent use.
type Sender interface {
	notify.Sender
	Close() error
}

// Reporter is a sender that has to ask what became of its messages. What was read
// before an error is given beside it.
type Reporter interface {
	Reports(ctx context.Context, sent []notify.Handed) ([]order.Back, error)
}

// Receiver is a sender that can be asked what people have answered. What was read
// before an error is given beside it.
type Receiver interface {
	Inbound(ctx context.Context, since time.Time) ([]order.Back, error)
}

// New checks the options and makes a sender. It does not connect. What it gives
// is a [Reporter] with Twilio and Aliyun, and a [Receiver] with Twilio.
func New(o Options) (Sender, error) {
	o = o.filled()
	cfg, err := o.tlsConfig()
	if err != nil {
		return nil, fmt.Errorf("sms: %w", err)
	}
	c := &core{o: o, line: line{tls: cfg, timeout: o.Timeout, grace: o.Grace}, slots: make(chan struct{}, mostAtATime)}
	var s Sender
	switch o.Provider {
	case Kannel:
		s, err = newKannel(c)
	case Twilio:
		s, err = newTwilio(c)
	case Aliyun:
		s, err = newAliyun(c)
	case HTTP:
		s, err = newGateway(c)
	default:
		return nil, fmt.Errorf("sms: provider %q is none of kannel, twilio, aliyun, http", o.Provider)
	}
	if err != nil {
		return nil, fmt.Errorf("sms: %s: %w", o.Provider, err)
	}
	return s, nil
}

// mostAtATime is how many messages may be on their way to a gateway. Gateways
// turn down who asks for more.
const mostAtATime = 4

// core is what all providers share.
type core struct {
	o     Options
	line  line
	slots chan struct{}
}

// Close does nothing: no connection outlives its message.
func (c *core) Close() error { return nil }

// gate is the last check before a request leaves.
func (c *core) gate(m notify.Message) func() error {
	return func() error {
		if m.Stale(c.o.Now()) {
			return notify.ErrStale
		}
		return nil
	}
}

// e164 is a number in international form.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// mostParts bounds a text. Gateways cut or refuse longer ones in their own ways.
const mostParts = 10

// check refuses what no gateway should see.
func check(m notify.Message) error {
	switch {
	case !e164.MatchString(m.Phone.Reveal()):
		return errors.New("message: the phone number is not in international form, as +8613800138000")
	case strings.TrimSpace(m.Text) == "":
		return errors.New("message: the text is empty")
	}
	if parts, _ := notify.Segments(m.Text); parts > mostParts {
		return fmt.Errorf("message: the text would go out in %d parts, at most %d are sent; shorten it", parts, mostParts)
	}
	return nil
}

// plain takes out what does not belong into a short message: no phone shows it,
// and some gateways stumble over it.
func plain(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// sign is the signature of a message, without brackets.
func (c *core) sign(m notify.Message) string {
	s := m.Sign
	if s == "" {
		s = c.o.Sign
	}
	return strings.Trim(strings.TrimSpace(plain(s)), "【】[]")
}

// signed is the text with its signature before it, as networks in mainland China
// want it. Our Chinese texts count on it: they do not say otherwise who writes.
func (c *core) signed(m notify.Message) string {
	text, sign := plain(m.Text), c.sign(m)
	if sign == "" || strings.TrimSpace(text) == "" {
		return text
	}
	return "【" + sign + "】" + text
}

// receipt fills in what does not depend on the provider. Parts of 0 are counted
// here.
func (c *core) receipt(m notify.Message, id, words string, parts int) notify.Receipt {
	if parts <= 0 {
		parts, _ = notify.Segments(m.Text)
	}
	r := notify.Receipt{MessageID: m.MessageID, ID: id, Provider: words, Parts: parts}
	if c.o.Price.Currency != "" {
		r.Cost = order.Money{Minor: c.o.Price.Minor * int64(parts), Currency: c.o.Price.Currency}
	}
	return r
}

// token is the part of a message's id that is letters and digits.
func token(m notify.Message) string {
	local, _, _ := strings.Cut(m.MessageID, "@")
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-') {
			return r
		}
		return -1
	}, local)
}

// digits is a number without its plus.
func digits(p order.Phone) string { return strings.TrimPrefix(p.Reveal(), "+") }

// national is how gateways in mainland China want numbers of there: without the
// country's code. All others stay whole, without the plus.
func national(p order.Phone) string {
	if n, ok := strings.CutPrefix(p.Reveal(), "+86"); ok {
		return n
	}
	return digits(p)
}

// permanent refuses a message before anything has left.
func permanent(err error) error {
	return &notify.SendError{Kind: notify.Permanent, Err: err}
}
