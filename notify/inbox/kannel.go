package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/encoding/charmap"
	utf16 "golang.org/x/text/encoding/unicode"

	"nudged/notify"
	"nudged/store/order"
)

// call makes a Back of a call-back. Errors name parameters, never their values.
func call(what, rawQuery string, o ListenOptions) (order.Back, bool, error) {
	q, err := url.ParseQuery(rawQuery)
	if err != nil {
		return order.Back{}, false, errors.New("the parameters are not encoded as in a URL")
	}
	b := order.Back{Channel: order.BySMS, At: sentAt(q.Get("ts"), o.Now())}
	if what == "report" {
		return report(b, q)
	}
	return incoming(b, q, o.Regions)
}

// report is a delivery report for a message of ours.
func report(b order.Back, q url.Values) (order.Back, bool, error) {
	kind, err := parseKind(q.Get("type"))
	if err != nil {
		return order.Back{}, false, err
	}
	b.Message = q.Get("id")
	if b.Message == "" || len(b.Message) > maxID || strings.ContainsFunc(b.Message, unsound) {
		return order.Back{}, false, errors.New("id is missing or malformed; dlr-url must carry the id of the message")
	}
	if b.State, b.Words = stateOf(kind); b.State == "" {
		return order.Back{}, false, nil
	}
	b.Ref = "kannel:" + b.Message + ":" + strconv.Itoa(kind)
	return b, true, nil
}

// incoming is an SMS that somebody has sent.
func incoming(b order.Back, q url.Values, regions []string) (order.Back, bool, error) {
	raw := q.Get("from")
	if raw == "" || !q.Has("text") {
		return order.Back{}, false, errors.New("from or text is missing; get-url must carry from=%p and text=%b")
	}
	if b.Phone = phone(raw, regions); b.Phone == "" {
		return order.Back{}, false, nil // a name or a short code: nobody we have written to
	}
	b.Words = clean(decode(q.Get("text"), q.Get("charset")))
	if b.Words == "" {
		return order.Back{}, false, nil
	}
	b.State = order.Replied
	if notify.OptsOut(b.Words) {
		b.State = order.OptedOut
	}
	b.Ref = "kannel:in:" + q.Get("id")
	if id := q.Get("id"); id == "" || len(id) > maxID || strings.ContainsFunc(id, unsound) {
		sum := sha256.Sum256([]byte(b.Phone.Reveal() + "\x00" + strconv.FormatInt(b.At.Unix(), 10) + "\x00" + b.Words)) // without ts it is now: a second STOP is one
		b.Ref = "kannel:in:" + hex.EncodeToString(sum[:16])
	}
	return b, true, nil
}

// maxID bounds an id, in bytes.
const maxID = 200

func unsound(r rune) bool { return r <= ' ' || r == utf8.RuneError || !unicode.IsPrint(r) }

// stateOf a delivery report by Kannel's number (its user guide, "Delivery Reports").
func stateOf(kind int) (order.State, string) {
	switch kind {
	case 1:
		return order.Delivered, ""
	case 2:
		return order.Bounced, "the network could not deliver it"
	case 16:
		return order.Bounced, "the operator refused it"
	}
	return "", "" // 4 queued, 8 taken over by the operator, 32 on its way
}

func parseKind(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<16 {
		return 0, errors.New("type is no number; write type=%d into dlr-url")
	}
	return n, nil
}

// decode makes text of %b: Kannel hands over the bytes of the message, and says
// in %C what they are. Latin ones are UTF-8 inside of it. Where get-url leaves %C
// out, the bytes must tell.
func decode(text, charset string) string {
	switch strings.ToUpper(strings.TrimSpace(charset)) {
	case "UTF-16BE", "UTF16-BE", "UCS-2", "UCS2", "UTF-16":
		if s, ok := fromUTF16(text); ok {
			return s
		}
	case "BINARY":
		return ""
	case "":
		if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
			if s, ok := fromUTF16(text); ok {
				return s
			}
		}
	}
	if utf8.ValidString(text) {
		return text
	}
	if s, err := charmap.Windows1252.NewDecoder().String(text); err == nil {
		return s
	}
	return strings.ToValidUTF8(text, "")
}

// fromUTF16 is false for bytes that are none.
func fromUTF16(text string) (string, bool) {
	if len(text)%2 != 0 {
		return "", false
	}
	s, err := utf16.UTF16(utf16.BigEndian, utf16.UseBOM).NewDecoder().String(text)
	return s, err == nil && !strings.ContainsRune(s, utf8.RuneError) && !strings.ContainsRune(s, 0)
}

// sentAt reads %T, seconds since 1970. A clock that is far off is not believed.
func sentAt(ts string, now time.Time) time.Time {
	n, err := strconv.ParseInt(ts, 10, 64)
	if at := time.Unix(n, 0).UTC(); err == nil && !at.After(now) && now.Sub(at) < 30*24*time.Hour {
		return at
	}
	return now
}

// phone makes E.164 of what an operator says. With a plus, or 00, it is that;
// else a national number of one of the regions, else one that lacks its plus.
func phone(raw string, regions []string) order.Phone {
	if len(raw) > 40 {
		return ""
	}
	raw = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().", r) {
			return -1
		}
		return r
	}, raw)
	if rest, found := strings.CutPrefix(raw, "00"); found {
		raw = "+" + rest
	}
	digits := strings.TrimPrefix(raw, "+")
	if len(digits) < 7 || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	if !strings.HasPrefix(raw, "+") {
		for _, region := range regions {
			if n, err := phonenumbers.Parse(digits, region); err == nil && phonenumbers.IsValidNumberForRegion(n, region) {
				return order.Phone(phonenumbers.Format(n, phonenumbers.E164))
			}
		}
	}
	if len(digits) > 15 {
		return ""
	}
	return order.Phone("+" + digits)
}
