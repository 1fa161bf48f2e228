package inbox_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nudged/notify/inbox"
	"nudged/store/order"
)

// TestRealMailbox sends through a real mail server what comes back after
// reminders, and reads it from the mailbox where that server and a real IMAP
// server meet. They are described by NUDGED_SMTP* (see the tests of the sender) and
//
//	NUDGED_IMAP           host:port, TLS from the first byte
//	NUDGED_IMAP_STARTTLS  host:port of the same with STARTTLS
//	NUDGED_IMAP_USER      and NUDGED_IMAP_PASSWORD, of the mailbox of NUDGED_SMTP_FROM
//	NUDGED_IMAP_CA        PEM file of its certificate
func TestRealMailbox(t *testing.T) {
	if os.Getenv("NUDGED_IMAP") == "" || os.Getenv("NUDGED_SMTP") == "" {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "dovecot") {
			t.Fatal("NUDGED_IMAP or NUDGED_SMTP is not set, and NUDGED_TEST_REQUIRE wants real servers")
		}
		t.Skip("NUDGED_IMAP or NUDGED_SMTP is not set")
	}
	o := realOptions(t, "NUDGED_IMAP", "tls")
	begin := readAll(t, o, inbox.Cursor{}, func(order.Back) {})
	want, last := sendReal(t)
	settled(t, o, last) // the one mail that says nothing

	got := map[string]order.Back{}
	at := begin
	for late := time.Now().Add(time.Minute); time.Now().Before(late); time.Sleep(100 * time.Millisecond) {
		at = readAll(t, o, at, func(b order.Back) {
			if key, ours := want.key(b); ours {
				if old, twice := got[key]; twice {
					t.Errorf("%s came twice: %+v, %+v", key, old, b)
				}
				got[key] = b
			}
		})
		if len(got) == len(want.backs) {
			break
		}
	}
	want.compare(t, got)

	t.Run("STARTTLS, the same again", func(t *testing.T) {
		again := map[string]order.Back{}
		end := readAll(t, realOptions(t, "NUDGED_IMAP_STARTTLS", "starttls"), begin, func(b order.Back) {
			if key, ours := want.key(b); ours {
				again[key] = b
			}
		})
		// What other tests have sent may still arrive.
		most := readAll(t, o, at, func(order.Back) {})
		if end.Validity != at.Validity || end.UID < at.UID || end.UID > most.UID || !maps.EqualFunc(again, got, func(a, b order.Back) bool { return a.Ref == b.Ref && a.At.Equal(b.At) && a.State == b.State }) {
			t.Errorf("ended at %v with %d, want %v with %d", end, len(again), at, len(got))
		}
	})
	t.Run("nothing is changed", func(t *testing.T) { untouched(t, o, begin) })
	t.Run("another numbering", func(t *testing.T) {
		n := 0
		end := readAll(t, o, inbox.Cursor{Validity: at.Validity + 1, UID: at.UID}, func(b order.Back) {
			if _, ours := want.key(b); ours {
				n++
			}
		})
		most := readAll(t, o, at, func(order.Back) {})
		if end.Validity != at.Validity || end.UID < at.UID || end.UID > most.UID || n != len(want.backs) {
			t.Errorf("ended at %v with %d of %d", end, n, len(want.backs))
		}
	})
	t.Run("wrong password", func(t *testing.T) {
		wrong := o
		wrong.Password = "wrong-canary-7"
		err := probe(t, wrong)
		if !errors.Is(err, inbox.ErrRefused) || strings.Contains(err.Error(), "canary") {
			t.Errorf("it said: %v", err)
		}
	})
	t.Run("a certificate nobody knows", func(t *testing.T) {
		strange := o
		strange.CAFile = ""
		if err := probe(t, strange); err == nil || errors.Is(err, inbox.ErrRefused) || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("it said: %v", err)
		}
	})
	t.Run("no such folder", func(t *testing.T) {
		none := o
		none.Folder = "退信"
		if err := probe(t, none); err == nil || !strings.Contains(err.Error(), `folder "退信"`) {
			t.Errorf("it said: %v", err)
		}
	})
}

