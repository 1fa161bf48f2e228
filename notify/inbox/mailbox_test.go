package inbox_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nudged/notify/inbox"
	"nudged/store/order"
)

func names(uids ...int) []string {
	var all []string
	for _, uid := range uids {
		all = append(all, fmt.Sprintf("r%d@example.com", uid))
	}
	return all
}

// noLeaks looks for what is left behind, after everything else is cleaned up.
func noLeaks(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		err := goleak.Find(before)
		for late := time.Now().Add(30 * time.Second); err != nil && time.Now().Before(late); err = goleak.Find(before) {
			time.Sleep(100 * time.Millisecond) // a busy machine takes its time to end what has ended
		}
		if err != nil {
			t.Error(err)
		}
	})
}

func TestCursor(t *testing.T) {
	noLeaks(t)
	s := startIMAP(t)
	s.add(3, 5, 9)
	m := s.mailbox(t)
	take, got := refs()
	at, err := m.Read(t.Context(), inbox.Cursor{}, take)
	if err != nil || at != (inbox.Cursor{Validity: 7, UID: 9}) || !slices.Equal(*got, names(3, 5, 9)) {
		t.Fatalf("%v at %v: %v", err, at, *got)
	}
	if m.Last() != (inbox.Tally{Mails: 3, Taken: 3}) {
		t.Errorf("counted %+v", m.Last())
	}
	// Nothing new, though n:* names the last one.
	if again, err := m.Read(t.Context(), at, take); err != nil || again != at || len(*got) != 3 {
		t.Errorf("%v at %v: %v", err, again, *got)
	}
	s.add(10)
	if at, err = m.Read(t.Context(), at, take); err != nil || at.UID != 10 || !slices.Equal(*got, names(3, 5, 9, 10)) {
		t.Errorf("%v at %v: %v", err, at, *got)
	}
	s.change(func() { s.validity = 8 })
	*got = nil
	if at, err = m.Read(t.Context(), at, take); err != nil || at != (inbox.Cursor{Validity: 8, UID: 10}) || !slices.Equal(*got, names(3, 5, 9, 10)) {
		t.Errorf("%v at %v: %v", err, at, *got)
	}
	for _, command := range s.said() {
		verb, _, _ := strings.Cut(command, " ")
		switch {
		case slices.Contains([]string{"CAPABILITY", "LOGIN", "ID", "EXAMINE", "LOGOUT"}, verb), strings.HasPrefix(command, "UID SEARCH "):
		case strings.HasPrefix(command, "UID FETCH ") && strings.Contains(command, "BODY.PEEK[]<0.262144>"):
		default:
			t.Errorf("it said %q", command)
		}
	}
	first := slices.IndexFunc(s.said(), func(c string) bool { return strings.HasPrefix(c, "UID SEARCH") })
	if c := s.said()[first]; !strings.Contains(c, "SINCE") {
		t.Errorf("a folder never read is searched with %q", c)
	}
}

// An empty folder gets a cursor, too: what comes later is new whatever its date.
func TestEmptyFolder(t *testing.T) {
	s := startIMAP(t)
	take, got := refs()
	at, err := s.mailbox(t).Read(t.Context(), inbox.Cursor{}, take)
	if err != nil || at != (inbox.Cursor{Validity: 7}) {
		t.Fatalf("%v at %v", err, at)
	}
	s.add(1)
	if at, err = s.mailbox(t).Read(t.Context(), at, take); err != nil || at.UID != 1 || !slices.Equal(*got, names(1)) {
		t.Errorf("%v at %v: %v", err, at, *got)
	}
}

