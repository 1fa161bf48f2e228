package extract

import (
	"encoding/base64"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"nudged/crawler/recipe"
)

var notDigit = regexp.MustCompile(`\P{Nd}+`)

func apply(f recipe.Filter, t string) string {
	switch f.Name {
	case recipe.FilterLower:
		return strings.ToLower(t)
	case recipe.FilterDecode:
		return html.UnescapeString(t)
	case recipe.FilterDigits:
		return notDigit.ReplaceAllString(t, "")
	case recipe.FilterReplace:
		return f.Regexp.ReplaceAllString(t, f.With)
	case recipe.FilterSplit:
		return nth(strings.Split(t, f.With), f.Nth)
	case recipe.FilterLine:
		return nth(strings.Split(tidyLines(t), "\n"), f.Nth)
	case recipe.FilterURLDecode:
		return urlDecode(t)
	case recipe.FilterBase64:
		return base64Decode(t)
	case recipe.FilterUnescape:
		return unescape(t)
	}
	return t
}

// nth is one of several parts, from 1, or from the end if negative.
func nth(parts []string, n int) string {
	i := n - 1
	if n < 0 {
		i = len(parts) + n
	}
	if i < 0 || i >= len(parts) {
		return ""
	}
	return parts[i]
}

// urlDecode turns %41 into A. What is no escape stays: shops write "100%".
func urlDecode(t string) string {
	if !strings.Contains(t, "%") {
		return t
	}
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		if t[i] == '%' && i+2 < len(t) {
			if n, err := strconv.ParseUint(t[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(t[i])
	}
	return b.String()
}

// base64Decode reads both alphabets, padded or not; "" for what is neither.
func base64Decode(t string) string {
	t = strings.Map(func(r rune) rune {
		switch r {
		case '-':
			return '+'
		case '_':
			return '/'
		case ' ', '\t', '\r', '\n', '=':
			return -1
		}
		return r
	}, t)
	out, err := base64.RawStdEncoding.DecodeString(t)
	if err != nil {
		return ""
	}
	return string(out)
}

// unescape reads the escapes of a JavaScript string (ECMA-262, 12.9.4). What is
// none stays as it is.
func unescape(t string) string {
	if !strings.Contains(t, `\`) {
		return t
	}
	var b strings.Builder
	for t != "" {
		plain, rest, escaped := strings.Cut(t, `\`)
		b.WriteString(plain)
		if !escaped {
			break
		}
		r, n := escape(rest)
		if n == 0 {
			b.WriteByte('\\')
			t = rest
			continue
		}
		if r >= 0 {
			b.WriteRune(r)
		}
		t = rest[n:]
	}
	return b.String()
}

// escape reads what follows a backslash: the character, or -1 for none, and how
// many bytes that took, 0 if it is no escape.
func escape(s string) (r rune, n int) {
	if s == "" {
		return 0, 0
	}
	if i := strings.IndexByte("bfnrtv0", s[0]); i >= 0 {
		return rune("\b\f\n\r\t\v\x00"[i]), 1
	}
	switch s[0] {
	case 'x':
		return hexRune(s, 1, 3)
	case 'u':
		if strings.HasPrefix(s, "u{") {
			end := strings.IndexByte(s, '}')
			r, n = hexRune(s, 2, end)
			return r, n + min(n, 1)
		}
		return utf16Rune(s)
	case '\n':
		return -1, 1
	case '\r':
		return -1, 1 + len(s[1:]) - len(strings.TrimPrefix(s[1:], "\n"))
	}
	return utf8.DecodeRuneInString(s)
}

// utf16Rune reads u1234, or two of them that are one character.
func utf16Rune(s string) (rune, int) {
	r, n := hexRune(s, 1, 5)
	if n == 0 || !utf16.IsSurrogate(r) {
		return r, n
	}
	if strings.HasPrefix(s[n:], `\u`) {
		low, m := hexRune(s[n+1:], 1, 5)
		if pair := utf16.DecodeRune(r, low); m > 0 && pair != utf8.RuneError {
			return pair, n + 1 + m
		}
	}
	return utf8.RuneError, n
}

// hexRune reads the digits from one place to another.
func hexRune(s string, from, to int) (rune, int) {
	if to <= from || to > len(s) || to-from > 6 {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[from:to], 16, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, 0
	}
	return rune(n), to
}
