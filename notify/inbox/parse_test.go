package inbox_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"nudged/notify/inbox"
	"nudged/store/order"
)

const (
	ourID = "0123456789abcdef0123456789abcdef@buckles.example"
	token = "00112233445566778899"
)

var own = []order.Email{"shop@buckles.example"}

// TestReports reads the reports of servers that are kept in testdata.
func TestReports(t *testing.T) {
	type want struct {
		state order.State
		final bool
		words string
	}
	wants := map[string]want{
		"postfix-unknown":      {order.Bounced, true, "550 5.1.1 <[…]>: Recipient address rejected: User unknown in virtual mailbox table"},
		"postfix-headers-only": {order.Bounced, true, "5.0.0 550 No such user here"},
		"postfix-delayed":      {},
		"postfix-expired":      {order.Bounced, false, "4.4.1 connect to mx.example.com[192.0.2.1]:25: Connection timed out"},
		"postfix-no-domain":    {order.Bounced, true, "5.4.4 Host or domain name not found. Name service error for name=gmial.example type=A: Host not found"},
		"postfix-delivered":    {order.Delivered, false, "250 2.0.0 OK"},
		"postfix-relayed":      {},
		"full-522":             {order.Bounced, false, "552 5.2.2 The recipient's inbox is out of storage space"},
		"full-as-511":          {order.Bounced, false, "550 5.1.1 user unknown or mailbox full"},
		"policy-571":           {order.Bounced, false, "550 5.7.1 Recipient not found or message refused"},
		"sender-518":           {order.Bounced, false, "550 5.1.8 Sender address does not exist"},
		"no-status-field":      {order.Bounced, true, "550 User not found: […]"},
		"gmail-unknown":        {order.Bounced, true, "550-5.1.1 The email account that you tried to reach does not exist."},
		"exchange-unknown":     {order.Bounced, true, "550 5.1.10 RESOLVER.ADR.RecipientNotFound"},
		"two-recipients":       {order.Bounced, false, "550 5.7.1 spam"},
		"no-id":                {},
		"somebody-elses-id":    {},
		"read-receipt":         {},
		"exim-plain":           {order.Bounced, true, "550 5.1.1 No such user"},
		"exim-delay":           {},
		"qmail":                {order.Bounced, true, "Sorry, no mailbox here by that name."},
		"netease-unknown":      {order.Bounced, true, "550 User not found"},
		"qq-unknown":           {order.Bounced, true, "不存在"},
		"qq-full":              {order.Bounced, false, "收件人邮箱空间不足"},
		"qq-spam":              {order.Bounced, false, "垃圾邮件"},
		"customer-complains":   {},
		"bad-content-type":     {order.Bounced, true, "5.1.1"},
	}
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) != len(wants) {
		t.Fatalf("%d files for %d expectations, %v", len(files), len(wants), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".eml")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, known := wants[name]
			if !known {
				t.Fatal("nothing is expected of it")
			}
			for _, raw := range [][]byte{raw, bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))} {
				b, is, err := inbox.Parse(raw, own)
				if err != nil || is != (want.state != "") {
					t.Fatalf("is %v, %v: %+v", is, err, b)
				}
				if !is {
					continue
				}
				email := order.Email("mary@example.com")
				if name == "two-recipients" {
					email = "other@example.com"
				}
				if b.State != want.state || b.Final != want.final || b.Message != ourID || b.Email != email || b.Token != "" || b.Ref == "" || b.Channel != order.ByEmail {
					t.Errorf("it came as %+v", b)
				}
				if !strings.Contains(b.Words, want.words) || strings.Contains(b.Words, "mary") {
					t.Errorf("it says %q, want %q", b.Words, want.words)
				}
				if !b.At.Equal(time.Date(2026, 11, 22, 5, 25, 55, 0, time.UTC)) {
					t.Errorf("it is from %s", b.At)
				}
			}
		})
	}
}

