package extract

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is kept of a shop's texts, in runes.
const (
	maxText  = 500  // a name, a title, a status
	maxID    = 200  // longer ids are refused: cut ones would meet
	maxVar   = 8192 // a token
	maxWords = 300  // a refusal
	maxFound = 80   // in a problem

	maxBetween = 1 << 20  // between two filters
	maxInner   = 32 << 20 // a document in a document, in bytes
)

// clean makes a foreign text harmless: valid UTF-8, no control characters, no
// line breaks, no invisible characters that turn or hide text; runs of white
// space become one blank.
func clean(s string, most int) string {
	var b strings.Builder
	blank, n := false, 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			blank = b.Len() > 0
			continue
		case r == utf8.RuneError || unicode.IsControl(r) || invisible(r):
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
			n++
		}
		if n++; n > most {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// invisible characters: zero-width blanks and those that change the direction
// of the text. The joiners U+200C and U+200D stay, names need them.
func invisible(r rune) bool {
	switch {
	case r == 0x200B, r == 0x200E, r == 0x200F, r == 0xFEFF, r == 0x00AD, r == 0x2028, r == 0x2029:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069, r >= 0xFFF9 && r <= 0xFFFB:
		return true
	}
	return false
}

var (
	mailPattern  = regexp.MustCompile(`[^\s"'<>@,;:()=]+(?:@|%40|&#64;)[^\s"'<>@,;:()&?]+`)
	phonePattern = regexp.MustCompile(`\+?\(?\p{Nd}[\p{Nd}\x{00a0}\x{2011}\x{2013} ().\-]{5,}\p{Nd}`)
	datePattern  = regexp.MustCompile(`^((19|20)\d\d[-./](0?[1-9]|1[0-2])[-./](0?[1-9]|[12]\d|3[01])|\d\d?[-./]\d\d?[-./](19|20)\d\d)(\D|$)`)
)

// mask takes contacts out of a text: addresses, and whatever has the digits of
// a phone number and is no date.
func mask(s string) string {
	s = mailPattern.ReplaceAllString(s, "***@***")
	return phonePattern.ReplaceAllStringFunc(s, func(m string) string {
		digits := 0
		for _, r := range m {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		if digits < 7 || datePattern.MatchString(m) && digits <= 14 {
			return m
		}
		return "***"
	})
}

// Masked is a text without the contacts in it.
func Masked(s string) string { return mask(s) }

// shown is a found text as a problem may show it.
func shown(s string) string { return ellipsis(mask(clean(s, 4*maxFound)), maxFound) }

func ellipsis(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
