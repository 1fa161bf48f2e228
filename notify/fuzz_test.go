package notify_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"nudged/notify"
)

// Whatever a shop shows, a letter stays one: valid text, one line where one
// belongs, no control or direction characters, nothing that opens a tag.
func FuzzLetter(f *testing.F) {
	texts, err := notify.LoadTexts("")
	if err != nil {
		f.Fatal(err)
	}
	h := hostileOrder()
	f.Add(h.Buyer.Name, h.Number, h.Lines[0].Title, h.Link)
	f.Add("王小红", "17", h.Lines[3].Title, "https://buckles.example/order/17?x=<b>")
	f.Add("a@b\u2028c", "\u202e1", "www.x.com\r\n.\r\n", "https://a\"onclick=1")
	f.Fuzz(func(t *testing.T, name, number, title, link string) {
		o := anOrder()
		o.Buyer.Name, o.Number, o.Lines[0].Title, o.Link = name, number, title, link
		m, err := texts.Write(settings(), writing(settings(), o, "first"))
		if err != nil {
			return // refused, as a missing fact is
		}
		for what, s := range map[string]string{"subject": m.Subject, "name": m.ToName, "text": m.Text, "html": m.HTML, "unsubscribe": m.ListUnsubscribe} {
			if !utf8.ValidString(s) {
				t.Errorf("%s is no valid text: %q", what, s)
			}
			if bad := strings.IndexFunc(s, func(r rune) bool {
				return (unicode.IsControl(r) && r != '\n') || (unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d') || r == '\u2028' || r == '\u2029'
			}); bad >= 0 {
				t.Errorf("%s has a control character at %d: %q", what, bad, s)
			}
			if what != "text" && what != "html" && strings.Contains(s, "\n") {
				t.Errorf("%s has two lines: %q", what, s)
			}
		}
		plain, err := texts.Write(settings(), writing(settings(), anOrder(), "first"))
		if err != nil {
			t.Fatal(err)
		}
		// A link may be left out, and a paragraph stand in its place; nothing else may be added.
		was := parts(t, plain.HTML)
		for part, n := range parts(t, m.HTML) {
			if most := was[part]; most == 0 || n > most && !strings.HasPrefix(part, "p") {
				t.Errorf("the HTML has %d × %s instead of %d: %s", n, part, most, m.HTML)
			}
		}
	})
}

// parts counts the elements of a mail and their attributes: "a", "a href".
func parts(t *testing.T, text string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			out[tag.Data]++
			for _, a := range tag.Attr {
				out[tag.Data+" "+a.Key]++
			}
		}
	}
}