// reply is a mail of a buyer, to a reminder.
func reply(subject, contentType, body string, headers ...string) []byte {
	return []byte("Message-ID: <r1@example.com>\r\nFrom: Mary <Mary@Example.com>\r\nTo: shop@buckles.example\r\nIn-Reply-To: <" + ourID + ">\r\nSubject: " + subject +
		"\r\nDate: Sun, 22 Nov 2026 05:25:55 +0000\r\nMIME-Version: 1.0\r\nContent-Type: " + contentType + "\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n" + body)
}

const plain = "text/plain; charset=utf-8"

func TestReplies(t *testing.T) {
	for name, c := range map[string]struct {
		raw   []byte
		state order.State
		words string
	}{
		"plain":           {reply("Re: Your order", plain, "Is it still there?\r\n\r\nOn Sat, 21 Nov 2026 at 10:00, Buckles <shop@buckles.example> wrote:\r\n> Hello\r\n> unsubscribe\r\n"), order.Replied, "Is it still there?"},
		"folded head":     {reply("Re: Your order", plain, "Yes\r\n\r\nOn Saturday the 21st of November 2026 at 10:00 in the morning, Buckles\r\n<shop@buckles.example> wrote:\r\n\r\nHello\r\n"), order.Replied, "Yes"},
		"below":           {reply("Re: Your order", plain, "On Saturday, Buckles wrote:\r\n> Hello\r\n>\r\n> Is there a question?\r\n\r\nYes: which colours?\r\n\r\n> Yours\r\n\r\nThanks\r\n-- \r\nMary\r\n"), order.Replied, "Yes: which colours?\n\nThanks"},
		"outlook":         {reply("RE: Your order", plain, "Please call me.\r\n\r\nFrom: Buckles <shop@buckles.example>\r\nSent: Saturday, November 21, 2026 10:00 AM\r\nTo: Mary\r\nSubject: Your order\r\n\r\nHello\r\n"), order.Replied, "Please call me."},
		"outlook line":    {reply("RE: Your order", plain, "OK\r\n________________________________\r\nFrom: x\r\n"), order.Replied, "OK"},
		"qq, wide":        {reply("回复\uff1a订单", plain, "好\r\n\r\n发件人\uff1a店\r\n退订\r\n"), order.Replied, "好"},
		"wrote, wide":     {reply("回复\uff1a订单", plain, "好\r\n\r\n于2026年11月21日\uff0c店写道\uff1a\r\n退订\r\n"), order.Replied, "好"},
		"qq":              {reply("回复:订单", plain, "什么时候发货\r\n\r\n\r\n------------------ 原始邮件 ------------------\r\n发件人: \"店\";\r\n退订\r\n"), order.Replied, "什么时候发货"},
		"netease":         {reply("回复:订单", plain, "多少钱?\r\n\r\n---- 回复的原邮件 ----\r\n| 发件人 | 店 |\r\n"), order.Replied, "多少钱?"},
		"apple zh":        {reply("回复:订单", plain, "好的\r\n\r\n发自我的 iPhone\r\n\r\n> 在 2026年11月21日,10:00,店 <shop@buckles.example> 写道:\r\n>\r\n> 您好\r\n"), order.Replied, "好的"},
		"phone":           {reply("Re: x", plain, "Will pay tonight\r\n\r\nSent from my Samsung Galaxy smartphone.\r\n"), order.Replied, "Will pay tonight"},
		"sent from China": {reply("Re: x", plain, "Sent from China?\r\nHow long?\r\n"), order.Replied, "Sent from China?\nHow long?"},
		"only quotes":     {reply("Re: x", plain, "> Hello\r\n> unsubscribe\r\n"), order.Replied, ""},
		"html":            {reply("Re: x", "text/html; charset=utf-8", `<html><head><title>t</title><style>a{}</style></head><body><div>Is it <b>red</b>?<br>Mary &amp; Tom</div><div class="gmail_quote"><div>On Sat wrote:</div><blockquote>unsubscribe</blockquote></div></body></html>`), order.Replied, "Is it red?\nMary & Tom"},
		"html quote":      {reply("Re: x", "text/html; charset=utf-8", `<p>One</p><blockquote type="cite"><p>stop</p><blockquote>deep</blockquote><p>more</p></blockquote><p>Two</p><script>evil()</script><span style="display: none">hidden</span>`), order.Replied, "One\n\nTwo"},
		"outlook html":    {reply("Re: x", "text/html; charset=utf-8", `<body><div>Please wait</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> shop</div><div>stop</div></body>`), order.Replied, "Please wait"},
		"open head":       {reply("Re: x", "text/html; charset=utf-8", `<html><head><meta charset=utf-8><body><p>Hi there</p>`), order.Replied, "Hi there"},
		"alternative": {reply("Re: x", `multipart/alternative; boundary="b"`, "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n \r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=C3=A9?</p>\r\n--b--\r\n"),
			order.Replied, "café?"},
		"attachment first": {reply("Re: x", `multipart/mixed; boundary="b"`, "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=stop.txt\r\n\r\nstop\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the photo\r\n--b--\r\n"),
			order.Replied, "See the photo"},
		"no charset, GBK":   {reply("Re: x", "text/plain", gbk(t, "请问还有货吗")), order.Replied, "请问还有货吗"},
		"gb2312 in base64":  {reply("Re: x", "text/plain; charset=gb2312", base64.StdEncoding.EncodeToString([]byte(gbk(t, "退订"))), "Content-Transfer-Encoding: base64"), order.OptedOut, "退订"},
		"gb18030":           {reply("Re: x", `text/plain; charset="GB18030"`, gbk(t, "𠀀退订不了吗"), "Content-Transfer-Encoding: 8bit"), order.Replied, "𠀀退订不了吗"},
		"unknown charset":   {reply("Re: x", "text/plain; charset=x-nobody-knows", "请问"), order.Replied, "请问"},
		"wrong charset":     {reply("Re: x", "text/plain; charset=utf-8", gbk(t, "退订")), order.OptedOut, "退订"},
		"big5":              {reply("Re: x", "text/plain; charset=big5", "\xb0\x68\xad\x71"), order.OptedOut, "退訂"},
		"unknown encoding":  {reply("Re: x", plain, "Hello", "Content-Transfer-Encoding: x-rot13"), order.Replied, "Hello"},
		"broken base64":     {reply("Re: x", plain, "SGVsbG8gd29ybGQh!!!***", "Content-Transfer-Encoding: base64"), order.Replied, "Hello world!"},
		"opt out":           {reply("Re: x", plain, "Unsubscribe\r\n\r\nMary Miller\r\n12 Street\r\n"), order.OptedOut, "Unsubscribe\n\nMary Miller\n12 Street"},
		"opt out, polite":   {reply("Re: x", plain, "Hello,\r\nplease stop.\r\n"), order.OptedOut, "Hello,\nplease stop."},
		"opt out, subject":  {reply("退订", plain, ""), order.OptedOut, ""},
		"no opt out":        {reply("Re: x", plain, "Please do not cancel my order, I want to unsubscribe from nothing\r\n"), order.Replied, "Please do not cancel my order, I want to unsubscribe from nothing"},
		"cancel the order":  {reply("Re: x", plain, "cancel\r\nthe blue one please\r\n"), order.Replied, "cancel\nthe blue one please"},
		"junk in the head":  {append([]byte("From mary Sat Nov 21\r\nno field at all\r\n"), reply("Re: x", plain, "Hi")...), order.Replied, "Hi"},
		"control marks":     {reply("Re: x", plain, "a\x00b\u202ec\x1b[31m\u200bd"), order.Replied, "abc[31md"},
		"References only":   {bytes.Replace(reply("Re: x", plain, "Hi"), []byte("In-Reply-To: <"+ourID+">"), []byte("In-Reply-To: <other@example.org>\r\nReferences: <a@b.c> <"+ourID+">\r\n <d@e.f>"), 1), order.Replied, "Hi"},
		"Auto-Submitted no": {reply("Re: x", plain, "Hi", "Auto-Submitted: no"), order.Replied, "Hi"},
	} {
		t.Run(name, func(t *testing.T) {
			b, is, err := inbox.Parse(c.raw, own)
			if err != nil || !is {
				t.Fatalf("is %v, %v", is, err)
			}
			want := order.Back{At: b.At, Channel: order.ByEmail, State: c.state, Ref: "r1@example.com", Message: ourID, Email: "mary@example.com", Words: c.words}
			if b != want {
				t.Errorf("it came as %+v", b)
			}
		})
	}
}

