package inbox

import (
	"regexp"
	"strings"

	"nudged/store/order"
)

// verdict is what a delivery report says.
type verdict struct {
	state order.State // "" if it changes nothing, as "delayed"
	final bool
	words string
	email order.Email // whom it did not reach, "" if it does not say
}

// bounce says what a delivery report means; false if the mail is none.
func (m *letter) bounce() (verdict, bool) {
	formal := m.mediaType == "multipart/report" && (m.report == "delivery-status" || m.report == "" && m.status != nil)
	if !formal && !m.looksLikeBounce() {
		return verdict{}, false
	}
	if got := judge(recipients(m.status)); got.action != "" {
		v := verdict{words: got.words(), email: m.unreached(got)}
		switch got.action {
		case "failed":
			v.state, v.final = order.Bounced, got.final()
		case "delivered":
			v.state = order.Delivered
		}
		return v, true // else delayed, relayed or expanded
	}
	text := m.text
	if strings.TrimSpace(text) == "" {
		text = htmlText(m.html)
	}
	if delayed.MatchString(m.subject()) || delayed.MatchString(cut(text, 1000)) {
		return verdict{}, true
	}
	r := recipient{action: "failed", diagnostic: beforeCopy(text)}
	r.status = enhanced.FindString(r.diagnostic)
	v := verdict{state: order.Bounced, final: r.final(), email: m.unreached(r)}
	r.diagnostic = telling(r.diagnostic)
	v.words = r.words()
	return v, true
}

// unreached is the address that the report is about: the one that we wrote to
// before the one that it was forwarded to, else whom the returned mail names.
func (m *letter) unreached(r recipient) order.Email {
	for _, in := range []string{r.original, r.address, m.Get("X-Failed-Recipients"), toField(m.returned), toField([]byte(m.text)), r.diagnostic} {
		if found := bareAddress.FindString(cutBytes(in)); found != "" {
			return order.NormalEmail(strings.Trim(found, "."))
		}
	}
	return ""
}

var toLine = regexp.MustCompile(`(?im)^to:(.*(?:\n[ \t].*)*)`)

func toField(header []byte) string {
	if found := toLine.FindSubmatch(header); found != nil {
		return readable(found[1])
	}
	return ""
}

var (
	bounceSender  = regexp.MustCompile(`(?i)^(mailer[-_.]?daemon|maildaemon|mail[-_.]daemon|postmaster|mdaemon)@`)
	bounceSubject = regexp.MustCompile(`(?i)undeliver|delivery (status notification|has failed|failed|failure|problem|error)|returned (mail|to sender)|failure notice|` +
		`mail (delivery|system) (failed|failure|error|problem)|(not|n't) (be )?delivered|non[- ]?delivery|mail returned|unzustellbar|` +
		`退信|退回|无法投递|投递失败|未能送达|无法送达|无法发送|发送失败|未送达|無法傳遞|無法投遞|無法送達|投遞失敗`)
	// delayed is what a server says that is still trying.
	delayed = regexp.MustCompile(`(?i)\bdelayed\b|\(delay\)|delivery delay|warning: (could not|message)|warning message only|(will|still|continue|be|being) (to )?(keep trying|retr(y|ied)|try)|` +
		`do not need to resend|not yet been delivered|延迟|延遲|继续尝试|正在重试`)
	enhanced = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
)

// looksLikeBounce finds the reports of servers that do not keep to RFC 3464:
// qmail, old Exim, several Chinese providers. It takes both who it comes from
// and what it says: a customer may write "not delivered", too.
func (m *letter) looksLikeBounce() bool {
	if m.Get("X-Failed-Recipients") != "" {
		return true
	}
	byMachine := bounceSender.MatchString(m.from().Reveal()) || strings.TrimSpace(m.Get("Return-Path")) == "<>"
	return byMachine && bounceSubject.MatchString(m.subject())
}

// copyBelow is where reports in plain text begin the mail they return.
var copyBelow = regexp.MustCompile(`(?im)^\W{0,20}((below this line is a copy|this is a copy of the message|original message (follows|headers)|a copy of the (original )?message|the header of the original|原邮件|原始邮件|邮件原文).*|(return-path|received|message-id|dkim-signature):.*)$`)

func beforeCopy(text string) string {
	if at := copyBelow.FindStringIndex(text); at != nil {
		return text[:at[0]]
	}
	return text
}

var refusal = regexp.MustCompile(`\b5\d\d[ -]|\b5\.\d{1,3}\.\d{1,3}\b`)

// telling is what of a text written for people says why: the lines with a code,
// else those with a reason, else all of it.
func telling(text string) string {
	for _, mark := range []*regexp.Regexp{refusal, gone, other} {
		var found []string
		for line := range strings.Lines(text) {
			if mark.MatchString(line) {
				found = append(found, strings.TrimSpace(line))
			}
		}
		if len(found) > 0 {
			return strings.Join(found, " ")
		}
	}
	return text
}

// recipient is one group of fields of a message/delivery-status (RFC 3464, 2.3).
type recipient struct {
	action, status, diagnostic string
	original, address          string // type and address, as they stand there
}

