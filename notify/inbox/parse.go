package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message/charset"

	"nudged/notify"
	"nudged/store/order"
)

// Parse says what a mail means; false if nothing that matters here. own are the
// shops' own addresses.
//
// It believes no more than the mail can show. A bounce always names the message
// that came back; its Email is whom that did not reach, as the report says, and
// suppresses nobody unless the message did go there. Email is else who a reply or
// an unsubscribe mail says it is from. At is the Date of the header, which may be
// wrong or zero.
func Parse(raw []byte, own []order.Email) (b order.Back, is bool, err error) {
	// Other people's decoders run here over other people's bytes: one mail must
	// not end the program.
	defer func() {
		if p := recover(); p != nil {
			b, is, err = order.Back{}, false, errors.New("inbox: a mail that makes the decoder panic")
		}
	}()
	m, err := read(raw)
	if err != nil {
		return order.Back{}, false, err
	}
	from := m.from()
	if from != "" && slices.Contains(own, from) {
		return order.Back{}, false, nil
	}
	b = order.Back{Channel: order.ByEmail, Ref: m.ref(raw), Message: m.about()}
	b.At, _ = mail.ParseDate(m.Get("Date"))
	is = m.fill(&b, from)
	if !is {
		return order.Back{}, false, nil
	}
	return b, true, nil
}

// fill decides what it is. The token comes first: mail programs send that mail
// by themselves, and mark it as automatic.
func (m *letter) fill(b *order.Back, from order.Email) bool {
	if b.Token = m.token(); b.Token != "" {
		b.State, b.Email, b.Words = order.OptedOut, from, ownText(m)
		return true
	}
	if v, is := m.bounce(); is {
		b.State, b.Final, b.Words, b.Email, b.Message = v.state, v.final, v.words, v.email, m.returnedID()
		return v.state != "" && b.Message != ""
	}
	if from == "" || m.automatic() {
		return false
	}
	b.Email, b.Words = from, ownText(m)
	if found := tokenWords.FindStringSubmatch(b.Words); found != nil {
		b.State, b.Token = order.OptedOut, strings.ToLower(found[1])
		return true
	}
	// The subject may say it by itself: it counts as a first line.
	if notify.OptsOutIn(b.Words) || notify.OptsOutIn(m.subject()+"\n"+b.Words) {
		b.State = order.OptedOut
		return true
	}
	b.State = order.Replied
	return b.Message != ""
}

var (
	// tokenWords is what the List-Unsubscribe of our mails asks for. Some programs
	// leave the blank of the URI as it stood there.
	tokenWords = regexp.MustCompile(`(?i)\bunsubscribe(?:%20|[\s+:=_])+([0-9a-f]{16,64})\b`)
	tokenInTo  = regexp.MustCompile(`(?i)\bunsubscribe[+=-]([0-9a-f]{16,64})@`)
	angled     = regexp.MustCompile(`<\s*([^<>\s]{3,250})\s*>`)
	// ours is the shape of [notify.MessageID].
	ours       = regexp.MustCompile(`^[0-9a-f]{32}@[^@\s]{1,200}$`)
	returnedID = regexp.MustCompile(`(?im)^[\s>]*(?:x-)?(?:original-)?message-id:\s*<([^<>\s]{3,250})>`)
)

// token is the unsubscribe token that the mail carries in subject or recipient.
func (m *letter) token() string {
	if found := tokenWords.FindStringSubmatch(m.subject()); found != nil {
		return strings.ToLower(found[1])
	}
	for _, key := range []string{"To", "Cc", "Delivered-To", "X-Original-To"} {
		if found := tokenInTo.FindStringSubmatch(m.Get(key)); found != nil {
			return strings.ToLower(found[1])
		}
	}
	return ""
}

// about is the message of ours that it answers: the nearest first.
func (m *letter) about() string {
	ids := angled.FindAllStringSubmatch(cutBytes(m.Get("In-Reply-To")), -1)
	refs := angled.FindAllStringSubmatch(cutBytes(m.Get("References")), -1)
	slices.Reverse(refs)
	return firstOurs(append(ids, refs...))
}

