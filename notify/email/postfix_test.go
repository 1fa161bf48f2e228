package email_test

import (
	"fmt"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/email"
	"nudged/notify/sendertest"
	"nudged/store/order"
)

// TestRealServer sends a reminder through a real mail server with STARTTLS and
// AUTH, and reads it back where it was delivered. The server is described by
//
//	NUDGED_SMTP          host:port
//	NUDGED_SMTP_USER     and NUDGED_SMTP_PASSWORD
//	NUDGED_SMTP_CA       PEM file of its certificate
//	NUDGED_SMTP_TO       an address that it delivers here
//	NUDGED_SMTP_FROM     an address it may send from; default is the same
//	NUDGED_SMTP_MAILDIR  the Maildir in which that arrives
func TestRealServer(t *testing.T) {
	addr := os.Getenv("NUDGED_SMTP")
	if addr == "" {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "postfix") {
			t.Fatal("NUDGED_SMTP is not set, and NUDGED_TEST_REQUIRE wants a real server")
		}
		t.Skip("NUDGED_SMTP is not set")
	}
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		t.Fatal(err)
	}
	o := email.Options{
		Host: host, Port: port, User: os.Getenv("NUDGED_SMTP_USER"), Password: order.Secret(os.Getenv("NUDGED_SMTP_PASSWORD")), CAFile: os.Getenv("NUDGED_SMTP_CA"),
	}
	sender, err := email.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sender.Close() }()
	if err := sender.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var sent []notify.Message
	for n := range 3 {
		m := realMessage(t, n)
		receipt, err := sender.Send(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("the server said %q", receipt.Provider)
		sent = append(sent, m)
	}
	for _, m := range sent {
		compare(t, m, arrived(t, m.MessageID))
	}
	t.Run("wrong password", func(t *testing.T) {
		o.Password = "wrong-canary-3"
		wrong, err := email.New(o)
		if err != nil {
			t.Fatal(err)
		}
		se := asSend(t, wrong.Probe(t.Context()))
		if !se.Refused || se.Kind != notify.Temporary || strings.Contains(se.Error(), "wrong-canary-3") {
			t.Errorf("refused=%v, %s: %v", se.Refused, se.Kind, se)
		}
	})
	t.Run("relay", func(t *testing.T) {
		m := realMessage(t, 8)
		m.To = "somebody@elsewhere.invalid"
		_, err := sender.Send(t.Context(), m)
		// A provider relays for its customers; the server of the tests does not.
		if err == nil {
			t.Skip("this server relays")
		}
		if se := asSend(t, err); se.Kind == notify.Unknown || strings.Contains(se.Error(), "somebody") {
			t.Errorf("%s account=%v: %v", se.Kind, se.Account, se)
		}
	})
	t.Run("no such person", func(t *testing.T) {
		m := realMessage(t, 9)
		_, domain, _ := strings.Cut(m.To.Reveal(), "@")
		m.To = order.Email("nobody-of-this-name@" + domain)
		_, err := sender.Send(t.Context(), m)
		if se := asSend(t, err); se.Kind != notify.Permanent || se.Account || strings.Contains(se.Error(), "nobody-of-this-name") {
			t.Errorf("%s account=%v: %v", se.Kind, se.Account, se)
		}
	})
}

// realMessage is a rendered reminder, with an id that no earlier run has used.
func realMessage(t *testing.T, n int) notify.Message {
	t.Helper()
	texts, err := notify.LoadTexts("")
	if err != nil {
		t.Fatal(err)
	}
	to := order.Email(os.Getenv("NUDGED_SMTP_TO"))
	from := order.Email(os.Getenv("NUDGED_SMTP_FROM"))
	if from == "" {
		from = to
	}
	key := order.ReminderKey{Order: order.Key{Shop: "buckles", ID: fmt.Sprint(time.Now().UnixNano(), n)}, Step: "first", Channel: order.ByEmail}
	s := notify.Settings{
		Steps: []notify.Step{{Name: "first", After: time.Hour, By: []order.Channel{order.ByEmail}, Template: "gentle"}},
		Shops: map[string]notify.ShopFacts{"buckles": {Name: "带扣店 Buckles", From: from, ReplyTo: from}},
	}
	m, err := texts.Write(s, notify.Writing{Step: s.Steps[0], Key: key, Token: "tok3n", At: time.Now(), Order: order.Order{
		Shop: "buckles", ID: key.Order.ID, Number: "B-17", Status: order.Unpaid, Created: time.Now().Add(-time.Hour), Total: order.Money{Minor: 1250, Currency: "USD"},
		Lines: []order.Line{{Title: "黄铜皮带扣", Quantity: 1}}, Buyer: order.Buyer{Name: "王小红", Email: to}, Link: "https://buckles.example/order/17",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// arrived waits for the message in the Maildir.
func arrived(t *testing.T, id string) sendertest.Taken {
	t.Helper()
	dir := os.Getenv("NUDGED_SMTP_MAILDIR")
	for late := time.Now().Add(time.Minute); time.Now().Before(late); time.Sleep(100 * time.Millisecond) {
		var found []sendertest.Taken
		for _, sub := range []string{"new", "cur"} {
			files, err := filepath.Glob(filepath.Join(dir, sub, "*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				if raw, err := os.ReadFile(file); err == nil && strings.Contains(string(raw), id) {
					found = append(found, sendertest.Taken{Raw: raw})
				}
			}
		}
		if len(found) > 1 {
			t.Fatalf("message %s arrived %d times", id, len(found))
		}
		if len(found) == 1 {
			return found[0]
		}
	}
	t.Fatalf("message %s did not arrive in %s", id, dir)
	return sendertest.Taken{}
}

func compare(t *testing.T, m notify.Message, got sendertest.Taken) {
	t.Helper()
	read, err := mail.ReadMessage(strings.NewReader(strings.ReplaceAll(strings.ReplaceAll(string(got.Raw), "\r\n", "\n"), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if id := read.Header.Get("Message-Id"); id != "<"+m.MessageID+">" {
		t.Errorf("id is %q", id)
	}
	if u := read.Header.Get("List-Unsubscribe"); u != "<"+m.ListUnsubscribe+">" {
		t.Errorf("List-Unsubscribe is %q", u)
	}
	if strings.Contains(read.Header.Get("List-Unsubscribe"), m.ToName) {
		t.Error("it names the person")
	}
	body := parts(t, read)
	if text := strings.ReplaceAll(body["text/plain"], "\r\n", "\n"); strings.TrimSpace(text) != strings.TrimSpace(m.Text) {
		t.Errorf("text is %q", text)
	}
	if !strings.Contains(body["text/html"], "黄铜皮带扣") {
		t.Error("the HTML lost its text")
	}
}
