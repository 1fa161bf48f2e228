package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"nudged/store/order"
)

// Message is one message to one person, rendered.
type Message struct {
	Key order.ReminderKey // zero for what goes to the seller by itself, as the digest

	To       order.Email
	ToName   string
	From     order.Email
	FromName string
	ReplyTo  order.Email // "" if answers go to From

	Subject string
	Text    string
	HTML    string

	// Phone is who an SMS goes to; its words are Text alone. Sign is the signature
	// that the sender puts before them; "" is the sender's own, if it has one.
	Phone order.Phone
	Sign  string
	// Template is the name of the text, and Facts are the plain values in it by
	// name, for gateways that fill templates which they have approved themselves.
	Template string
	Facts    map[string]string
	Class    Class

	// MessageID is stable for a hand-over, without angle brackets: a server or
	// reader that sees it twice can tell.
	MessageID string
	// ListUnsubscribe is a mailto URI with an opaque token, never the address
	// itself; "" for mail to the seller.
	ListUnsubscribe string
	// Date of the message.
	Date time.Time
	// NotAfter is the last moment at which the sender may begin to hand over the
	// body; past it the look behind the message is too old, and Send answers a
	// temporary [SendError] that wraps [ErrStale]. Zero: no limit.
	NotAfter time.Time
}

// Signed is the text of an SMS as a phone shows it, its signature before it.
func (m Message) Signed() string {
	if m.Sign == "" {
		return m.Text
	}
	return "【" + m.Sign + "】" + m.Text
}

// Class of a message decides who may get it.
type Class string

// Classes. Service says how an open order stands; Marketing is everything with
// an offer or after the close, and goes only to who agreed to it.
const (
	Service   Class = "service"
	Marketing Class = "marketing"
)

// Stale reports whether the look behind the message is too old to begin handing
// it over. Both clocks are asked: the monotonic one stands still while the
// machine sleeps, the wall clock may be set back.
func (m Message) Stale(now time.Time) bool {
	return !m.NotAfter.IsZero() && (now.After(m.NotAfter) || now.Round(0).After(m.NotAfter.Round(0)))
}

// Receipt is what the receiving side said when it took a message over.
type Receipt struct {
	MessageID string
	Provider  string // the server's own words or queue id; "" if it gave none
	// ID is by which a delivery report will name the message; "" is MessageID.
	ID    string
	Cost  order.Money // as estimated or told; no Currency: not known
	Parts int         // of an SMS; 0: not told
}

// Sender hands one message over.
//
// A nil error means that the other side has confirmed it. Every other error is
// a *[SendError] whose kind says what may be done next. A cancelled context
// ends the call at once while the message can still be held back; once its last
// byte is out, Send waits a short, bounded time for the answer before it says
// [Unknown]. Errors hold no address and no secret.
type Sender interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Kind of a failed hand-over.
type Kind int

// Kinds. The zero value is Unknown on purpose: what nobody has classified must
// not be sent again.
const (
	Unknown   Kind = iota // wholly handed over, no answer: may have been taken
	Temporary             // surely not taken; worth another try
	Permanent             // surely not taken, and will not be
)

// String names the kind.
func (k Kind) String() string {
	switch k {
	case Temporary:
		return "temporary"
	case Permanent:
		return "permanent"
	}
	return "unknown"
}

// SendError says why a message was not confirmed.
type SendError struct {
	Kind Kind
	// Account is true when the trouble is not this message's: server not
	// reachable, no encryption, password refused. No other message would do better.
	Account bool
	// Refused is true when user and password were not accepted: trying again
	// soon may lock the account.
	Refused bool
	// OptedOut is true when the other side says that the recipient wants no
	// messages from this sender: nobody should write to them again.
	OptedOut bool
	// Until is when the account can send again, where that is known; zero if not.
	Until time.Time
	// Advice is what the seller can do about it; may be "".
	Advice string
	Err    error
}

// Error says what failed and what to do.
func (e *SendError) Error() string {
	if e.Advice == "" {
		return e.Err.Error()
	}
	return e.Err.Error() + "; " + e.Advice
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Err }

// ErrStale says that the hand-over could not begin within [Message.NotAfter].
var ErrStale = errors.New("the look at the order became too old before the hand-over")

// asSendError classifies what a sender returned. An error that is no
// *SendError counts as unknown.
func asSendError(err error) *SendError {
	var se *SendError
	if errors.As(err, &se) {
		return se
	}
	return &SendError{Kind: Unknown, Err: err}
}

// MessageID derives the stable id of a hand-over from its key: the same step
// of the same order on the same channel always gets the same one, and it tells
// a stranger nothing. variant keeps previews apart from the real thing; for a buyer it
// is their secret token, so that nobody can make up the id of a message that they
// did not get, and answer it in another's name.
func MessageID(key order.ReminderKey, variant string, from order.Email) string {
	h := sha256.New()
	for _, part := range []string{"nudged", key.Order.Shop, key.Order.ID, key.Step, string(key.Channel), variant} {
		fmt.Fprintf(h, "%d:%s", len(part), part) // lengths keep a/bc and ab/c apart
	}
	return hex.EncodeToString(h.Sum(nil)[:16]) + "@" + domainOf(from)
}

func domainOf(e order.Email) string {
	plain := e.Reveal()
	if at := strings.LastIndexByte(plain, '@'); at >= 0 && at+1 < len(plain) {
		return plain[at+1:]
	}
	return "nudged.invalid"
}
