package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	textunicode "golang.org/x/text/encoding/unicode"
)

var errBinary = errors.New("this is neither an Excel file nor a text; save the table as .xlsx or .csv")

// decode finds out how a text is written: by its mark if it has one, else UTF-8
// if it is that, else what Excel writes where no UTF-8 is asked for: GB18030 in
// China, Windows-1252 in Western Europe.
func decode(data []byte) (text, name string, err error) {
	switch {
	case bytes.HasPrefix(data, []byte(BOM)):
		return strings.ToValidUTF8(string(data[len(BOM):]), "\ufffd"), "UTF-8", nil
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		text, err = with(textunicode.UTF16(textunicode.LittleEndian, textunicode.UseBOM), data)
		return text, "UTF-16", err
	case bytes.IndexByte(data, 0) >= 0:
		return "", "", errBinary
	case utf8.Valid(data):
		return string(data), "UTF-8", nil
	}
	if text, err := with(simplifiedchinese.GB18030, data); err == nil && chinese(data, text) {
		return text, "GB18030", nil
	}
	text, err = with(charmap.Windows1252, data)
	return text, "Windows-1252", err
}

func with(e encoding.Encoding, data []byte) (string, error) {
	out, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return "", fmt.Errorf("cannot read the text: %w", err)
	}
	return string(out), nil
}

// chinese reports whether a text that reads as GB18030 was meant so. Every pair of
// bytes can be read as something: an ü and the letter after it are a rare
// character. Real Chinese comes in pairs that are both beyond ASCII, and
// they are characters in use.
func chinese(data []byte, text string) bool {
	pairs, lone := 0, 0
	for i := 0; i < len(data); i++ {
		if data[i] < 0x80 {
			continue
		}
		if i+1 < len(data) && data[i+1] >= 0x80 {
			pairs++
			i++
		} else {
			lone++
		}
	}
	common, strange := 0, 0
	for _, r := range text {
		switch {
		case r < 0x80:
		case r == utf8.RuneError, unicode.Is(unicode.Co, r):
			strange++
		case unicode.Is(unicode.Han, r), r >= 0x3000 && r < 0x3040, r >= 0xff00 && r < 0xfff0:
			common++
		}
	}
	return pairs > 2*lone && common > 4*strange
}
