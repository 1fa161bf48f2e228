package inbox

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// maxWords is how much of somebody's words is kept, in characters.
const maxWords = 2000

// readable makes text of bytes that claim no charset, or the wrong one: UTF-8 if
// they are that, else GB18030 (what old Chinese mailers send unlabelled) if they
// are that, else what is left of them.
func readable(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for end := len(b); end >= max(0, len(b)-3); end-- { // the last character may have been cut in two
		if utf8.Valid(b[:end]) {
			return string(b[:end])
		}
	}
	if s, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b); err == nil && !bytes.ContainsRune(s, utf8.RuneError) {
		return string(s)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// clean makes words fit to be kept and shown: no control characters, no marks
// that turn text around or hide in it, at most one empty line, no more than
// maxWords characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError, unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	return cut(strings.TrimSpace(strings.Join(lines, "\n")), maxWords)
}

// cut keeps that many characters; the last one says that there was more.
func cut(s string, most int) string {
	n, end := 0, 0
	for i := range s {
		if n == most-1 {
			end = i
		}
		if n == most {
			return strings.TrimRightFunc(s[:end], unicode.IsSpace) + "…"
		}
		n++
	}
	return s
}
