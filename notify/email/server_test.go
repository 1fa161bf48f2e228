package email_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"nudged/notify/email"
	"nudged/notify/sendertest"
)

const (
	user     = "boss"
	password = "canary-Passw0rd"
)

// server is a real SMTP server in this process, with STARTTLS and AUTH, and
// with faults to order.
type server struct {
	host, ca string
	port     int

	mu       sync.Mutex
	fault    sendertest.Fault
	hook     func(stage string, c *smtp.Conn) error // before each stage: mail, rcpt, body, end
	taken    []sendertest.Taken
	sessions int
	utf8     bool // the last MAIL FROM asked for SMTPUTF8
	conns    []net.Conn
	hang     chan struct{}
}

// startServer runs until the test ends. implicit TLS, no TLS and no AUTH are
// options of the caller.
func startServer(t *testing.T, change ...func(*smtp.Server)) *server {
	t.Helper()
	s := &server{host: "localhost", hang: make(chan struct{})}
	cert, ca := certificate(t)
	s.ca = ca
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(smtp.BackendFunc(s.session))
	srv.Domain = "mail.test"
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	srv.ErrorLog = quiet{}
	srv.EnableSMTPUTF8 = true
	for _, c := range change {
		c(srv)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if srv.LMTP { // borrowed as the mark for implicit TLS
		srv.LMTP = false
		l = tls.NewListener(l, srv.TLSConfig)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { close(s.hang); _ = l.Close(); _ = srv.Close(); <-done })
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (s *server) options() email.Options {
	return email.Options{
		Host: s.host, Port: s.port, User: user, Password: password, CAFile: s.ca,
		Timeouts: email.Timeouts{Grace: 500 * time.Millisecond},
	}
}

// within gives each step that much time.
func within(o email.Options, timeout time.Duration) email.Options {
	t := &o.Timeouts
	t.Connect, t.Command, t.Body, t.Answer = timeout, timeout, timeout, timeout
	return o
}

func (s *server) sender(t *testing.T, change ...func(*email.Options)) *email.Sender {
	t.Helper()
	o := s.options()
	for _, c := range change {
		c(&o)
	}
	sender, err := email.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sender.Close() })
	return sender
}

func (s *server) Set(f sendertest.Fault) { s.mu.Lock(); s.fault = f; s.mu.Unlock() }

func (s *server) Taken() []sendertest.Taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sendertest.Taken(nil), s.taken...)
}

func (s *server) onStage(h func(stage string, c *smtp.Conn) error) {
	s.mu.Lock()
	s.hook = h
	s.mu.Unlock()
}

func (s *server) usedUTF8() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.utf8 }

func (s *server) counted() int { s.mu.Lock(); defer s.mu.Unlock(); return s.sessions }

// cut closes all connections, as a server does with idle ones.
func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.conns = nil
}

func (s *server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.sessions++
	s.conns = append(s.conns, c.Conn())
	s.mu.Unlock()
	return &session{s: s, c: c}, nil
}

type session struct {
	s  *server
	c  *smtp.Conn
	to []string
}

func (x *session) AuthMechanisms() []string { return []string{sasl.Plain, "LOGIN"} }

func (x *session) Auth(mech string) (sasl.Server, error) {
	check := func(u, p string) error {
		if u != user || p != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such user or password: " + u + " " + p}
		}
		return nil
	}
	if mech == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, u, p string) error { return check(u, p) }), nil
}

func (x *session) Reset()        { x.to = nil }
func (x *session) Logout() error { return nil }

func (x *session) Mail(_ string, o *smtp.MailOptions) error {
	x.s.mu.Lock()
	x.s.utf8 = o != nil && o.UTF8
	x.s.mu.Unlock()
	return x.stage("mail")
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.to = append(x.to, to)
	if x.s.is(sendertest.RejectTemporary) {
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "<" + to + "> greylisted, come back later"}
	}
	if x.s.is(sendertest.RejectPermanent) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + "> no such person"}
	}
	if x.s.is(sendertest.Echo) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "user " + user + " password " + password + " to " + to + " is refused: no mailbox " + strings.SplitN(to, "@", 2)[0]}
	}
	if x.s.is(sendertest.HangBefore) {
		<-x.s.hang
		return x.drop()
	}
	if x.s.is(sendertest.DropBefore) {
		return x.drop()
	}
	return x.stage("rcpt")
}

func (x *session) Data(r io.Reader) error {
	if err := x.stage("body"); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := x.stage("end"); err != nil {
		return err
	}
	x.s.mu.Lock()
	x.s.taken = append(x.s.taken, sendertest.Taken{To: append([]string(nil), x.to...), Raw: raw})
	x.s.mu.Unlock()
	switch {
	case x.s.is(sendertest.DropAfter):
		return x.drop()
	case x.s.is(sendertest.HangAfter):
		<-x.s.hang
		return x.drop()
	}
	return nil
}

func (x *session) drop() error {
	_ = x.c.Conn().Close()
	return errors.New("dropped")
}

func (x *session) stage(name string) error {
	x.s.mu.Lock()
	h := x.s.hook
	x.s.mu.Unlock()
	if h == nil {
		return nil
	}
	return h(name, x.c)
}

func (s *server) is(f sendertest.Fault) bool { s.mu.Lock(); defer s.mu.Unlock(); return s.fault == f }

// loginServer is the AUTH LOGIN that go-sasl left out.
type loginServer struct {
	check func(u, p string) error
	user  string
	step  int
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

// certificate makes a self-signed certificate for localhost.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
