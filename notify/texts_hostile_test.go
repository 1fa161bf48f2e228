package notify_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode"

	"nudged/notify"
	"nudged/store/order"
)

// hostile is what a buyer may call themselves, or an item.
var hostile = map[string]string{
	"script":     `<script>alert(document.cookie)</script>`,
	"html":       `"><img src=x onerror=alert(1)><b>Bold</b></td></table>`,
	"attribute":  `' onmouseover='alert(1)' x="`,
	"style":      `</style><style>*{display:none}</style>`,
	"comment":    `--><!-- <!doctype html>`,
	"header":     "Ada\r\nBcc: victim@attacker.example\r\n\r\nNew body",
	"rtl":        "\u202eevil\u202c \u2067txt\u2069 \u200f",
	"url":        "free money https://attacker.example/login?x=1 www.attacker.example attacker.com",
	"mail":       "write to boss@attacker.example now",
	"template":   `{{.Shop}} {{template "text" .}} {{define "x"}}y{{end}} ${number} %s %d %!v(MISSING) {name}`,
	"newline":    "one\ntwo\rthree\u2028four\u2029five\u0085six\vseven\feight",
	"control":    "\x00\x07\x1b[31mred\x1b[0m\x7f\xff\xfe",
	"zalgo":      "Z\u0335\u0327\u031b\u0339\u033a\u0301\u0302a\u0336l\u0337go",
	"long":       strings.Repeat("W", 50_000),
	"longline":   strings.Repeat("Wide words ", 20_000),
	"brackets":   "【银行】您的账户异常[1]",
	"optout":     "Ada 拒收请回复R STOP unsubscribe",
	"empty":      " \t\u200b\u2060 ",
	"javascript": "javascript:alert(1)",
}

// hostileIn puts a text into every place that a shop's page fills.
func hostileIn(o order.Order, evil string) order.Order {
	o.Number, o.Buyer.Name, o.Coupon, o.StatusText, o.Payment = "17 "+evil, evil, evil, evil, evil
	for i := range o.Lines {
		o.Lines[i].Title, o.Lines[i].SKU = evil, evil
	}
	o.PayFailed = true
	o.Link = "https://buckles.example/order/17/?x=" + url.QueryEscape(evil)
	return o
}

// Over every text, language, channel and hostile value: a message keeps its
// shape, and nothing of what the shop shows becomes markup, a header, a link or
// a second line.
func TestHostileInEveryText(t *testing.T) {
	everyText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		plain, err := texts.Write(shopIn(language), writingFor(orderFor(language, name), language, name, order.ByEmail))
		if err != nil {
			t.Fatal(err)
		}
		was := parts(t, plain.HTML)
		for kind, evil := range hostile {
			for _, channel := range []order.Channel{order.ByEmail, order.BySMS} {
				for _, link := range []bool{true, false} {
					o := hostileIn(orderFor(language, name), evil)
					if !link {
						o.Link = evil
					}
					w := writingFor(o, language, name, channel)
					w.Reasons = []notify.Reason{notify.OrderedTwice, notify.PaymentFailed, notify.CouponUnused}
					m, err := texts.Write(shopIn(language), w)
					if err != nil {
						t.Fatalf("%s by %s: %v", kind, channel, err)
					}
					if link { // it leads to the shop, whatever stands behind the question mark
						m.Text = strings.ReplaceAll(m.Text, o.Link, "LINK")
						delete(m.Facts, "link")
					}
					checkHostile(t, kind, m, was)
				}
			}
			o := hostileIn(orderFor(language, name), evil)
			chat, err := texts.Chat(shopIn(language), o)
			if err != nil {
				t.Fatal(err)
			}
			checkText(t, kind+" in the chat", strings.ReplaceAll(chat, o.Link, "LINK"))
		}
	})
}

func checkHostile(t *testing.T, kind string, m notify.Message, was map[string]int) {
	t.Helper()
	for what, s := range map[string]string{"subject": m.Subject, "name": m.ToName, "from": m.FromName, "unsubscribe": m.ListUnsubscribe, "id": m.MessageID} {
		if strings.ContainsAny(s, "\r\n\x00\u2028\u2029\u0085") {
			t.Errorf("%s: %s has two lines: %q", kind, what, s)
		}
	}
	for name, value := range m.Facts {
		if strings.ContainsFunc(value, unicode.IsControl) {
			t.Errorf("%s: fact %s has a control character: %q", kind, name, value)
		}
	}
	checkText(t, kind, m.Subject+"\n"+m.Text)
	if m.Key.Channel == order.BySMS {
		for name, value := range m.Facts {
			if strings.ContainsAny(value+m.Text, "【】") {
				t.Errorf("%s: fact %s or the text passes for another sender: %q, %q", kind, name, value, m.Text)
			}
		}
		if n, _ := notify.Segments(m.Text); n > 12 || strings.Contains(m.Text, "\n") {
			t.Errorf("%s: %d parts: %q", kind, n, m.Text)
		}
		return
	}
	if len(m.HTML) > 40_000 || len(m.Text) > 12_000 {
		t.Errorf("%s: %d bytes of HTML, %d of text", kind, len(m.HTML), len(m.Text))
	}
	for part, n := range parts(t, m.HTML) {
		if most := was[part]; most == 0 || n > most && !strings.HasPrefix(part, "p") && !strings.HasPrefix(part, "span") {
			t.Errorf("%s: the HTML has %d × %s instead of %d", kind, n, part, most)
		}
	}
	if strings.Contains(m.HTML, "javascript:alert(1)\"") || strings.Contains(m.HTML, "<b>Bold") {
		t.Errorf("%s: markup came through", kind)
	}
}

func checkText(t *testing.T, kind, text string) {
	t.Helper()
	if at := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' || r == '\u2028' || r == '\u2029'
	}); at >= 0 {
		t.Errorf("%s: a control character at %d: %q", kind, at, text)
	}
	for _, bad := range []string{"\nBcc:", "victim@attacker", "boss@attacker", "//attacker.example", "www.attacker", "two\nthree"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s: the text holds %q:\n%.600s", kind, bad, text)
		}
	}
}