// maxRecipients bounds them; our mails have one.
const maxRecipients = 50

// recipients reads the groups that speak of a recipient.
func recipients(status []byte) []recipient {
	var out []recipient
	text := strings.ReplaceAll(readable(status), "\r\n", "\n")
	for group := range strings.SplitSeq(text, "\n\n") {
		var r recipient
		field := (*string)(nil)
		for line := range strings.SplitSeq(group, "\n") {
			if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
				if field != nil {
					*field += " " + strings.TrimSpace(line)
				}
				continue
			}
			name, value, _ := strings.Cut(line, ":")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "action":
				field = &r.action
			case "status":
				field = &r.status
			case "diagnostic-code":
				field = &r.diagnostic
			case "original-recipient":
				field = &r.original
			case "final-recipient":
				field = &r.address
			default:
				field = nil
				continue
			}
			*field = strings.TrimSpace(value)
		}
		if r != (recipient{}) && len(out) < maxRecipients {
			r.action, _, _ = strings.Cut(strings.ToLower(r.action), " ") // a comment may follow
			r.status = enhanced.FindString(r.status)
			out = append(out, r)
		}
	}
	return out
}

// judge picks what counts: a failure before all, and the mildest of several.
func judge(all []recipient) recipient {
	var got recipient
	for _, r := range all {
		if r.action == "" && strings.HasPrefix(r.status, "5") {
			r.action = "failed"
		}
		if r.action == "" {
			continue
		}
		milder := r.action == "failed" && got.action == "failed" && got.final() && !r.final()
		if got.action == "" || r.action == "failed" && got.action != "failed" || milder {
			got = r
		}
	}
	return got
}

var (
	// gone are the words with which servers say that there is no such address.
	gone = regexp.MustCompile(`(?i)(user|mailbox|recipient|account|address|addressee|alias)( name| address)? (is |was |are )?(unknown|not found|not known|not exist)|` +
		`unknown (user|recipient|mailbox|address|or illegal alias)|no such (user|mailbox|recipient|person|address|account|domain)|non-?existent (account|user|mailbox|address)|` +
		`(doesn'?t|do not|does not|don't|not) exist|no longer exists|invalid (recipient|mailbox|address|user)|(no mailbox|no user) here|not a valid (mailbox|user|recipient|address)|` +
		`recipientnotfound|recipnotfound|unrouteable address|host or domain name not found|domain (name )?not found|doesn'?t have a \S{1,60} account|` +
		`(account|mailbox|user)( that you tried to reach)? (is |has been |was )?(disabled|deleted|inactive|closed|deactivated|discontinued)|` +
		`不存在|查无此|無此(用户|用戶|收件人)|无此(用户|收件人|邮箱|地址)|未开通`)
	// other are the words of a refusal that has another reason, or may pass.
	other = regexp.MustCompile(`(?i)\bfull\b|quota|exceed|over ?limit|insufficient|disk space|storage|spam|junk|\bblock|blacklist|blocklist|\bpolicy\b|reputation|rate limit|\brate\b|too many|too quick|` +
		`frequency|throttl|gr[ae]ylist|temporar|try(ing)? again later|later\b|denied|virus|too (large|big)|\bspf\b|\bdkim\b|\bdmarc\b|authenticat|relay|` +
		`满|空间不足|容量|垃圾|限制|频率|黑名单|稍后|拒绝`)
)

// final reports whether the address is gone for good. A full mailbox, a policy, a
// refused content are not; in doubt it is not: the next mail will tell.
func (r recipient) final() bool {
	status := r.status
	if generic(status) {
		if code := enhanced.FindString(r.diagnostic); code != "" {
			status = code
		}
	}
	if strings.HasPrefix(status, "4") || other.MatchString(r.diagnostic) {
		return false
	}
	class, rest, _ := strings.Cut(status, ".")
	switch {
	case class == "5" && (rest == "1.1" || rest == "1.2" || rest == "1.3" || rest == "1.6" || rest == "1.10"):
		return true // RFC 3463, 3.2; RFC 7505
	case class == "5" && strings.HasPrefix(rest, "7."), class == "5" && (rest == "1.7" || rest == "1.8"):
		return false // policy; trouble with the sender's address
	}
	return gone.MatchString(r.diagnostic)
}

// generic is a status that says no more than "failed".
func generic(status string) bool {
	return status == "" || status == "5.0.0"
}

var (
	addressInText = regexp.MustCompile(`[^\s<>"'(),;:=]+@[^\s<>"'(),;:]+`)
	typePrefix    = regexp.MustCompile(`(?i)^\s*(smtp|x-[a-z-]+|dns|unix)\s*;\s*`)
)

// maxReason is how much of a server's words is kept, in characters.
const maxReason = 300

// words are what the other side says, without the address: servers repeat it.
func (r recipient) words() string {
	s := typePrefix.ReplaceAllString(r.diagnostic, "")
	s = addressInText.ReplaceAllString(s, "[…]")
	if r.status != "" && !strings.Contains(s, r.status) {
		s = r.status + " " + s
	}
	return cut(strings.Join(strings.Fields(clean(s)), " "), maxReason)
}
