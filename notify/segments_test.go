package notify_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"nudged/notify"
)

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		text     string
		parts    int
		encoding string
	}{
		{"", 0, "GSM-7"},
		{"Hello", 1, "GSM-7"},
		{strings.Repeat("a", 160), 1, "GSM-7"},
		{strings.Repeat("a", 161), 2, "GSM-7"},
		{strings.Repeat("a", 306), 2, "GSM-7"},
		{strings.Repeat("a", 307), 3, "GSM-7"},
		{strings.Repeat("a", 158) + "€", 1, "GSM-7"},
		{strings.Repeat("a", 159) + "€", 2, "GSM-7"},
		// A character of two places does not fit into the last one of a part.
		{strings.Repeat("a", 152) + "€" + strings.Repeat("a", 151), 2, "GSM-7"},
		{strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3, "GSM-7"},
		{"[{~}]^\\|", 1, "GSM-7"},
		{"Ærø, 100 £, Ñandú" + "é", 1, "UCS-2"}, // ú is not in GSM-7
		{"Ærø, 100 £, Ñand" + "é", 1, "GSM-7"},
		{strings.Repeat("中", 70), 1, "UCS-2"},
		{strings.Repeat("中", 71), 2, "UCS-2"},
		{strings.Repeat("中", 134), 2, "UCS-2"},
		{strings.Repeat("中", 135), 3, "UCS-2"},
		{strings.Repeat("a", 69) + "—", 1, "UCS-2"},
		{strings.Repeat("😀", 35), 1, "UCS-2"},
		{strings.Repeat("😀", 36), 2, "UCS-2"},
		{strings.Repeat("😀", 67), 3, "UCS-2"}, // 33 a part
	} {
		if parts, encoding := notify.Segments(c.text); parts != c.parts || encoding != c.encoding {
			t.Errorf("%.20q… (%d): %d × %s, want %d × %s", c.text, utf8.RuneCountInString(c.text), parts, encoding, c.parts, c.encoding)
		}
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("Hello")
	f.Add("您的订单")
	f.Add(strings.Repeat("€", 200))
	f.Fuzz(func(t *testing.T, text string) {
		parts, encoding := notify.Segments(text)
		n := utf8.RuneCountInString(text)
		most := n/33 + 1
		if (parts == 0) != (text == "") || parts > most || encoding != "GSM-7" && encoding != "UCS-2" || parts*160 < n {
			t.Errorf("%d characters: %d × %s", n, parts, encoding)
		}
		if more, _ := notify.Segments(text + "中"); more < parts {
			t.Errorf("a longer text has fewer parts: %d after %d", more, parts)
		}
	})
}