// At least once: what take did not take comes again.
func TestTakeFails(t *testing.T) {
	noLeaks(t)
	s := startIMAP(t)
	for uid := range uint32(200) {
		s.add(uid + 1)
	}
	full := errors.New("the disk is full")
	n := 0
	m := s.mailbox(t)
	at, err := m.Read(t.Context(), inbox.Cursor{}, func(order.Back) error {
		if n++; n == 73 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || at.UID != 72 {
		t.Fatalf("%v at %v", err, at)
	}
	take, got := refs()
	if at, err = m.Read(t.Context(), at, take); err != nil || at.UID != 200 || len(*got) != 128 || (*got)[0] != "r73@example.com" {
		t.Errorf("%v at %v: %d, %v", err, at, len(*got), (*got)[:1])
	}
	// The very first: the cursor stands in this numbering already.
	if at, err = m.Read(t.Context(), inbox.Cursor{}, func(order.Back) error { return full }); !errors.Is(err, full) || at != (inbox.Cursor{Validity: 7}) {
		t.Errorf("%v at %v", err, at)
	}
}

func TestBadMailsAreCounted(t *testing.T) {
	s := startIMAP(t)
	s.add(1, 4)
	s.change(func() {
		s.mails[2] = []byte("\x00\x01 nothing that can be read")
		s.mails[3] = nil
	})
	log := &bytes.Buffer{}
	m := s.mailbox(t, func(o *inbox.Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	take, got := refs()
	at, err := m.Read(t.Context(), inbox.Cursor{}, take)
	if err != nil || at.UID != 4 || !slices.Equal(*got, names(1, 4)) || m.Last() != (inbox.Tally{Mails: 4, Taken: 2, Bad: 2}) {
		t.Errorf("%v at %v: %v, %+v", err, at, *got, m.Last())
	}
	if !strings.Contains(log.String(), "2 of 4 mails") || strings.Contains(log.String(), "nothing that") {
		t.Errorf("logged %s", log)
	}
}

// What a server cannot give, or gives wrongly, costs that mail and no other.
func TestServerFailsAtOneMail(t *testing.T) {
	for name, broken := range map[string]func(c *imapConn, tag string){
		"no":              func(c *imapConn, tag string) { c.say("%s NO the message is corrupt", tag) },
		"nonsense":        func(c *imapConn, _ string) { c.say("* 3 FETCH (UID 3 BODY[] ???") },
		"no text":         func(c *imapConn, tag string) { c.say("* 3 FETCH (UID 3 BODY[]<0> NIL)\r\n%s OK done", tag) },
		"only flags":      func(c *imapConn, tag string) { c.say("* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n%s OK done", tag) },
		"unknown item":    func(c *imapConn, _ string) { c.say("* 3 FETCH (UID 3 X-THING 5)") },
		"an odd response": func(c *imapConn, _ string) { c.say("* WONDERFUL NEWS") },
		"a flood": func(c *imapConn, _ string) {
			c.say("* 3 FETCH (UID 3 BODY[]<0> {4000000000}")
			chunk := bytes.Repeat([]byte("x"), 1<<20)
			for range 100 {
				if _, err := c.Write(chunk); err != nil {
					return
				}
			}
		},
		"endless flags": func(c *imapConn, _ string) {
			c.say("* 3 FETCH (UID 3 FLAGS (")
			for range 100 << 10 {
				if _, err := c.Write(bytes.Repeat([]byte("\\Seen "), 170)); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			s := startIMAP(t)
			s.add(1, 2, 3, 4, 5)
			s.change(func() {
				s.fetch = func(c *imapConn, tag string, uid uint32) bool {
					if uid == 3 {
						broken(c, tag)
					}
					return uid == 3
				}
			})
			m := s.mailbox(t)
			take, got := refs()
			at, err := m.Read(t.Context(), inbox.Cursor{}, take)
			if err != nil || at.UID != 5 || !slices.Equal(*got, names(1, 2, 4, 5)) || m.Last().Bad != 1 {
				t.Errorf("%v at %v: %v, %+v", err, at, *got, m.Last())
			}
		})
	}
}

// A connection that is lost is no reason to pass over a mail.
func TestConnectionLost(t *testing.T) {
	noLeaks(t)
	s := startIMAP(t)
	s.add(1, 2, 3, 4)
	s.change(func() {
		s.fetch = func(c *imapConn, _ string, uid uint32) bool {
			if uid == 3 {
				c.say("* 3 FETCH (UID 3 BODY[]<0> {400}\r\nFrom: mary@exa")
				_ = c.Close()
			}
			return uid == 3
		}
	})
	take, got := refs()
	m := s.mailbox(t)
	at, err := m.Read(t.Context(), inbox.Cursor{}, take)
	if err == nil || at.UID != 2 || !slices.Equal(*got, names(1, 2)) || m.Last().Bad != 0 {
		t.Errorf("%v at %v: %v", err, at, *got)
	}
	s.change(func() { s.fetch = nil })
	if at, err = m.Read(t.Context(), at, take); err != nil || at.UID != 4 || !slices.Equal(*got, names(1, 2, 3, 4)) {
		t.Errorf("%v at %v: %v", err, at, *got)
	}
}

// TLS says good-bye: that is the end of the connection, not of the mail.
func TestConnectionEndedPolitely(t *testing.T) {
	noLeaks(t)
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startIMAP(t, &tls.Config{Certificates: web.TLS.Certificates})
	s.add(1, 2, 3, 4)
	for name, last := range map[string]string{
		"in a mail": "* 3 FETCH (UID 3 BODY[]<0> {400}\r\nFrom: mary@exa", "before one": "* BYE shutting down\r\n", "in a word": "* 3 FETCH (UI",
	} {
		t.Run(name, func(t *testing.T) {
			s.change(func() {
				s.fetch = func(c *imapConn, _ string, uid uint32) bool {
					if uid == 3 {
						_, _ = io.WriteString(c, last)
						_ = c.Close()
					}
					return uid == 3
				}
			})
			m := s.mailbox(t, func(o *inbox.Options) { o.Security, o.CAFile = "tls", ca })
			take, got := refs()
			at, err := m.Read(t.Context(), inbox.Cursor{}, take)
			if err == nil || at.UID != 2 || !slices.Equal(*got, names(1, 2)) || m.Last().Bad != 0 {
				t.Errorf("%v at %v: %v", err, at, *got)
			}
		})
	}
}

func TestSilence(t *testing.T) {
	noLeaks(t)
	s := startIMAP(t)
	s.add(1, 2)
	hang := make(chan struct{})
	defer close(hang)
	s.change(func() { s.fetch = func(*imapConn, string, uint32) bool { <-hang; return true } })
	t.Run("a patient caller", func(t *testing.T) {
		m := s.mailbox(t, func(o *inbox.Options) { o.Timeout = time.Second })
		started := time.Now()
		_, err := m.Read(t.Context(), inbox.Cursor{}, func(order.Back) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "too long") || time.Since(started) > 30*time.Second {
			t.Errorf("%v after %s", err, time.Since(started))
		}
	})
	t.Run("a stopping one", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err := s.mailbox(t, func(o *inbox.Options) { o.Timeout = time.Hour }).Read(ctx, inbox.Cursor{}, func(order.Back) error { return nil })
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) > 30*time.Second {
			t.Errorf("%v after %s", err, time.Since(started))
		}
	})
	t.Run("stopped between two mails", func(t *testing.T) {
		s.change(func() { s.fetch = nil })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		at, err := s.mailbox(t).Read(ctx, inbox.Cursor{}, func(order.Back) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) || at.UID != 1 {
			t.Errorf("%v at %v", err, at)
		}
	})
}

func TestNoGreeting(t *testing.T) {
	noLeaks(t)
	s := startIMAP(t)
	for _, greeting := range []string{"* BYE too many connections", "220 this is SMTP", "HTTP/1.1 400 Bad Request", "* OK [CAPABILITY", "\x00\x00"} {
		s.change(func() { s.greeting = greeting })
		err := s.mailbox(t, func(o *inbox.Options) { o.Timeout = 300 * time.Millisecond }).Probe(t.Context())
		if err == nil || errors.Is(err, inbox.ErrRefused) {
			t.Errorf("%q: %v", greeting, err)
		}
	}
}

// A list of what is new may name more than there can be.
func TestHostileSearch(t *testing.T) {
	s := startIMAP(t)
	s.add(1, 2)
	for _, search := range []string{"* ESEARCH (TAG \"{tag}\") UID ALL 1:4294967295", "* SEARCH 0", "* SEARCH 2 1 2 1 2", "* SEARCH"} {
		s.change(func() { s.search = search })
		started := time.Now()
		at, err := s.mailbox(t, func(o *inbox.Options) { o.Timeout = time.Second }).Read(t.Context(), inbox.Cursor{}, func(order.Back) error { return nil })
		if time.Since(started) > time.Minute { // mails that are not there, one by one, would take hours
			t.Errorf("%q took %s", search, time.Since(started))
		}
		if err == nil && at.UID != 2 {
			t.Errorf("%q: at %v", search, at)
		}
		t.Logf("%q: at %v, %v", search, at, err)
	}
}

func TestRefused(t *testing.T) {
	s := startIMAP(t)
	m := s.mailbox(t, func(o *inbox.Options) { o.Password = "canary-wrong" })
	_, err := m.Read(t.Context(), inbox.Cursor{Validity: 7, UID: 3}, func(order.Back) error { return nil })
	if !errors.Is(err, inbox.ErrRefused) || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "shop") {
		t.Errorf("%v", err)
	}
	if n := len(slices.DeleteFunc(s.said(), func(c string) bool { return !strings.HasPrefix(c, "LOGIN") })); n != 1 {
		t.Errorf("the password was tried %d times", n)
	}
}

// Some servers take no LOGIN.
func TestAuthenticate(t *testing.T) {
	noLeaks(t)
	s := startIMAP(t)
	s.change(func() { s.caps = " LOGINDISABLED AUTH=PLAIN" })
	if err := s.mailbox(t).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	err := s.mailbox(t, func(o *inbox.Options) { o.Password = "canary-wrong" }).Probe(t.Context())
	if !errors.Is(err, inbox.ErrRefused) {
		t.Errorf("%v", err)
	}
	for _, command := range s.said() {
		if strings.HasPrefix(command, "LOGIN") {
			t.Errorf("it said LOGIN")
		}
	}
}

func TestSecurity(t *testing.T) {
	for want, o := range map[string]inbox.Options{
		"in clear":          {Host: "imap.example.com", User: "u", Password: "canary", Security: "none"},
		"none of tls":       {Host: "h", User: "u", Password: "canary", Security: "ssl"},
		"missing":           {Host: "h", User: "u"},
		"no certificate":    {Host: "h", User: "u", Password: "canary", CAFile: "doc.go"},
		"/nowhere/ca.pem: ": {Host: "h", User: "u", Password: "canary", CAFile: "/nowhere/ca.pem"},
	} {
		if _, err := inbox.New(o); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", want, err)
		}
	}
	// A server that offers no STARTTLS gets no password.
	s := startIMAP(t)
	err := s.mailbox(t, func(o *inbox.Options) { o.Security = "starttls" }).Probe(t.Context())
	if err == nil {
		t.Error("it went on without encryption")
	}
	for _, command := range s.said() {
		if strings.Contains(command, "canary") {
			t.Errorf("it said %q", command)
		}
	}
}

// 10,000 mails, of which one is 50 MB: read in bounded pieces.
func TestFullFolder(t *testing.T) {
	s := startIMAP(t)
	s.mu.Lock()
	for uid := range uint32(10_000) {
		s.mails[uid+1] = []byte("From: news@example.org\r\nSubject: News\r\nMessage-Id: <n@example.org>\r\n\r\nNothing\r\n")
	}
	s.mu.Unlock()
	s.add(1, 5000, 10_000)
	s.change(func() { s.mails[7000] = append(slices.Clone(s.mails[5000]), bytes.Repeat([]byte("x"), 50<<20)...) })
	take, got := refs()
	m := s.mailbox(t)
	started := time.Now()
	at, err := m.Read(t.Context(), inbox.Cursor{}, take)
	if err != nil || at.UID != 10_000 || len(*got) != 4 || m.Last() != (inbox.Tally{Mails: 10_000, Taken: 4}) {
		t.Errorf("%v at %v: %d, %+v", err, at, len(*got), m.Last())
	}
	t.Logf("%s", time.Since(started))
}
