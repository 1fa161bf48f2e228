package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCell is what one cell of Excel holds, in characters.
const maxCell = 32767

// opening are the characters with which a cell begins that programs take for a
// formula, the wide ones of Chinese and Japanese editions included. A tab or line
// end is skipped by some before they look.
const opening = "=+-@\t\r\n＝＋－＠"

// formula reports whether a program may compute a text instead of showing it.
func formula(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if strings.ContainsRune(opening, r) && s != "" {
		return true
	}
	r, _ = utf8.DecodeRuneInString(strings.TrimLeftFunc(s, unicode.IsSpace))
	return r != utf8.RuneError && strings.ContainsRune("=+-@＝＋－＠", r)
}

// defuse makes a text that no program computes: what a spreadsheet takes for the
// sign of a text is put before it. [bare] undoes it.
func defuse(s string) string {
	if formula(s) || strings.HasPrefix(s, "'") && formula(s[1:]) {
		return "'" + s
	}
	return s
}

// bare is a text without the sign that a spreadsheet, or [defuse], has put before
// it.
func bare(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && (formula(rest) || strings.HasPrefix(rest, "'") && formula(rest[1:])) {
		return rest
	}
	return s
}

// fit makes foreign text fit into a cell: valid, without control characters but
// for line ends and tabs, and not longer than Excel can read.
func fit(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), r == unicode.ReplacementChar, r == '\ufeff', r == '\ufffe', r == '\uffff':
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	if len(s) <= maxCell {
		return s
	}
	units := 0 // Excel counts UTF-16
	for i, r := range s {
		if units++; r > 0xffff {
			units++
		}
		if units > maxCell-1 {
			return s[:i] + "…"
		}
	}
	return s
}
