package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

// startCentre notes where this run begins, and gives it phones that no other run
// has used: one of them is a British one.
func (r *realParts) startCentre() {
	r.t.Helper()
	r.centre("start")
	nanos := time.Now().UnixNano()
	r.numbers = map[string]string{
		"tuiding": fmt.Sprintf("+86138%07d1", nanos/1000%1e7),
		"stop":    fmt.Sprintf("+4474001%05d", nanos/1000%1e5),
		"asks":    fmt.Sprintf("+86138%07d2", nanos/1000%1e7),
		"waits":   fmt.Sprintf("+86138%07d4", nanos/1000%1e7),
		"nobody":  fmt.Sprintf("+86138%07d3", nanos/1000%1e7),
	}
	r.mark()
}

// mark forgets what phones have got so far.
func (r *realParts) mark() {
	r.t.Helper()
	log, err := os.Stat(os.Getenv("NUDGED_KANNEL_LOG"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.spoken = log.Size()
}

// centre starts or stops the fake message centre, or speaks through it.
func (r *realParts) centre(args ...string) {
	r.t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(r.t.Context()), os.Getenv("NUDGED_KANNEL_SMSC"), append([]string{os.Getenv("NUDGED_KANNEL_DIR")}, args...)...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("message centre %q: %v: %s", args, err, out)
	}
}

// flushCentre has somebody say something that is no buyer: what the centre has
// kept of what was said before comes with it.
func (r *realParts) flushCentre() {
	r.t.Helper()
	r.centre("say", r.numbers["nobody"], "10690001", "你好")
	r.await("the words of nobody", func() bool {
		backs, err := r.db.Backs(r.t.Context(), r.clock().Add(-time.Minute), r.clock().Add(time.Minute))
		if err != nil {
			r.t.Fatal(err)
		}
		return slices.ContainsFunc(backs, func(b store.Returned) bool { return b.Phone.Reveal() == r.numbers["nobody"] })
	})
}

// segment is one part of a text message, as a phone gets it.
type segment struct {
	ref, of, at byte
	text        []byte // UTF-16
}

// phone gives the parts that came to somebody's phone since the last mark.
func (r *realParts) phone(who string) []segment {
	r.t.Helper()
	raw, err := os.ReadFile(os.Getenv("NUDGED_KANNEL_LOG"))
	if err != nil {
		r.t.Fatal(err)
	}
	var got []segment
	for line := range strings.SplitSeq(string(raw[r.spoken:]), "\n") {
		_, message, ok := strings.Cut(line, "<10690001 "+r.numbers[who]+" ")
		if !ok || !strings.HasSuffix(message, ">") {
			continue
		}
		f := strings.Fields(strings.TrimSuffix(message, ">"))
		if len(f) != 4 || f[0] != "udh" || f[2] != "data" {
			r.t.Fatalf("the phone of %s got no part of a message in Chinese: %q", who, message)
		}
		header, err1 := url.QueryUnescape(f[1])
		data, err2 := url.QueryUnescape(f[3])
		if err1 != nil || err2 != nil || len(header) != 6 || header[:3] != "\x05\x00\x03" {
			r.t.Fatalf("the phone of %s got a part that it cannot join: %q", who, message)
		}
		got = append(got, segment{ref: header[3], of: header[4], at: header[5], text: []byte(data)})
	}
	return got
}

// readText waits for all parts of one message in Chinese, and joins them.
func (r *realParts) readText(who string, words ...string) {
	r.t.Helper()
	var got []segment
	r.await("a message on the phone of "+who, func() bool {
		got = r.phone(who)
		return len(got) > 0 && len(got) >= int(got[0].of)
	})
	slices.SortFunc(got, func(a, b segment) int { return int(a.at) - int(b.at) })
	var units []uint16
	for i, s := range got {
		if s.ref != got[0].ref || int(s.of) != len(got) || int(s.at) != i+1 || len(s.text)%2 != 0 {
			r.t.Fatalf("the parts on the phone of %s do not fit: %+v", who, got)
		}
		for j := 0; j < len(s.text); j += 2 {
			units = append(units, uint16(s.text[j])<<8|uint16(s.text[j+1]))
		}
	}
	text := string(utf16.Decode(units))
	wants(r.t, text, words...)
	if parts, encoding := notify.Segments(text); parts != len(got) || parts < 2 || encoding != "UCS-2" {
		r.t.Errorf("it came in %d parts, and counts as %d in %s: %q", len(got), parts, encoding, text)
	}
	r.parts += len(got)
}

// backByPhone is what people answer. Each waits for the one before: the centre
// loses what is said to it in one breath.
func (r *realParts) backByPhone() {
	r.t.Helper()
	for _, c := range []struct {
		who, words string
		want       order.State
	}{
		{"tuiding", "退订", order.OptedOut}, {"stop", "STOP", order.OptedOut}, {"asks", "什么时候发货？", order.Replied},
	} {
		r.centre("say", r.numbers[c.who], "10690001", c.words)
		r.awaitState(c.who, "first", c.want)
	}
	r.mark()
}

// sellerGetsTheAnswer of the phone by mail, at once; the one that came by mail
// lies in the same mailbox anyway.
func (r *realParts) sellerGetsTheAnswer() {
	r.t.Helper()
	before := r.box("seller")
	for range 2 {
		r.d.replies(r.t.Context())
	}
	l := r.newLetter(before, "nudged: 王小红 has answered about order "+r.order("asks"))
	wants(r.t, l.Text, "什么时候发货？", r.numbers["asks"])
	if got := r.fresh(before); got != 1 {
		r.t.Errorf("%d mails came to the seller, want one answer", got)
	}
}

// digestTells reads the digest in the seller's mailbox.
func (r *realParts) digestTells() {
	r.t.Helper()
	r.forward(2 * time.Hour)
	before := r.box("seller")
	r.d.digest(r.t.Context()) // its hour has passed, and so has that of a visit: it waits for that
	r.d.visit(r.t.Context(), r.cfg.Shops[0])
	for range 2 {
		r.d.digest(r.t.Context())
	}
	l := r.newLetter(before, "nudged #1: ")
	wants(r.t, l.Subject, "2 answered")
	cost := r.parts * 5
	wants(r.t, l.Text,
		"2 buyers answered", "“还有货吗?我想要两个㐀𠀀。”", "“什么时候发货？”",
		fmt.Sprintf("10 sent, 5 confirmed as delivered; text messages cost CNY\u00a0%d.%02d", cost/100, cost%100),
		"1 came back", "5.1.1", "3 buyers want no more messages, and get none", "4 to people who want no messages", "2 to buyers who have answered")
	for _, who := range slices.Concat(byMail(), byPhone()) {
		wants(r.t, l.Text, r.order(who))
	}
	wants(r.t, l.HTML, "什么时候发货？", "还有货吗?")
	if got := r.fresh(before); got != 1 {
		r.t.Errorf("%d mails came to the seller, want the digest once", got)
	}
	for _, contact := range r.contacts() {
		if strings.Contains(l.Text+l.HTML+l.Subject, contact) {
			r.t.Errorf("the digest tells the contact %s", contact)
		}
	}
}

// whyTells the story of each order, in its order.
func (r *realParts) whyTells() {
	r.t.Helper()
	const last = "; this person is not written to any more"
	for who, story := range map[string][]string{
		"moved":   {`"first" by email sent, after a look`, `"first" by email came back: it cannot be delivered there`, "5.1.1", last, `"help" by email skipped`, "next  nothing goes to the buyer any more"},
		"leaves":  {`"first" by email sent, after a look`, `"first" by email was answered by an opt-out`, last, `"help" by email skipped`, "next  nothing goes to the buyer any more"},
		"answers": {`"first" by email sent, after a look`, "the server said 2.0.0 Ok: queued", `"first" by email was answered: "还有货吗?我想要两个㐀𠀀。`, `"help" by email skipped: the buyer has answered`, "next  nothing"},
		"silent":  {`"first" by email sent, after a look`, `"help" by email sent`, "next  nothing"},
		"tuiding": {`"first" by sms sent, after a look`, "the server said 0: Accepted", "it cost 0.", `was answered by an opt-out: "退订"` + last, `"help" by sms skipped`},
		"stop":    {`"first" by sms sent, after a look`, "it cost 0.", `was answered by an opt-out: "STOP"` + last, `"help" by sms skipped`},
		"asks":    {`"first" by sms sent, after a look`, `"first" by sms was answered: "什么时候发货？"`, `"help" by sms skipped: the buyer has answered`},
		"waits":   {`"first" by sms sent, after a look`, `"first" by sms was delivered`, `"help" by sms sent`, `"help" by sms was delivered`},
	} {
		said := command1(r.t, r.app, "why", r.order(who))
		inOrder(r.t, said, append([]string{`"first"`, "was planned for this time"}, story...)...)
		if r.numbers[who] != "" {
			inOrder(r.t, said, `"first" by sms sent`, `"first" by sms was delivered`)
		}
		for _, contact := range r.contacts() {
			if strings.Contains(said, contact) {
				r.t.Errorf("why tells the contact %s:\n%s", contact, said)
			}
		}
	}
}

// contacts are all that no log, digest or story may hold.
func (r *realParts) contacts() []string {
	out := []string{"moved@example.test"}
	for _, who := range byMail() {
		out = append(out, r.address(who))
	}
	for number := range maps.Values(r.numbers) {
		out = append(out, strings.TrimPrefix(number, "+"))
	}
	return out
}

// logIsDiscreet wants a log without trouble, contacts and secrets.
func (r *realParts) logIsDiscreet() {
	r.t.Helper()
	said := r.said()
	for _, word := range append(r.contacts(), "level=WARN", "level=ERROR", canaryPassword, r.post.password,
		os.Getenv("NUDGED_IMAP_PASSWORD"), os.Getenv("NUDGED_KANNEL_PASSWORD"), os.Getenv("NUDGED_KANNEL_SECRET")) {
		if strings.Contains(said, word) {
			r.t.Errorf("the log holds %q", word)
		}
	}
	wants(r.t, said, "came back", "digest sent")
}
