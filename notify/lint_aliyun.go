package notify

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The rules of Aliyun for texts that it approves. Sources:
// help.aliyun.com/document_detail/91975.html (kinds of templates), 463270.htm
// (notifications), and the change of 28 March 2025 on where signatures come from
// (about-sms-signature-application-rule-change-notice).
const (
	maxAliyun   = 500 // characters, variables as written
	optOutReply = "拒收请回复R"
)

var (
	variable     = regexp.MustCompile(`\$\{([^}]*)\}`)
	variableName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,24}$`)
	variableLink = regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s，。；]*\$\{|\$\{[^}]*\}\.(?:com|cn|net)`)
	neighbours   = regexp.MustCompile(`\}\s*\$\{`)
	mobileOrChat = regexp.MustCompile(`1[3-9][0-9]{9}|(?i:QQ|微信|wechat|抖音)`)
)

func (u *use) aliyun() {
	name := u.step.Template
	t, ok := u.provider.Templates[name]
	switch {
	case u.provider.Sign == "":
		u.wrong("Aliyun sends nothing without an approved signature; write `sign:` under `sms:`")
	case strings.ContainsAny(u.provider.Sign, "【】[]"):
		u.wrong("the signature is written without brackets; write `sign: %s` under `sms:`", strings.Trim(u.provider.Sign, "【】[]"))
	case u.provider.Sign == u.shop.Name:
		u.look("the signature is the name of the shop: since 28 March 2025 Aliyun takes names of companies, registered sites and apps only")
	}
	if !ok || t.Code == "" {
		u.wrong("Aliyun sends only texts that it has approved, and there is none for %q; write `templates: {%s: {code: SMS_…, text: …}}` under `sms:`", name, name)
		return
	}
	if t.Text == "" {
		u.look("what Aliyun has approved as %s cannot be read here; repeat it as `text:` under `templates: %s:`", t.Code, name)
		return
	}
	u.aliyunKind(t)
	u.aliyunForm(t)
	u.aliyunVariables(t)
	u.links(t.Text, u.channel)
	u.parts(filled(t, u.m.Facts))
}

// aliyunKind holds what a notification and a promotion may say.
func (u *use) aliyunKind(t ProviderText) {
	kind := t.Kind
	if kind == "" {
		kind = "notification"
		if u.class == Marketing {
			kind = "promotion"
		}
	}
	fixed := u.own(variable.ReplaceAllString(t.Text, " "))
	if found := findWords(fixed, slices.Concat(dunningWords(), forbiddenTopics())); len(found) > 0 {
		u.wrong("Aliyun refuses texts with %s; say how the order stands: 您的订单${number}待支付，将于${closes}关闭", quoted(found))
	}
	if found := findWords(fixed, harshWords()); len(found) > 0 {
		u.look("%s sounds like a demand: say how the order stands, and ask whether there is a question", quoted(found))
	}
	switch {
	case kind != "notification" && kind != "promotion":
		u.wrong("kind %q is not known; write notification or promotion", kind)
	case kind == "notification" && u.class == Marketing:
		u.wrong("a marketing text may not go out as a notification; have it approved as a promotion (推广短信), and write `kind: promotion`")
	case kind == "promotion" && u.class == Service:
		u.wrong("a promotion goes to members only; for how an order stands, have a notification (通知短信) approved, and write `kind: notification`")
	case kind == "notification":
		if strings.Contains(t.Text, "拒收") || strings.Contains(t.Text, "退订") {
			u.wrong("a notification holds no opt-out words: take out %s", optOutReply)
		}
		if found := findWords(fixed, marketingWords()); len(found) > 0 {
			u.wrong("a notification holds no promotion: take out %s", quoted(found))
		}
		if found := mobileOrChat.FindString(fixed); found != "" {
			u.wrong("a notification names landlines, 400 and 95 numbers only: take out %s", found)
		}
	case !strings.HasSuffix(strings.TrimRight(t.Text, " "), optOutReply):
		u.wrong("a promotion ends with %s: put these words last", optOutReply)
	case !strings.Contains(t.Text, "会员"):
		u.look("a promotion goes to members only and has to address them: begin with 尊敬的会员")
	}
}

func (u *use) aliyunForm(t ProviderText) {
	if n := utf8.RuneCountInString(t.Text); n > maxAliyun {
		u.wrong("the template has %d characters; Aliyun takes %d", n, maxAliyun)
	}
	trimmed := strings.TrimSpace(t.Text)
	switch {
	case strings.ContainsAny(t.Text, "【】"):
		u.wrong("【】 stands around the signature and nowhere in the template; Aliyun puts the signature before it")
	case strings.HasPrefix(trimmed, "[") || strings.HasSuffix(trimmed, "]"):
		u.wrong("a template neither begins nor ends with a square bracket; leave it out")
	}
	var odd strings.Builder
	for _, r := range variable.ReplaceAllString(t.Text, "") {
		if strings.ContainsRune(specialSigns(), r) && !strings.ContainsRune(odd.String(), r) {
			odd.WriteRune(r)
		}
	}
	if odd.Len() > 0 {
		u.wrong("Aliyun refuses the sign %s; for money write 元", signs(odd.String()))
	}
}

func (u *use) aliyunVariables(t ProviderText) {
	if variableLink.MatchString(t.Text) {
		u.wrong("no part of a link may be a variable; write a fixed address of the shop, registered (ICP), or none")
	}
	if neighbours.MatchString(t.Text) {
		u.wrong("two variables stand side by side; put words between them")
	}
	if strings.TrimSpace(variable.ReplaceAllString(t.Text, "")) == "" {
		u.wrong("the template is nothing but variables; write the words around them")
	}
	for _, found := range variable.FindAllStringSubmatch(t.Text, -1) {
		name := found[1]
		fact := name
		if mapped := t.Params[name]; mapped != "" {
			fact = mapped
		}
		switch {
		case !variableName.MatchString(name) || slices.Contains([]string{"email", "mobile", "id", "nick", "site"}, strings.ToLower(name)):
			u.wrong("${%s} is no name that Aliyun takes: up to 25 letters, digits and _, and not email, mobile, id, nick or site", name)
		case fact == "link":
			u.wrong("${%s} would hold a link, which Aliyun refuses (isv.PARAM_NOT_SUPPORT_URL); write a fixed address of the shop, or none", name)
		case fact == "contact":
			u.wrong("${%s} would hold a contact; write the number into the template", name)
		case !slices.Contains(factsOf(), fact):
			u.wrong("${%s} would stay empty: there is no fact %q; there are %s; name it under `params:`", name, fact, strings.Join(factsOf(), ", "))
		case fact == "offer" && u.class == Service:
			u.wrong("${%s} would hold an offer, and this is a service text", name)
		}
	}
}

// filled is the template as a phone shows it.
func filled(t ProviderText, facts map[string]string) string {
	return variable.ReplaceAllStringFunc(t.Text, func(found string) string {
		name := variable.FindStringSubmatch(found)[1]
		if mapped := t.Params[name]; mapped != "" {
			name = mapped
		}
		return facts[name]
	})
}