func gbk(t *testing.T, s string) string {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNothingToDoWithUs(t *testing.T) {
	stranger := func(subject, body string, headers ...string) []byte {
		return bytes.Replace(reply(subject, plain, body, headers...), []byte("In-Reply-To: <"+ourID+">"), []byte("In-Reply-To: <CAF+1@mail.example.org>"), 1)
	}
	for name, raw := range map[string][]byte{
		"another talk":        stranger("Re: lunch", "See you at noon"),
		"from ourselves":      bytes.Replace(reply("Re: x", plain, "unsubscribe"), []byte("Mary <Mary@Example.com>"), []byte("Buckles <SHOP@buckles.example>"), 1),
		"token from us":       bytes.Replace(reply("unsubscribe "+token, plain, ""), []byte("Mary <Mary@Example.com>"), []byte("shop@buckles.example"), 1),
		"no sender":           bytes.Replace(reply("Re: x", plain, "stop"), []byte("From: Mary <Mary@Example.com>\r\n"), nil, 1),
		"Auto-Submitted":      reply("Re: x", plain, "stop", "Auto-Submitted: auto-replied"),
		"Precedence":          reply("Re: x", plain, "stop", "Precedence: bulk"),
		"X-Autoreply":         reply("Re: x", plain, "stop", "X-Autoreply: yes"),
		"X-Autorespond":       reply("Re: x", plain, "stop", "X-Autorespond: Re: x"),
		"newsletter":          stranger("News", "unsubscribe", "List-Unsubscribe: <mailto:x@y.example>"),
		"list":                stranger("News", "unsubscribe", "List-Id: <x.y.example>"),
		"empty path":          reply("Re: x", plain, "away", "Return-Path: <>"),
		"自动回复":                reply("自动回复\uff1a您的订单", plain, "我在休假"),
		"自动回复, encoded":       reply("=?gb2312?B?"+base64.StdEncoding.EncodeToString([]byte(gbk(t, "自动回复: x")))+"?=", plain, "我在休假"),
		"自动回复, QP":            reply("=?utf-8?Q?=E8=87=AA=E5=8A=A8=E5=9B=9E=E5=A4=8D?=", plain, "我在休假"),
		"Automatic reply":     reply("Automatic reply: Your order", plain, "I am away"),
		"Re: Out of office":   reply("Re: [Out of Office] Your order", plain, "I am away"),
		"no-reply":            bytes.Replace(reply("Re: x", plain, "stop"), []byte("Mary@Example.com"), []byte("no-reply@example.com"), 1),
		"bounce without mark": reply("Undelivered Mail", plain, "stop by", "Return-Path: <x@y.example>", "Auto-Submitted: auto-generated"),
		"looks like a token":  stranger("unsubscribe from the newsletters-of-2026 please", "Hi"),
		"an id that is not":   bytes.Replace(reply("Re: x", plain, "Hi"), []byte(ourID), []byte(strings.ToUpper(ourID)), 1),
	} {
		t.Run(name, func(t *testing.T) {
			if b, is, err := inbox.Parse(raw, own); is || err != nil || b != (order.Back{}) {
				t.Errorf("it came as %+v, %v", b, err)
			}
		})
	}
}

func TestUnsubscribe(t *testing.T) {
	for name, c := range map[string]struct{ raw, message, words string }{
		"as asked":        {raw: "Subject: unsubscribe " + token + "\r\n\r\n"},
		"by a program":    {raw: "Subject: unsubscribe " + token + "\r\nAuto-Submitted: auto-generated\r\nPrecedence: bulk\r\nReturn-Path: <>\r\n\r\nThis message was automatically generated by the mail program.\r\n", words: "This message was automatically generated by the mail program."},
		"not decoded":     {raw: "Subject: unsubscribe%20" + token + "\r\n\r\n"},
		"plus":            {raw: "Subject: Unsubscribe+" + strings.ToUpper(token) + "\r\n\r\n"},
		"by a gateway":    {raw: "Subject: [EXTERNAL] Re: unsubscribe  " + token + "\r\n\r\n"},
		"encoded":         {raw: "Subject: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte("unsubscribe "+token)) + "?=\r\n\r\n"},
		"folded":          {raw: "Subject: unsubscribe\r\n " + token + "\r\n\r\n"},
		"in the body":     {raw: "Subject: hello\r\n\r\nunsubscribe " + token + "\r\n", words: "unsubscribe " + token},
		"in the address":  {raw: "Subject: hello\r\nTo: <unsubscribe+" + token + "@buckles.example>\r\n\r\n"},
		"with our id too": {raw: "Subject: unsubscribe " + token + "\r\nIn-Reply-To: <" + ourID + ">\r\n\r\n", message: ourID},
	} {
		t.Run(name, func(t *testing.T) {
			b, is, err := inbox.Parse([]byte("From: mary@example.com\r\nMessage-Id: <u1@example.com>\r\n"+c.raw), own)
			want := order.Back{Channel: order.ByEmail, State: order.OptedOut, Ref: "u1@example.com", Token: token, Email: "mary@example.com", Message: c.message, Words: c.words}
			if err != nil || !is || b != want {
				t.Errorf("it came as %v %+v, %v", is, b, err)
			}
		})
	}
}

// A mail without an id is still told from others, and known again.
func TestRefWithoutID(t *testing.T) {
	ref := func(text string) string {
		b, is, err := inbox.Parse([]byte("From: mary@example.com\r\nIn-Reply-To: <"+ourID+">\r\n\r\n"+text), own)
		if err != nil || !is {
			t.Fatal(is, err)
		}
		return b.Ref
	}
	first, again, other := ref("a"), ref("a"), ref("b")
	if first == "" || first != again || first == other {
		t.Errorf("refs are %q, %q and %q", first, again, other)
	}
}

func TestWordsAreCut(t *testing.T) {
	b, is, err := inbox.Parse(reply("Re: x", plain, strings.Repeat("字", 100_000)), own)
	if n := len([]rune(b.Words)); err != nil || !is || n != 2000 || !strings.HasSuffix(b.Words, "字…") {
		t.Errorf("%v, %v: %d characters", is, err, n)
	}
}

func TestUnreadable(t *testing.T) {
	for _, raw := range []string{"", "\r\n", "\x00\xff\xfe", "no header at all\nnot one"} {
		if b, is, err := inbox.Parse([]byte(raw), own); is || err == nil {
			t.Errorf("%q came as %+v", raw, b)
		} else if strings.Contains(err.Error(), "no header at all") {
			t.Errorf("the error shows the mail: %v", err)
		}
	}
}

// What is made to cost much costs little.
func TestHostileSizes(t *testing.T) {
	deep := &strings.Builder{}
	for n := range 5000 {
		fmt.Fprintf(deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", n, n)
	}
	wide := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\n\r\n", 50_000)
	same := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 5000)
	head := "From: mary@example.com\r\nIn-Reply-To: <" + ourID + ">\r\nMessage-Id: <r1@example.com>\r\nMIME-Version: 1.0\r\n"
	for name, raw := range map[string]string{
		"deep": head + deep.String(), "wide": head + wide, "same boundary": head + same,
		"long header":  head + "Subject: " + strings.Repeat("=?utf-8?Q?a?= ", 1<<20) + "\r\n\r\nHi",
		"many fields":  head + strings.Repeat("X-A: b\r\n", 1<<20) + "\r\nHi",
		"references":   head + "References: " + strings.Repeat("<a@b.c> ", 1<<20) + "\r\n\r\nHi",
		"many ids":     "From: mailer-daemon@x.example\r\nSubject: Undelivered\r\n\r\n" + strings.Repeat("Message-ID: <a@b.c>\r\n", 1<<20),
		"quotes":       head + "\r\n" + strings.Repeat("> ", 1<<20) + "\r\n" + strings.Repeat("On ", 1<<20),
		"wrote":        head + "\r\n" + strings.Repeat("On a wrote: b\r\n", 1<<18),
		"html":         head + "Content-Type: text/html\r\n\r\n" + strings.Repeat("<blockquote>", 1<<18),
		"attributes":   head + "Content-Type: text/html\r\n\r\n<p " + strings.Repeat("a ", 1<<20) + ">",
		"50 MB":        head + "\r\nHi\r\n" + strings.Repeat("x", 50<<20),
		"status":       head + "Subject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + strings.Repeat("Action: failed\r\n\r\n", 1<<18),
		"base64 words": head + "Subject: " + strings.Repeat("=?gb18030?B?zcu2qQ==?=\r\n ", 1<<18) + "\r\n\r\nHi",
	} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			b, _, err := inbox.Parse([]byte(raw), own)
			if spent := time.Since(started); spent > time.Minute { // what grew with the square would take hours
				t.Errorf("it took %s", spent)
			}
			if err != nil || len([]rune(b.Words)) > 2000 {
				t.Errorf("%d bytes of words, %v", len(b.Words), err)
			}
		})
	}
}

