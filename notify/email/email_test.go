package email_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"nudged/notify"
	"nudged/notify/email"
	"nudged/notify/sendertest"
	"nudged/store/order"
)

func send(t *testing.T, s *email.Sender, n int) error {
	t.Helper()
	_, err := s.Send(t.Context(), sendertest.Message(n))
	return err
}

func asSend(t *testing.T, err error) *notify.SendError {
	t.Helper()
	var se *notify.SendError
	if !errors.As(err, &se) {
		t.Fatalf("error %v is no SendError", err)
	}
	return se
}

func TestMessageAsItArrives(t *testing.T) {
	s := startServer(t)
	m := sendertest.Message(7)
	receipt, err := s.sender(t).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(receipt.Provider, "OK") {
		t.Errorf("receipt has the answer %q", receipt.Provider)
	}
	got, err := mail.ReadMessage(strings.NewReader(string(s.Taken()[0].Raw)))
	if err != nil {
		t.Fatal(err)
	}
	dec := new(mime.WordDecoder)
	for header, want := range map[string]string{
		"Subject": m.Subject, "Message-Id": "<" + m.MessageID + ">", "Auto-Submitted": "auto-generated",
		"List-Unsubscribe": "<" + m.ListUnsubscribe + ">", "Date": "Sat, 21 Nov 2026 10:00:00 +0000",
	} {
		if text, err := dec.DecodeHeader(got.Header.Get(header)); err != nil || text != want {
			t.Errorf("%s is %q (%v), want %q", header, text, err, want)
		}
	}
	for header, want := range map[string]mail.Address{
		"From": {Name: m.FromName, Address: m.From.Reveal()}, "To": {Name: m.ToName, Address: m.To.Reveal()}, "Reply-To": {Name: m.FromName, Address: m.ReplyTo.Reveal()},
	} {
		list, err := got.Header.AddressList(header)
		if err != nil || len(list) != 1 || *list[0] != want {
			t.Errorf("%s is %v (%v), want %v", header, got.Header.Get(header), err, want)
		}
	}
	if ua := got.Header.Get("User-Agent") + got.Header.Get("X-Mailer"); ua != "" {
		t.Errorf("it names the program: %q", ua)
	}
	parts := parts(t, got)
	if want := strings.TrimSpace(m.Text); strings.TrimSpace(strings.ReplaceAll(parts["text/plain"], "\r\n", "\n")) != want {
		t.Errorf("text is %q, want %q", parts["text/plain"], want)
	}
	if strings.TrimSpace(parts["text/html"]) != m.HTML {
		t.Errorf("html is %q", parts["text/html"])
	}
}

func parts(t *testing.T, m *mail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q (%v)", kind, err)
	}
	out := map[string]string{}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if enc := p.Header.Get("Content-Transfer-Encoding"); enc != "quoted-printable" {
			t.Errorf("encoding %q", enc)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";")
		out[kind] = string(body)
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	s := startServer(t)
	sender := s.sender(t)
	for n := range 5 {
		if err := send(t, sender, n); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.counted(); n > 2 { // one before STARTTLS, one after
		t.Errorf("%d sessions for five messages", n)
	}
}

func TestDeadPooledConnectionIsReplaced(t *testing.T) {
	for name, kill := range map[string]func(s *server, t *testing.T){
		"closed by the server": func(s *server, _ *testing.T) { s.cut() },
		"dies after its sign of life": func(s *server, _ *testing.T) {
			first := true
			s.onStage(func(stage string, c *smtp.Conn) error {
				if stage == "mail" && first {
					first = false
					_ = c.Conn().Close()
				}
				return nil
			})
		},
		"421 to the first command": func(s *server, _ *testing.T) {
			first := true
			s.onStage(func(stage string, _ *smtp.Conn) error {
				if stage == "mail" && first {
					first = false
					return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "too many messages on this connection"}
				}
				return nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t)
			sender := s.sender(t)
			if err := send(t, sender, 1); err != nil {
				t.Fatal(err)
			}
			kill(s, t)
			if err := send(t, sender, 2); err != nil {
				t.Errorf("after the connection died: %v", err)
			}
			if n := len(s.Taken()); n != 2 {
				t.Errorf("%d messages arrived, want 2", n)
			}
		})
	}
}

