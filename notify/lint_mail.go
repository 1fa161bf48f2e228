package notify

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxSubject is what phones show of a subject at most, in characters.
const maxSubject = 100

var (
	remotePicture = regexp.MustCompile(`(?i)<(?:img|iframe|video|audio|object|embed|link)\b[^>]*(?:src|href|data)\s*=\s*["']?https?:`)
	activeContent = regexp.MustCompile(`(?i)<(?:script|form|iframe|object|embed)\b|\son[a-z]+\s*=`)
)

// mail are the rules of e-mail. Sources: CAN-SPAM (15 USC 7704: address, opt-out,
// true subject), RFC 8058 and the sender rules of the large mailboxes
// (List-Unsubscribe), 互联网电子邮件服务管理办法 article 13 (广告 or AD).
func (u *use) mail() {
	if u.m.ListUnsubscribe == "" {
		u.wrong("there is no address that unsubscribe mails could go to, so no List-Unsubscribe can be sent; write `from:` or `reply_to:` under `email:`")
	}
	body := u.m.Text
	if len(findWords(body, optOutWords())) == 0 {
		u.tell(u.class == Marketing, "the text does not say how to get no more messages; end it with {{template \"no-more\"}}, or show {{template \"text-foot\" .}}")
	}
	if u.m.HTML != "" && !strings.Contains(u.m.HTML, "mailto:") && len(findWords(u.m.HTML, optOutWords())) == 0 {
		u.tell(u.class == Marketing, "the HTML does not say how to get no more messages; show {{template \"html-foot\" .}}")
	}
	if u.class == Marketing {
		u.advert(body)
	}
	u.subject()
	if u.shop.Name != "" && !strings.Contains(u.m.Subject+body, clean(u.shop.Name, maxName)) {
		u.look("neither subject nor text names the shop; write {{.Shop}}")
	}
	if activeContent.MatchString(u.m.HTML) {
		u.wrong("mail programs take away scripts and forms, and hold such mail for an attack; leave them out")
	}
	if remotePicture.MatchString(u.m.HTML) {
		u.look("the HTML loads something from the web when it is opened, which tells on the reader and which many programs stop; leave it out")
	}
}

func (u *use) advert(body string) {
	if u.shop.Address == "" || !strings.Contains(body, clean(u.shop.Address, maxLine)) {
		u.wrong("marketing mail has to name the postal address of the shop; write {{.Address}} into the text, and `address:` at the shop")
	}
	if isChinese(u.m.Subject) && !strings.HasPrefix(u.m.Subject, "广告") && !strings.HasPrefix(u.m.Subject, "AD") {
		u.wrong("the subject of Chinese marketing mail begins with 广告 or AD; write 广告：%s", u.m.Subject)
	}
}

func (u *use) subject() {
	subject := u.own(u.m.Subject)
	if n := utf8.RuneCountInString(u.m.Subject); n > maxSubject {
		u.look("the subject has %d characters; phones show about 40: say it shorter", n)
	}
	shouting := strings.ToUpper(subject) == subject && strings.ToLower(subject) != subject && len(subject) > 12
	if strings.Contains(subject, "!!") || strings.Contains(subject, "！！") || shouting {
		u.look("capitals and rows of exclamation marks in a subject end up with the spam; write it plainly")
	}
}
