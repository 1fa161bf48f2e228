package notify

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nudged/store/order"
)

// Longest texts from a shop that a message repeats, in characters.
const (
	maxName   = 60
	maxNumber = 40
	maxTitle  = 120
	maxLine   = 300
)

// clean makes foreign text fit for one line: no line breaks, no control, format
// or direction characters, no towers of accents, cut to limit characters.
func clean(s string, limit int) string {
	var b strings.Builder
	space, marks, n := false, 0, 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			space = b.Len() > 0
			continue
		case r == utf8.RuneError && size == 1, !printable(r):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > 2 {
				continue
			}
		default:
			marks = 0
		}
		if n >= limit {
			b.WriteRune('…')
			break
		}
		if space {
			b.WriteByte(' ')
			space = false
			n++
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// printable leaves out control and format characters, among them those that
// turn the direction of text, but keeps the two joiners that emoji and Indic
// scripts need.
func printable(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return true
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// webAddress finds what mail programs turn into links by themselves.
var webAddress = regexp.MustCompile(`(?i)\S+@\S+|(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|\b[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.(?:com|net|org|info|biz|io|co|cn|ru|top|xyz|shop|site|online|club|vip|link|click|app|dev|me|cc|tk|de|uk|fr|eu|in|icu|live|store|live|ly)\b)\S*`)

// defang keeps foreign text from becoming a link in the reader's mail program:
// whoever orders under the name of a web address shall not have it mailed
// around.
func defang(s string) string {
	return webAddress.ReplaceAllStringFunc(s, func(found string) string {
		found = strings.ReplaceAll(strings.ReplaceAll(found, "://", ":// "), "@", " (at) ")
		return strings.ReplaceAll(found, ".", "[.]")
	})
}

// cleanTitle is clean and defang for item titles and the like.
func cleanTitle(s string) string { return defang(clean(s, maxTitle)) }

// dottedWord is a host name of whatever ending, also with the dots that browsers
// take for one; longNumber one to call. No name needs them.
var (
	dottedWord = regexp.MustCompile(`[\p{L}\p{N}][.．。｡]\p{L}{2,}`)
	longNumber = regexp.MustCompile(`(?:\p{Nd}[\s().+-]*){5,}`)
)

// cleanName gives a name to greet by, or "" where the text is no name: a
// greeting without a name is better than one with an advertisement.
func cleanName(s string) string {
	name := clean(s, maxName)
	letters := strings.ContainsFunc(name, unicode.IsLetter)
	if !letters || strings.HasSuffix(name, "…") || strings.ContainsAny(name, "@/\\<>{}[]|*【】") ||
		webAddress.MatchString(name) || dottedWord.MatchString(name) || longNumber.MatchString(name) {
		return ""
	}
	return name
}

// amount writes money for people. A sign is used only where it says which
// currency is meant; all others go by their code.
func amount(m order.Money) string {
	sign, digits := grouped(m)
	switch m.Currency {
	case "":
		return sign + digits
	case "USD":
		return sign + "$" + digits
	case "EUR":
		return sign + "€" + digits
	case "GBP":
		return sign + "£" + digits
	}
	return sign + m.Currency + "\u00a0" + digits // they must not be torn apart
}

// grouped writes an amount without its currency: "-" and "1,234.50".
func grouped(m order.Money) (sign, digits string) {
	rest := m.Decimal()
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
	}
	digits, frac, has := strings.Cut(rest, ".")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if has {
		digits += "." + frac
	}
	return sign, digits
}

// moment writes a time of a shop for its buyers: "Tue 24 Nov, 21:00 (Shanghai time)".
func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("Mon 2 Jan, 15:04") + " (" + zoneName(t, zone) + ")"
}

func zoneName(t time.Time, zone *time.Location) string {
	name := zone.String()
	if i := strings.LastIndexByte(name, '/'); i >= 0 && !strings.HasPrefix(name, "Etc/") {
		return strings.ReplaceAll(name[i+1:], "_", " ") + " time"
	}
	if name == "UTC" {
		return name
	}
	return "UTC" + t.In(zone).Format("-07:00")
}

// short writes a duration as the config does: 90m, 2h, 3d.
func short(d time.Duration) string {
	day := 24 * time.Hour
	switch {
	case d >= day && d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	case d >= time.Hour && d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d >= time.Minute && d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return d.Round(time.Second).String()
}

// count writes "1 order", "2 orders".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// mailbox is what an address must look like before a message is sent to it.
// It is narrower than RFC 5321: no quoting, no literal hosts, no comments.
var mailbox = regexp.MustCompile(`^[\p{L}\p{N}.!#$%&'+/=?^_{|}~-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.)+[\p{L}\p{N}-]{2,63}$`)

// Usable reports whether the buyer left a contact for a channel that says
// something.
func Usable(b order.Buyer, c order.Channel) bool {
	switch c {
	case order.ByEmail:
		return len(b.Email) <= 254 && mailbox.MatchString(b.Email.Reveal())
	case order.BySMS:
		return b.Phone != ""
	}
	return false
}