func TestIdleConnectionIsDropped(t *testing.T) {
	s := startServer(t)
	sender := s.sender(t, func(o *email.Options) { o.Timeouts.Idle = 50 * time.Millisecond })
	if err := send(t, sender, 1); err != nil {
		t.Fatal(err)
	}
	before := s.counted()
	time.Sleep(300 * time.Millisecond)
	if err := send(t, sender, 2); err != nil {
		t.Fatal(err)
	}
	if s.counted() == before {
		t.Error("the idle connection was used again")
	}
}

// Every answer at every phase, and what it means.
func TestAnswers(t *testing.T) {
	reply := func(code int, text string) *smtp.SMTPError {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
	}
	for _, c := range []struct {
		stage   string
		answer  *smtp.SMTPError
		kind    notify.Kind
		account bool
	}{
		{"mail", reply(451, "try later"), notify.Temporary, true},
		{"mail", reply(553, "who are you"), notify.Permanent, true},
		{"rcpt", reply(450, "greylisted"), notify.Temporary, false},
		{"rcpt", reply(550, "no such user"), notify.Permanent, false},
		{"rcpt", reply(553, "Sender address rejected: not owned by user boss"), notify.Permanent, true},
		{"rcpt", reply(554, "Relay access denied"), notify.Permanent, true},
		{"rcpt", reply(530, "Authentication required"), notify.Permanent, true},
		{"rcpt", reply(421, "shutting down"), notify.Temporary, true},
		{"end", reply(452, "out of space"), notify.Temporary, false},
		{"end", reply(554, "looks like spam"), notify.Permanent, false},
		{"end", reply(421, "shutting down"), notify.Temporary, true},
	} {
		s := startServer(t)
		s.onStage(func(stage string, _ *smtp.Conn) error {
			if stage == c.stage {
				return c.answer
			}
			return nil
		})
		sender := s.sender(t)
		se := asSend(t, send(t, sender, 1))
		if se.Kind != c.kind || se.Account != c.account {
			t.Errorf("%s %d: %s account=%v, want %s account=%v: %v", c.stage, c.answer.Code, se.Kind, se.Account, c.kind, c.account, se)
		}
		if !strings.Contains(se.Error(), strings.Fields(c.answer.Message)[0]) {
			t.Errorf("%s %d: the server's words are lost: %v", c.stage, c.answer.Code, se)
		}
		s.onStage(nil)
		if err := send(t, sender, 2); err != nil {
			t.Errorf("%s %d: the next message: %v", c.stage, c.answer.Code, err)
		}
	}
}

// A message larger than all buffers, cut in the middle, was surely not taken.
func TestCutInTheMiddle(t *testing.T) {
	s := startServer(t)
	s.onStage(func(stage string, c *smtp.Conn) error {
		if stage == "body" {
			_ = c.Conn().Close()
		}
		return nil
	})
	m := sendertest.Message(1)
	m.Text = strings.Repeat("a line of text that fills the buffers of both sides\n", 100_000)
	_, err := s.sender(t).Send(t.Context(), m)
	if se := asSend(t, err); se.Kind != notify.Temporary {
		t.Errorf("%v is %s, want temporary", se, se.Kind)
	}
}

func TestAccountTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		server  func(*smtp.Server)
		change  func(*email.Options)
		refused bool
		want    string
	}{
		"wrong password": {change: func(o *email.Options) { o.Password = "wrong-canary-2" }, refused: true, want: "refused user or password: 535"},
		"no encryption":  {server: func(s *smtp.Server) { s.TLSConfig = nil }, want: "offers no encryption"},
		"unknown CA":     {change: func(o *email.Options) { o.CAFile = "" }, want: "certificate that is not trusted"},
		"TLS from the first byte to a STARTTLS port": {change: func(o *email.Options) { o.Security = email.TLS }, want: "does not speak TLS from the first byte"},
		"STARTTLS to a TLS port":                     {server: func(s *smtp.Server) { s.LMTP = true }, change: func(o *email.Options) { o.Timeouts.Connect = 500 * time.Millisecond }, want: "took too long"},
		"nobody there":                               {change: func(o *email.Options) { o.Port = 1 }, want: "could not be reached: connect: connection refused"},
		"no such host":                               {change: func(o *email.Options) { o.Host, o.Timeouts.Connect = "nowhere.invalid", 2*time.Second }, want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []func(*smtp.Server)
			if c.server != nil {
				changes = append(changes, c.server)
			}
			s := startServer(t, changes...)
			sender := s.sender(t, func(o *email.Options) {
				if c.change != nil {
					c.change(o)
				}
			})
			for what, err := range map[string]error{"send": send(t, sender, 1), "probe": sender.Probe(t.Context())} {
				se := asSend(t, err)
				if se.Kind != notify.Temporary || !se.Account || se.Refused != c.refused {
					t.Errorf("%s: %s account=%v refused=%v: %v", what, se.Kind, se.Account, se.Refused, se)
				}
				if !strings.Contains(se.Error(), c.want) || se.Advice == "" {
					t.Errorf("%s says %q, want %q and an advice", what, se, c.want)
				}
				for _, secret := range []string{password, "wrong-canary-2", user + " "} {
					if strings.Contains(se.Error(), secret) {
						t.Errorf("%s repeats %q: %s", what, secret, se)
					}
				}
			}
			if n := len(s.Taken()); n != 0 {
				t.Errorf("%d messages went out", n)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	s := startServer(t)
	if err := s.sender(t).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	implicit := startServer(t, func(s *smtp.Server) { s.LMTP = true })
	if err := implicit.sender(t, func(o *email.Options) { o.Security = email.TLS }).Probe(t.Context()); err != nil {
		t.Errorf("implicit TLS: %v", err)
	}
	hangs := startServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := hangs.sender(t).Probe(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestImplicitTLS(t *testing.T) {
	s := startServer(t, func(s *smtp.Server) { s.LMTP = true })
	if err := send(t, s.sender(t, func(o *email.Options) { o.Security = email.TLS }), 1); err != nil {
		t.Fatal(err)
	}
}

func TestInClearOnlyWhenSaidSo(t *testing.T) {
	s := startServer(t, func(s *smtp.Server) { s.TLSConfig = nil; s.AllowInsecureAuth = true })
	if err := send(t, s.sender(t, func(o *email.Options) { o.Security = email.None }), 1); err != nil {
		t.Errorf("to this machine, with none in so many words: %v", err)
	}
	o := s.options()
	o.Security, o.Host = email.None, "smtp.example.com"
	if _, err := email.New(o); err == nil || !strings.Contains(err.Error(), "in clear") {
		t.Errorf("a password in clear to another machine: %v", err)
	}
	o.User = ""
	if _, err := email.New(o); err != nil {
		t.Errorf("without a password: %v", err)
	}
}

func TestOptions(t *testing.T) {
	for want, o := range map[string]email.Options{
		"no host":              {},
		"none of starttls":     {Host: "h", Security: "ssl"},
		"no such file":         {Host: "h", CAFile: "/nowhere/ca.pem"},
		"holds no certificate": {Host: "h", CAFile: "email_test.go"},
	} {
		if _, err := email.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

// A next hop without SMTPUTF8 would bounce a plain message that asked for it.
func TestSMTPUTF8OnlyWhereNeeded(t *testing.T) {
	s := startServer(t)
	sender := s.sender(t)
	if err := send(t, sender, 1); err != nil {
		t.Fatal(err)
	}
	if s.usedUTF8() {
		t.Error("SMTPUTF8 was asked for without need")
	}
	m := sendertest.Message(2)
	m.To = "用户@例子.example"
	if _, err := sender.Send(t.Context(), m); err != nil {
		t.Errorf("an address that needs it: %v", err)
	}
	if !s.usedUTF8() {
		t.Error("SMTPUTF8 was not asked for")
	}
	without := startServer(t, func(s *smtp.Server) { s.EnableSMTPUTF8 = false })
	_, err := without.sender(t).Send(t.Context(), m)
	if se := asSend(t, err); se.Kind != notify.Permanent {
		t.Errorf("a server without it: %v", se)
	}
}

func TestBadAddresses(t *testing.T) {
	s := startServer(t)
	sender := s.sender(t)
	for _, to := range []order.Email{"", "x", "a@b, c@d.example", `"x"@y.example`, "a@b>", "<a@b.example>", "Name <a@b.example>", "a b@c.example"} {
		m := sendertest.Message(1)
		m.To = to
		_, err := sender.Send(t.Context(), m)
		if se := asSend(t, err); se.Kind != notify.Permanent {
			t.Errorf("%q: %v", to.Reveal(), se)
		}
	}
	if n := len(s.Taken()); n != 0 {
		t.Errorf("%d messages went out", n)
	}
}