func realOptions(t *testing.T, env, security string) inbox.Options {
	t.Helper()
	host, portText, err := net.SplitHostPort(os.Getenv(env))
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		t.Fatal(err)
	}
	return inbox.Options{
		Host: host, Port: port, User: os.Getenv("NUDGED_IMAP_USER"), Password: order.Secret(os.Getenv("NUDGED_IMAP_PASSWORD")),
		Security: security, CAFile: os.Getenv("NUDGED_IMAP_CA"), Own: []order.Email{order.NormalEmail(os.Getenv("NUDGED_SMTP_FROM"))},
	}
}

func readAll(t *testing.T, o inbox.Options, from inbox.Cursor, take func(order.Back)) inbox.Cursor {
	t.Helper()
	m, err := inbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	at, err := m.Read(t.Context(), from, func(b order.Back) error { take(b); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if bad := m.Last().Bad; bad != 0 {
		t.Errorf("%d mails could not be read", bad)
	}
	return at
}

func probe(t *testing.T, o inbox.Options) error {
	t.Helper()
	m, err := inbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m.Probe(t.Context())
}

// expected are the Backs by the message or token that they are about.
type expected struct{ backs map[string]order.Back }

func (e expected) key(b order.Back) (string, bool) {
	for _, key := range []string{b.Message, b.Token} {
		if _, ours := e.backs[key]; ours && key != "" {
			return key, true
		}
	}
	return "", false
}

func (e expected) compare(t *testing.T, got map[string]order.Back) {
	t.Helper()
	for key, want := range e.backs {
		b, came := got[key]
		switch {
		case !came:
			t.Errorf("%s of %s never came", want.State, key)
			continue
		case b.State != want.State || b.Final != want.Final || b.Email != want.Email || b.Channel != order.ByEmail || b.Token != want.Token:
			t.Errorf("%s came as %+v, want %+v", key, b, want)
		case !strings.Contains(b.Words, want.Words) || b.Ref == "" || time.Since(b.At).Abs() > 10*time.Minute:
			t.Errorf("%s at %s, ref %q, says %q, want %q", key, b.At, b.Ref, b.Words, want.Words)
		}
		t.Logf("%-9s final=%-5v %q", b.State, b.Final, b.Words)
	}
}

// sendReal sends reminders that bounce and mails of buyers, and says what they
// should come back as. The last mail, of which only the id is given, is none of
// these.
func sendReal(t *testing.T) (expected, string) {
	t.Helper()
	var (
		seller = os.Getenv("NUDGED_SMTP_FROM")
		buyer  = os.Getenv("NUDGED_SMTP_TO")
		token  = fresh(t)[:20]
		id     = func() string { return fresh(t) + "@nudged.test" }
		gone   = id()
		packed = id()
		asked  = id()
		stops  = id()
		away   = id()
		last   = id()
		want   = expected{backs: map[string]order.Back{
			gone:   {State: order.Bounced, Final: true, Email: "moved@example.test", Words: "5.1.1"},
			packed: {State: order.Bounced, Email: "packed@example.test", Words: "5.2.2"},
			token:  {State: order.OptedOut, Token: token, Email: order.Email(buyer)},
			asked:  {State: order.Replied, Email: order.Email(buyer), Words: "还有货吗?我想要两个㐀𠀀。"},
			stops:  {State: order.OptedOut, Email: order.Email(buyer), Words: "退订"},
		}}
	)
	reminder := "Subject: Your order B-17\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello.\r\n"
	smtpSend(t, seller, "moved@example.test", "Message-ID: <"+gone+">\r\n"+reminder)
	smtpSend(t, seller, "packed@example.test", "Message-ID: <"+packed+">\r\n"+reminder)
	smtpSend(t, buyer, "unsubscribe@nudged.test", "Message-ID: <"+id()+">\r\nAuto-Submitted: auto-generated\r\nSubject: unsubscribe "+token+"\r\n\r\n\r\n")
	chinese := "Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	smtpSend(t, buyer, seller, "Message-ID: <"+id()+">\r\nIn-Reply-To: <"+asked+">\r\nSubject: =?gb18030?B?"+gb(t, "回复:您的订单")+"?=\r\n"+chinese+
		wrapped(gb(t, "还有货吗?我想要两个㐀𠀀。\r\n\r\n------------------ 原始邮件 ------------------\r\n发件人: \"店\"\r\n退订\r\n")))
	smtpSend(t, buyer, seller, "Message-ID: <"+id()+">\r\nReferences: <"+stops+"> <x@y.example>\r\nSubject: Re: Your order B-17\r\n"+chinese+
		wrapped(gb(t, "退订。\r\n\r\n发自我的iPhone\r\n\r\n在 2026年11月22日,店 <"+seller+"> 写道:\r\n> 您好\r\n")))
	smtpSend(t, buyer, seller, "Message-ID: <"+last+">\r\nIn-Reply-To: <"+away+">\r\nSubject: =?gb18030?B?"+gb(t, "自动回复:您的订单")+"?=\r\n"+chinese+wrapped(gb(t, "我在休假。")))
	return want, last
}

// settled waits until the mail with that id is in the mailbox.
func settled(t *testing.T, o inbox.Options, id string) {
	t.Helper()
	c := otherEyes(t, o)
	for late := time.Now().Add(time.Minute); time.Now().Before(late); time.Sleep(100 * time.Millisecond) {
		if err := c.Noop().Wait(); err != nil {
			t.Fatal(err)
		}
		got, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}}}, nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if len(got.AllUIDs()) > 0 {
			return
		}
	}
	t.Fatal("the last mail did not arrive")
}

