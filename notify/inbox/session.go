package inbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// smallAnswer bounds the answer to every command but SEARCH and FETCH, in bytes.
const smallAnswer = 256 << 10

// session is one connection with the folder open.
type session struct {
	o        Options
	w        *wire
	c        *imapclient.Client
	validity uint32
	uidNext  imap.UID
	stop     func() bool
}

// dial connects, signs in and opens the folder for reading only.
func (m *Mailbox) dial(ctx context.Context) (*session, error) {
	cfg, err := m.o.tlsConfig()
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: m.o.Timeout}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(m.o.Host, strconv.Itoa(m.o.Port)))
	if err != nil {
		return nil, m.unreachable(ctx, err)
	}
	s := &session{o: m.o, w: newWire(conn, m.o.Timeout)}
	s.stop = context.AfterFunc(ctx, func() { _ = s.w.Close() })
	s.w.await(smallAnswer)
	defer s.w.rest()
	for _, step := range []func(context.Context, *tls.Config) error{s.greet, s.login, s.examine} {
		if err := step(ctx, cfg); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (m *Mailbox) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("imap: stopped: %w", context.Cause(ctx))
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err // without the addresses of both ends
	}
	return fmt.Errorf("imap: %s port %d could not be reached: %w; check host, port and security of the inbox, and the network", m.o.Host, m.o.Port, err)
}

// greet sets up the encryption and waits for the greeting.
func (s *session) greet(ctx context.Context, cfg *tls.Config) error {
	options := &imapclient.Options{TLSConfig: cfg}
	var err error
	switch s.o.Security {
	case secNone:
		if tcp, ok := s.w.RemoteAddr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
			return fmt.Errorf("imap: %s is not this machine, and security none would send the password in clear", s.o.Host)
		}
		s.c = imapclient.New(s.w, options)
	case secSTARTTLS:
		s.c, err = imapclient.NewStartTLS(s.w, options)
	default:
		cfg.NextProtos = []string{"imap"}
		t := tls.Client(s.w, cfg)
		if err = t.HandshakeContext(ctx); err == nil {
			s.c = imapclient.New(t, options)
		}
	}
	if err == nil {
		err = s.c.WaitGreeting()
	}
	if err == nil {
		return nil
	}
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return fmt.Errorf("imap: %s shows a certificate that is not trusted: %w; check the host's name, or name its certificate file in ca_file", s.o.Host, cert.Err)
	}
	if no := (*imap.Error)(nil); errors.As(err, &no) && s.o.Security == secSTARTTLS {
		return fmt.Errorf("imap: %s offers no encryption (STARTTLS): %s; use security tls, port 993", s.o.Host, s.scrub(no.Text))
	}
	return s.trouble(ctx, "greeting", err)
}

// login signs in. LOGIN is what every server has; some want AUTHENTICATE.
func (s *session) login(ctx context.Context, _ *tls.Config) error {
	if s.c.State() == imap.ConnStateAuthenticated {
		return nil
	}
	var err error
	if s.c.Caps().Has(imap.CapLoginDisabled) && s.c.Caps().Has(imap.AuthCap(sasl.Plain)) {
		err = s.c.Authenticate(sasl.NewPlainClient("", s.o.User, s.o.Password.Reveal()))
	} else {
		err = s.c.Login(s.o.User, s.o.Password.Reveal()).Wait()
	}
	var no *imap.Error
	if errors.As(err, &no) && no.Type == imap.StatusResponseTypeNo {
		switch no.Code {
		case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug:
			return fmt.Errorf("imap: %s cannot sign in now: %s", s.o.Host, s.scrub(no.Text))
		}
		return fmt.Errorf("imap: %s: %w: %s; check user and password of the inbox, many providers want IMAP switched on and a password made for programs",
			s.o.Host, ErrRefused, s.scrub(no.Text))
	}
	if err != nil {
		return s.trouble(ctx, "sign-in", err)
	}
	// NetEase (163.com, 126.com) opens no folder for a program that has not said its name.
	if s.c.Caps().Has(imap.CapID) {
		_, _ = s.c.ID(&imap.IDData{Name: "nudged", Version: "1"}).Wait()
	}
	return nil
}

// examine opens the folder read-only: not even \Recent is taken away.
func (s *session) examine(ctx context.Context, _ *tls.Config) error {
	data, err := s.c.Select(s.o.Folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	var no *imap.Error
	if errors.As(err, &no) {
		return fmt.Errorf("imap: %s does not open the folder %q: %s; check folder of the inbox", s.o.Host, s.o.Folder, s.scrub(no.Text))
	}
	if err != nil {
		return s.trouble(ctx, "opening the folder", err)
	}
	if data.UIDValidity == 0 {
		return fmt.Errorf("imap: %s does not number its mails for good (no UIDVALIDITY), so what is new cannot be told", s.o.Host)
	}
	s.validity, s.uidNext = data.UIDValidity, data.UIDNext
	return nil
}

// oddError is an answer that could not be used, over a connection that works.
type oddError struct{ err error }

func (e *oddError) Error() string { return e.err.Error() }
func (e *oddError) Unwrap() error { return e.err }

// trouble says why a command failed: we stopped, the connection, or the answer.
func (s *session) trouble(ctx context.Context, during string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("imap: stopped at %s: %w", during, context.Cause(ctx))
	}
	var op *net.OpError
	switch failure := s.w.failure(); {
	case errors.Is(failure, errFlood):
		return &oddError{fmt.Errorf("imap: %s failed at %s: %w", s.o.Host, during, failure)}
	case errors.As(failure, &op):
		return fmt.Errorf("imap: the connection to %s was lost at %s: %w", s.o.Host, during, op.Err)
	case failure != nil:
		return fmt.Errorf("imap: %s failed at %s: %w", s.o.Host, during, failure)
	case errors.Is(err, io.ErrUnexpectedEOF), strings.HasSuffix(err.Error(), "EOF"):
		// TLS ends a connection with a message of its own. The client hands errors
		// on as text.
		return fmt.Errorf("imap: %s closed the connection at %s", s.o.Host, during)
	}
	return &oddError{fmt.Errorf("imap: %s gave an answer at %s that cannot be used: %s", s.o.Host, during, s.scrub(err.Error()))}
}

// logoutWait is how long the good-bye may take.
const logoutWait = 2 * time.Second

// leave says good-bye before it closes.
func (s *session) leave() {
	timer := time.AfterFunc(logoutWait, func() { _ = s.w.Close() })
	_ = s.c.Logout().Wait()
	timer.Stop()
	s.close()
}

func (s *session) close() {
	s.stop()
	_ = s.w.Close()
	if s.c != nil {
		_ = s.c.Close() // waits for its reader, so that nothing is left behind
	}
}

// scrub makes a server's words fit for logs: some repeat what they were told.
func (s *session) scrub(words string) string {
	for _, secret := range []string{s.o.Password.Reveal(), s.o.User} {
		if len(secret) >= 4 {
			words = strings.ReplaceAll(words, secret, "[…]")
		}
	}
	words = addressInText.ReplaceAllString(words, "[…]")
	return cut(strings.Join(strings.Fields(clean(words)), " "), 200)
}