// returnedID is the message that a report is about: the id in the header that it
// returns, or what else servers put where. Gmail and Exchange answer it.
func (m *letter) returnedID() string {
	for _, in := range []string{string(m.returned), readable(m.status)} {
		if id := firstOurs(returnedID.FindAllStringSubmatch(in, -1)); id != "" {
			return id
		}
	}
	for _, key := range []string{"X-Original-Message-Id", "Original-Message-Id", "X-Failed-Message-Id", "X-Message-Id"} {
		value := strings.Trim(strings.TrimSpace(m.Get(key)), "<>")
		if ours.MatchString(value) {
			return value
		}
	}
	if id := m.about(); id != "" {
		return id
	}
	return firstOurs(returnedID.FindAllStringSubmatch(m.text, -1))
}

func firstOurs(found [][]string) string {
	for _, f := range found {
		if ours.MatchString(f[1]) {
			return f[1]
		}
	}
	return ""
}

// cutBytes bounds a header: References of a long thread may be endless.
func cutBytes(s string) string { return s[:min(len(s), 32<<10)] }

// automaticSubject is how absence notices begin.
var automaticSubject = regexp.MustCompile(`(?i)^\W*((re|aw|回复|答复)\s*[:\x{FF1A}]\s*)?\W*(auto(matic)?[- ]?(reply|response|responder)|auto:|out of (the )?office|on vacation|vacation|abwesenheit|réponse automatique|respuesta automática|` +
	`自动回复|自動回覆|自动答复|自動回復|自动应答|休假|外出通知)`)

// robots write for a system and read no answers.
var robots = regexp.MustCompile(`(?i)^(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer[-_.]?daemon|postmaster|bounces?|notifications?)([-+_.][^@]*)?@`)

// automatic reports whether a program wrote it (RFC 3834, and what was usual
// before): an absence notice, a newsletter, a receipt.
func (m *letter) automatic() bool {
	if v := strings.ToLower(strings.TrimSpace(m.Get("Auto-Submitted"))); v != "" && !strings.HasPrefix(v, "no") {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(m.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply", "auto-reply":
		return true
	}
	for _, key := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Vacation", "List-Id", "List-Unsubscribe", "Feedback-Id"} {
		if m.Has(key) && !strings.EqualFold(strings.TrimSpace(m.Get(key)), "no") {
			return true
		}
	}
	if strings.TrimSpace(m.Get("Return-Path")) == "<>" || strings.HasPrefix(m.mediaType, "multipart/report") {
		return true
	}
	return automaticSubject.MatchString(m.subject()) || robots.MatchString(m.from().Reveal())
}

// maxSubject bounds what is decoded of a subject, in bytes.
const maxSubject = 4 << 10

func (m *letter) subject() string {
	raw := m.Get("Subject")
	raw = raw[:min(len(raw), maxSubject)]
	s, err := (&mime.WordDecoder{CharsetReader: charset.Reader}).DecodeHeader(raw)
	if err != nil {
		s = raw
	}
	return cut(clean(readable([]byte(s))), 500)
}

// bareAddress finds an address where the header is not a proper one.
var bareAddress = regexp.MustCompile(`[^\s<>"'(),;:@]{1,64}@[^\s<>"'(),;:@]{1,200}`)

func (m *letter) from() order.Email {
	value := cutBytes(m.Get("From"))
	if list, err := mail.ParseAddressList(value); err == nil && len(list) > 0 {
		return order.NormalEmail(list[0].Address)
	}
	if all := bareAddress.FindAllString(value, -1); len(all) > 0 {
		return order.NormalEmail(strings.Trim(all[len(all)-1], ".")) // a name may look like an address; the real one stands last
	}
	return ""
}

// ref names this mail: its own id, or what it says if it has none.
func (m *letter) ref(raw []byte) string {
	if found := angled.FindStringSubmatch(cutBytes(m.Get("Message-Id"))); found != nil {
		return found[1]
	}
	sum := sha256.Sum256(raw[:min(len(raw), maxMail)])
	return "sha256:" + hex.EncodeToString(sum[:])
}