func fresh(t *testing.T) string {
	t.Helper()
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

func gb(t *testing.T, s string) string {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString([]byte(b))
}

func wrapped(s string) string {
	var lines []string
	for part := range slices.Chunk([]byte(s), 76) {
		lines = append(lines, string(part))
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

// smtpSend hands a mail to the real server, as its own sender.
func smtpSend(t *testing.T, from, to, mail string) {
	t.Helper()
	addr := os.Getenv("NUDGED_SMTP")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	plain := textproto.NewConn(conn)
	host, _, _ := net.SplitHostPort(addr)
	say := func(c *textproto.Conn, code int, format string, args ...any) {
		t.Helper()
		if format != "" {
			if err := c.PrintfLine(format, args...); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := c.ReadResponse(code); err != nil {
			t.Fatalf("to %q: %v", strings.Fields(format + " x")[0], err)
		}
	}
	say(plain, 220, "")
	say(plain, 250, "EHLO localhost")
	say(plain, 220, "STARTTLS")
	secure := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: pool(t, os.Getenv("NUDGED_SMTP_CA"))})
	c := textproto.NewConn(secure)
	login := base64.StdEncoding.EncodeToString([]byte("\x00" + os.Getenv("NUDGED_SMTP_USER") + "\x00" + os.Getenv("NUDGED_SMTP_PASSWORD")))
	say(c, 250, "EHLO localhost")
	say(c, 235, "AUTH PLAIN %s", login)
	say(c, 250, "MAIL FROM:<%s>", from)
	say(c, 250, "RCPT TO:<%s>", to)
	say(c, 354, "DATA")
	head := fmt.Sprintf("From: %s\r\nTo: %s\r\nDate: %s\r\n", from, to, time.Now().Format(time.RFC1123Z))
	say(c, 250, "%s%s\r\n.", head, strings.TrimRight(mail, "\r\n"))
	say(c, 221, "QUIT")
}

func pool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", file)
	}
	return p
}

// untouched looks with other eyes: no mail that was read is marked as read.
func untouched(t *testing.T, o inbox.Options, begin inbox.Cursor) {
	t.Helper()
	c := otherEyes(t, o)
	mails, err := c.Fetch(imap.UIDSet{{Start: imap.UID(begin.UID + 1)}}, &imap.FetchOptions{UID: true, Flags: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range mails {
		if m.UID <= imap.UID(begin.UID) {
			continue
		}
		n++
		for _, flag := range m.Flags {
			if flag != "\\Recent" {
				t.Errorf("mail %d has the flag %s", m.UID, flag)
			}
		}
	}
	if n < 6 {
		t.Errorf("%d mails are left", n)
	}
}

// otherEyes is another client with the mailbox open for reading.
func otherEyes(t *testing.T, o inbox.Options) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialTLS(net.JoinHostPort(o.Host, strconv.Itoa(o.Port)), &imapclient.Options{TLSConfig: &tls.Config{ServerName: o.Host, RootCAs: pool(t, o.CAFile)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(o.User, o.Password.Reveal()).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}
