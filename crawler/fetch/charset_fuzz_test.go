package fetch_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"nudged/crawler/fetch"
)

func FuzzDecode(f *testing.F) {
	f.Add([]byte("<meta charset=gbk>\xcd\xf5"), "text/html", "")
	f.Add([]byte("\xff\xfe<\x00"), "text/html", "gb18030")
	f.Add([]byte(`{"a":"\xcd\xf5"}`), "application/json; charset=big5", "")
	f.Add([]byte("plain"), "", "utf-16le")
	f.Add([]byte("\x89PNG"), "image/png", "iso-2022-jp")
	f.Fuzz(func(t *testing.T, body []byte, contentType, fallback string) {
		before := bytes.Clone(body)
		text, err := fetch.Decode(body, contentType, fallback)
		if !bytes.Equal(before, body) {
			t.Error("the shop's bytes were changed in place")
		}
		switch {
		case err != nil:
		case !fetch.Textual(contentType):
			if !bytes.Equal(text, body) {
				t.Error("what is no text was changed")
			}
		case !utf8.Valid(text):
			t.Errorf("%q came out of %q as %q", text, body, contentType)
		case len(text) > 4*len(body)+16:
			t.Errorf("%d bytes grew to %d", len(body), len(text))
		}
	})
}
