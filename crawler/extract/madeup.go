package extract

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// What is made up depends on nothing but what it stands for: a list and an
// order's own page still agree. What was made up once stays as it is: a replayed
// page asks for what the recorded one asked for. Of a contact only some 13 bits show, so that
// nobody finds it by trying all; a token is long enough by itself.

func madeUpNumber(s string) int {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(strings.Fields(s), " "))))
	return (int(sum[0])<<8 | int(sum[1])) % 10_000
}

const maskedHost = "masked.example"

// madeUpMail is an address that nobody has: RFC 2606 keeps .example free.
func madeUpMail(s string) string {
	if masked(s) || strings.Contains(s, maskedHost) {
		return s
	}
	at := "@"
	for _, sign := range []string{"%40", "&#64;"} {
		if strings.Contains(s, sign) {
			s, at = strings.ReplaceAll(s, sign, "@"), sign
		}
	}
	lead := ""
	if rest, ok := strings.CutPrefix(s, "mailto:"); ok {
		s, lead = rest, "mailto:"
	}
	return fmt.Sprintf("%sbuyer-%04d%s%s", lead, madeUpNumber(s), at, maskedHost)
}

var ownName = regexp.MustCompile(`^Buyer \d{4}$`)

func madeUpName(s string) string {
	if ownName.MatchString(s) {
		return s
	}
	return fmt.Sprintf("Buyer %04d", madeUpNumber(s))
}

// madeUpDigits keeps how a number begins and is written. Its last seven digits
// are 000, two that are made up, and two that tell such a number.
func madeUpDigits(s string) string {
	var digits []byte
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits = append(digits, asDigit(r))
		}
	}
	const tail = 7
	keep := max(0, len(digits)-tail)
	head := string(digits[:keep]) + "000"
	if own := string(digits); strings.HasPrefix(own, head) && len(own) == keep+tail && own == checked(own[:len(own)-2]) {
		return s
	}
	made := checked(head + fmt.Sprintf("%02d", madeUpNumber(string(digits))%100))[keep:]
	i := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		i++
		if i <= keep {
			return r
		}
		return rune(made[max(0, tail-len(digits))+i-1-keep])
	}, s)
}

func checked(digits string) string {
	return fmt.Sprintf("%s%02d", digits, madeUpNumber(digits)%100)
}

// asDigit is the value of a decimal digit of any script: each has its ten in a
// row.
func asDigit(r rune) byte {
	zero := r
	for i := 0; i < 9 && unicode.IsDigit(zero-1); i++ {
		zero--
	}
	return '0' + byte(r-zero)
}

const (
	small  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
)

// madeUpToken has letters, capitals and digits where the token has them; of hex
// it is hex. Its last ones follow from the others: so it is known again.
func madeUpToken(s string) string {
	runes := []rune(s)
	const most = 5
	own := len(runes) - min(most, len(runes)/2)
	if string(disguised(runes, own, len(runes), string(runes[:own]))) == s {
		return s
	}
	made := disguised(runes, 0, own, s)
	return string(disguised(made, own, len(made), string(made[:own])))
}

// disguised has other characters of the same kind from one place to another,
// drawn by a seed.
func disguised(runes []rune, from, to int, seed string) []rune {
	lower := small
	if strings.Trim(string(runes), "0123456789abcdefABCDEF-") == "" {
		lower = small[:6]
	}
	out := slices.Clone(runes)
	sum := sha256.Sum256([]byte(seed))
	for i := from; i < to; i++ {
		n := (i - from) % len(sum)
		if n == 0 && i > from {
			sum = sha256.Sum256(sum[:])
		}
		b := int(sum[n])
		switch r := runes[i]; {
		case r >= '0' && r <= '9':
			out[i] = rune(digits[b%len(digits)])
		case r >= 'a' && r <= 'z':
			out[i] = rune(lower[b%len(lower)])
		case r >= 'A' && r <= 'Z':
			out[i] = rune(lower[b%len(lower)]) - 'a' + 'A'
		case r > unicode.MaxASCII:
			out[i] = 'x'
		}
	}
	return out
}

// tokenPattern is a run of letters and digits that may be no word: a session, a
// nonce, a key; see random.
var tokenPattern = regexp.MustCompile(`[A-Za-z0-9_\-]{8,}`)

// random reports whether a run mixes small letters, capitals and digits as no
// name does.
func random(t string) bool {
	const least, mixed = 16, 4
	changes, digits := changes(t)
	return len(t) >= least && digits && changes >= mixed
}

// shortToken is what a nonce in a script may be: 2f314d2019.
func shortToken(t string) bool {
	const mixed = 3
	changes, digits := changes(t)
	return digits && changes >= mixed
}

// changes counts how often the kind of character changes.
func changes(t string) (n int, digits bool) {
	last := 0
	for _, r := range t {
		var kind int
		switch {
		case r >= '0' && r <= '9':
			kind, digits = 1, true
		case r >= 'a' && r <= 'z':
			kind = 2
		case r >= 'A' && r <= 'Z':
			kind = 3
		default:
			continue
		}
		if last != 0 && kind != last {
			n++
		}
		last = kind
	}
	return n, digits
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

var amounts = regexp.MustCompile(`^\d+\.\d\d( \d+\.\d\d)*$`)

// phoneLike tells a phone number from dates, amounts and the numbers of orders:
// one that is written without any sign between its digits must be a number that
// somebody can have.
func phoneLike(t string) bool {
	n := countDigits(t)
	if n < 7 || n > 15 || datePattern.MatchString(t) && n <= 14 || amounts.MatchString(t) {
		return false
	}
	if strings.TrimFunc(t, unicode.IsDigit) != "" || len(t) > 0 && t[0] == '0' {
		return true
	}
	for _, as := range []struct{ text, region string }{{t, "CN"}, {t, "US"}, {"+" + t, ""}} {
		if parsed, err := phonenumbers.Parse(as.text, as.region); err == nil && n >= 10 && phonenumbers.IsValidNumber(parsed) {
			return true
		}
	}
	return false
}