// FuzzParse holds what must be so whatever comes.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.eml")
	for _, file := range files {
		if raw, err := os.ReadFile(file); err == nil {
			f.Add(raw)
		}
	}
	f.Add(reply("Re: x", `multipart/alternative; boundary="b"`, "--b\r\nContent-Type: text/html; charset=gb18030\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=C3=A9?</p>\r\n--b--\r\n"))
	f.Add(reply("=?gb2312?Q?=CD=CB=B6=A9?=", plain, "退订\r\n在 2026年 店 写道:\r\n> x\r\n"))
	f.Add([]byte("From: a@b.c\r\nSubject: unsubscribe " + token + "\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, is, err := inbox.Parse(raw, own)
		if err != nil && (is || strings.Contains(err.Error(), "panic")) {
			t.Fatalf("%v, %v", is, err)
		}
		if !is {
			if b != (order.Back{}) {
				t.Fatalf("nothing, and %+v", b)
			}
			return
		}
		switch {
		case b.Ref == "" || b.Channel != order.ByEmail || len([]rune(b.Words)) > 2000 || strings.ContainsAny(b.Words, "\x00\r\x1b"):
			t.Errorf("%+v", b)
		case b.Email == own[0]:
			t.Errorf("ourselves: %+v", b)
		case (b.State == order.Bounced || b.State == order.Delivered) && b.Message == "":
			t.Errorf("a report that could be about anything: %+v", b)
		case b.State == order.Replied && (b.Message == "" || b.Email == "" || b.Final || b.Token != ""):
			t.Errorf("a reply to nothing of ours: %+v", b)
		case b.State == order.OptedOut && b.Token == "" && b.Email == "":
			t.Errorf("an opt-out of nobody: %+v", b)
		}
	})
}
