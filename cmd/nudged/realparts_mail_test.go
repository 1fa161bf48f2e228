package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nudged/store/order"
)

// box gives the mails of a mailbox by the names of their files. An IMAP server
// moves files, and adds flags to their names.
func (r *realParts) box(name string) map[string][]byte {
	r.t.Helper()
	all := map[string][]byte{}
	for _, folder := range []string{"new", "cur"} {
		files, err := filepath.Glob(filepath.Join(r.post.boxes, name, folder, "*"))
		if err != nil {
			r.t.Fatal(err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				continue // moved just now; whoever waits looks again
			}
			base, _, _ := strings.Cut(filepath.Base(file), ":")
			all[base] = raw
		}
	}
	return all
}

// mail waits for the one mail that holds all the words as they are.
func (r *realParts) mail(box string, words ...string) []byte {
	r.t.Helper()
	var found [][]byte
	r.await(fmt.Sprintf("a mail with %q in %s", words, box), func() bool {
		found = nil
		for _, raw := range r.box(box) {
			missing := false
			for _, w := range words {
				missing = missing || !strings.Contains(string(raw), w)
			}
			if !missing {
				found = append(found, raw)
			}
		}
		return len(found) > 0
	})
	if len(found) > 1 {
		r.t.Fatalf("%d mails with %q are in %s", len(found), words, box)
	}
	return found[0]
}

// letter waits for the message of this id.
func (r *realParts) letter(box, id string) letter {
	r.t.Helper()
	l, err := caught{Raw: r.mail(box, "Message-ID: <"+id+">")}.open()
	if err != nil {
		r.t.Fatal(err)
	}
	return l
}

// newLetter waits for a mail to the seller that was not there before.
func (r *realParts) newLetter(before map[string][]byte, subject string) letter {
	r.t.Helper()
	var found letter
	r.await(fmt.Sprintf("a mail %q to the seller", subject), func() bool {
		for name, raw := range r.box("seller") {
			if _, old := before[name]; old {
				continue
			}
			l, err := caught{Raw: raw}.open()
			if err == nil && strings.HasPrefix(l.Subject, subject) {
				found = l
				return true
			}
		}
		return false
	})
	return found
}

// fresh counts what came to the seller meanwhile.
func (r *realParts) fresh(before map[string][]byte) int {
	r.t.Helper()
	n := 0
	for name := range r.box("seller") {
		if _, old := before[name]; !old {
			n++
		}
	}
	return n
}

// readLetter is what a buyer sees.
func (r *realParts) readLetter(who string, l letter) {
	r.t.Helper()
	wants(r.t, l.Subject, r.order(who))
	wants(r.t, l.Text, "李雷", "黄铜皮带扣", "128.00", "https://belts.example/account/orders/"+r.order(who))
	wants(r.t, l.HTML, "李雷", "黄铜皮带扣", "https://belts.example/account/orders/"+r.order(who))
	wants(r.t, l.Header.Get("List-Unsubscribe"), "<mailto:unsubscribe@nudged.test?subject=unsubscribe%20")
	for name, value := range l.Header {
		if name != "To" && name != "Delivered-To" && name != "X-Original-To" && name != "Received" && strings.Contains(fmt.Sprint(value), r.address(who)) {
			r.t.Errorf("%s of the mail names the buyer: %q", name, value)
		}
	}
}

// backByMail is what the mail server and two buyers do with what they got. The
// token alone tells who unsubscribes: it comes from another address.
func (r *realParts) backByMail() {
	r.t.Helper()
	dsn := string(r.mail("seller", "multipart/report", r.message("moved", "first")))
	wants(r.t, dsn, "report-type=delivery-status", "message/delivery-status", "Status: 5.1.1", "Return-Path: <>")

	header := r.letter("customers", r.message("leaves", "first")).Header.Get("List-Unsubscribe")
	link, err := url.Parse(strings.Trim(header, "<>"))
	if err != nil || link.Scheme != "mailto" {
		r.t.Fatalf("List-Unsubscribe is %q: %v", header, err)
	}
	r.submit("elsewhere-"+r.id+"@example.test", link.Opaque, "Subject: "+link.Query().Get("subject")+"\r\n\r\n\r\n")

	gb := func(s string) string {
		coded, err := simplifiedchinese.GB18030.NewEncoder().String(s)
		if err != nil {
			r.t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString([]byte(coded))
	}
	r.submit(r.address("answers"), "seller@nudged.test", "In-Reply-To: <"+r.message("answers", "first")+">\r\n"+
		"Subject: =?gb18030?B?"+gb("回复:您的订单")+"?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
		gb("还有货吗?我想要两个㐀𠀀。\r\n\r\n------------------ 原始邮件 ------------------\r\n发件人: \"皮带铺\"\r\n如不想再收到此类邮件,请回复“退订”。\r\n")+"\r\n")
}

// submit hands a mail of somebody else's to the mail server.
func (r *realParts) submit(from, to, mail string) {
	r.t.Helper()
	pem, err := os.ReadFile(r.post.ca)
	if err != nil {
		r.t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	c, err := smtp.DialStartTLS(net.JoinHostPort(r.post.host, r.post.port), &tls.Config{ServerName: r.post.host, RootCAs: trusted, MinVersion: tls.VersionTLS12})
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", r.post.user, r.post.password)); err != nil {
		r.t.Fatal(err)
	}
	head := fmt.Sprintf("From: %s\r\nTo: %s\r\nDate: %s\r\nMessage-ID: <%d.%s@example.test>\r\n", from, to, time.Now().Format(time.RFC1123Z), time.Now().UnixNano(), r.id)
	if err := c.SendMail(from, []string{to}, strings.NewReader(head+mail)); err != nil {
		r.t.Fatal(err)
	}
	if err := c.Quit(); err != nil {
		r.t.Fatal(err)
	}
}

// takenIn waits until all that came back is on record, and sees what follows.
func (r *realParts) takenIn() {
	r.t.Helper()
	want := map[string]order.State{
		"moved": order.Bounced, "leaves": order.OptedOut, "answers": order.Replied,
		"tuiding": order.OptedOut, "stop": order.OptedOut, "asks": order.Replied,
	}
	for who, state := range want {
		r.await(fmt.Sprintf("the reminder of %s to be %s", who, state), func() bool {
			r.d.readInbox(r.t.Context())
			return r.state("belts", r.order(who), "first").State == state
		})
	}
	for who, state := range want {
		yes, why, err := r.db.Suppressed(r.buyer(who))
		if err != nil || yes != (state != order.Replied) {
			r.t.Errorf("%s is not written to: %v %q %v", who, yes, why, err)
		}
	}
	if yes, _, err := r.db.Suppressed(order.Buyer{Email: order.Email("elsewhere-" + r.id + "@example.test")}); err != nil || yes {
		r.t.Errorf("who sent the token for another is suppressed: %v %v", yes, err)
	}
}

// message is the id under which a step went out.
func (r *realParts) message(who, step string) string {
	r.t.Helper()
	events, err := r.db.LedgerOf(order.Key{Shop: "belts", ID: r.order(who)})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range events {
		if e.Key.Step == step && e.State == order.Sent && strings.Contains(e.Message, "@") {
			return e.Message
		}
	}
	r.t.Fatalf("step %s of %s has no message: %+v", step, who, events)
	return ""
}
