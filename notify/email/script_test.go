package email_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/email"
	"nudged/notify/sendertest"
)

// script is a server that answers as told, for what no decent server says.
// answers are by command; the closing dot is ".". "-" closes the connection.
func script(t *testing.T, answers map[string]string, change ...func(*email.Options)) *email.Sender {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	say := map[string]string{"": "220 hello", "EHLO": "250 fine", "NOOP": "250 fine", "MAIL": "250 fine", "RCPT": "250 fine", "DATA": "354 go on", ".": "250 taken", "RSET": "250 fine", "QUIT": "221 bye"}
	for k, v := range answers {
		say[k] = v
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c, say)
		}
	}()
	o := email.Options{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: email.None,
	}
	for _, f := range change {
		f(&o)
	}
	s, err := email.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func serve(c net.Conn, say map[string]string) {
	defer func() { _ = c.Close() }()
	answer := func(cmd string) bool {
		if say[cmd] == "-" {
			return false
		}
		_, err := fmt.Fprint(c, say[cmd], "\r\n")
		return err == nil
	}
	if !answer("") {
		return
	}
	body := false
	for lines := bufio.NewScanner(c); lines.Scan(); {
		cmd, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch {
		case body && cmd != ".":
			continue
		case body:
			body = false
		case cmd == "DATA" && strings.HasPrefix(say["DATA"], "354"):
			body = true
		}
		if !answer(cmd) || cmd == "QUIT" {
			return
		}
	}
}

func TestOddServers(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[string]string
		want    notify.Kind
		account bool
	}{
		"greeting turned down for good":   {map[string]string{"": "554 no service"}, notify.Temporary, true},
		"greeting that is no SMTP":        {map[string]string{"": "HTTP/1.1 400 Bad Request"}, notify.Temporary, true},
		"silent close":                    {map[string]string{"": "-"}, notify.Temporary, true},
		"close at MAIL":                   {map[string]string{"MAIL": "-"}, notify.Temporary, false},
		"nonsense at RCPT":                {map[string]string{"RCPT": "what?"}, notify.Temporary, false},
		"DATA put off":                    {map[string]string{"DATA": "451 not now"}, notify.Temporary, false},
		"DATA refused":                    {map[string]string{"DATA": "554 never"}, notify.Permanent, false},
		"close at DATA":                   {map[string]string{"DATA": "-"}, notify.Temporary, false},
		"close after the dot":             {map[string]string{".": "-"}, notify.Unknown, false},
		"nonsense after the dot":          {map[string]string{".": "okay!"}, notify.Unknown, false},
		"an odd number after the dot":     {map[string]string{".": "354 go on"}, notify.Unknown, false},
		"silence after the dot":           {map[string]string{".": ""}, notify.Unknown, false},
		"put off after the dot":           {map[string]string{".": "451 later"}, notify.Temporary, false},
		"refused after the dot":           {map[string]string{".": "550 spam"}, notify.Permanent, false},
		"account's day is spent":          {map[string]string{".": "550 5.4.5 Daily user sending limit exceeded."}, notify.Temporary, true},
		"account's hour is spent":         {map[string]string{"RCPT": "550 Domain buckles.example has exceeded the max emails per hour (150/100)"}, notify.Temporary, true},
		"mailbox is full":                 {map[string]string{"RCPT": "552 5.2.2 mailbox over quota"}, notify.Permanent, false},
		"refused after the dot, no reset": {map[string]string{".": "550 spam", "RSET": "-"}, notify.Permanent, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			se := asSend(t, send(t, script(t, c.answers), 1))
			if se.Kind != c.want || se.Account != c.account {
				t.Errorf("%s account=%v, want %s account=%v: %v", se.Kind, se.Account, c.want, c.account, se)
			}
		})
	}
}

// A server may take its time to let the message begin. When it does, the look
// behind it is too old.
func TestALookGrowsOldWhileTheServerThinks(t *testing.T) {
	now, asked := time.Now(), 0
	s := script(t, nil, func(o *email.Options) {
		o.Now = func() time.Time {
			if asked++; asked == 2 {
				return now.Add(2 * notify.LookFresh)
			}
			return now
		}
	})
	m := sendertest.Message(1)
	m.NotAfter = now.Add(notify.LookFresh)
	_, err := s.Send(t.Context(), m)
	if se := asSend(t, err); se.Kind != notify.Temporary || !errors.Is(se, notify.ErrStale) {
		t.Errorf("%s: %v", se.Kind, se)
	}
	if _, err := s.Send(t.Context(), m); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// A server that answers without end must not fill the memory or the log.
func TestEndlessAnswer(t *testing.T) {
	s := script(t, map[string]string{"RCPT": "550 " + strings.Repeat("no ", 100_000)})
	if se := asSend(t, send(t, s, 1)); len(se.Error()) > 600 {
		t.Errorf("the error is %d bytes long", len(se.Error()))
	}
}
