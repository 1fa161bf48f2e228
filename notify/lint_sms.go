package notify

import (
	"fmt"
	"strings"

	"nudged/store/order"
)

// Parts that a reminder should have at most, by encoding, and what is too long
// in any.
const (
	goodGSM  = 1
	goodUCS  = 2
	maxParts = 6
)

// sms are the rules of providers that take free text. Sources: CTIA messaging
// principles, 5.1 (name of the sender, opt-out), 47 CFR 64.1200 (revocation);
// 通信短信息服务管理规定, articles 18 and 20 (consent, easy refusal in the text).
func (u *use) sms() {
	text := u.m.Text
	zh := localeLanguage(u.language) == "zh"
	if strings.ContainsAny(text, "【】") {
		u.wrong("【】 stands around the signature and nowhere else, or networks take the wrong words for it; leave it out of the text")
	}
	u.signature(zh, text)
	u.optOut(zh, text+" "+u.provider.OptOut)
	u.parts(text)
}

func (u *use) signature(zh bool, text string) {
	sign := u.provider.Sign
	switch {
	case strings.ContainsAny(sign, "【】[]"):
		u.wrong("the signature is written without brackets; write `sign: %s` under `sms:`", strings.Trim(sign, "【】[]"))
	case zh && sign == "":
		u.look("networks in mainland China stop texts without a signature that they know; write `sign:` under `sms:` once the provider has one for you")
	case sign == "" && !strings.Contains(text, clean(u.shop.Name, maxName)):
		u.look("the text does not say who writes; begin it with {{.Shop}}:")
	}
}

func (u *use) optOut(zh bool, text string) {
	if len(findWords(text, optOutWords())) > 0 {
		if u.provider.OneWay {
			u.look("the text asks for a reply to get no more, but nudged sees no replies this way; when your gateway shows that somebody asked for it, type `nudged buyers suppress NUMBER`")
		}
		if zh && u.class == Marketing && !strings.HasSuffix(strings.TrimSpace(text), "拒收请回复R") {
			u.wrong("a marketing SMS in Chinese ends with 拒收请回复R; put these words last")
		}
		return
	}
	switch {
	case u.class == Marketing && zh:
		u.wrong("a marketing SMS has to say how to get no more; end it with 拒收请回复R")
	case u.class == Marketing:
		u.wrong("a marketing SMS has to say how to get no more; end it with: Reply STOP to opt out")
	case u.provider.Name == "twilio" && !zh:
		u.look("carriers in the USA want every sender to say how to get no more; end the text with: STOP to opt out")
	}
}

// parts tells the price of a long text, and what makes it long.
func (u *use) parts(text string) {
	whole := text
	if u.provider.Sign != "" {
		whole = "【" + u.provider.Sign + "】" + whole
	}
	if u.provider.OptOut != "" {
		whole += " " + u.provider.OptOut
	}
	n, encoding := Segments(whole)
	good := goodGSM
	if encoding == ucs2 {
		good = goodUCS
	}
	odd := ""
	if encoding == ucs2 && !isChinese(whole) {
		odd = notGSM(whole)
	}
	switch {
	case n > maxParts:
		u.wrong("with a sample order it takes %d parts of %s%s; phones put together %d at most: say it shorter", n, encoding, u.cost(n), maxParts)
	case odd != "":
		u.look("%s makes it %s, in which a part has 70 characters instead of 160: %d parts%s; %s", signs(odd), ucs2, n, u.cost(n), instead(odd))
	case n > good:
		u.look("with a sample order it takes %d parts of %s%s; say it in %d", n, encoding, u.cost(n), good)
	}
}

func (u *use) cost(n int) string {
	p := u.provider.Price
	if p.Currency == "" {
		return ""
	}
	return ", " + order.Money{Minor: p.Minor * int64(n), Currency: p.Currency}.String() + " a message"
}

func signs(odd string) string {
	var out []string
	for _, r := range odd {
		out = append(out, "“"+string(r)+"”")
	}
	if len(out) > 6 {
		out = append(out[:6], "…")
	}
	return strings.Join(out, " ")
}

// instead says what to write for the signs that most often slip in.
func instead(odd string) string {
	var out []string
	for _, r := range odd {
		if plain := plainSMS(string(r)); plain != string(r) {
			out = append(out, fmt.Sprintf("write %s for %c", plain, r))
		}
	}
	if len(out) == 0 {
		return "leave it out if the language can do without"
	}
	return strings.Join(out, ", ")
}
