package email

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// session is one signed-in connection.
type session struct {
	wire   *wire
	smtp   *smtp.Client
	idle   time.Time // since when it waits in the pool
	pooled bool      // it came from the pool
}

// close ends the connection at once, without a word.
func (c *session) close() { _ = c.wire.Close() }

// quit takes leave, for at most two seconds, and closes.
func (c *session) quit() {
	c.wire.allow(2 * time.Second)
	_ = c.smtp.Quit()
	c.close()
}

// alive asks the server for a sign of life.
func (c *session) alive(wait time.Duration) bool {
	c.wire.allow(wait)
	return c.smtp.Noop() == nil
}

// dial opens a connection, encrypts it and signs in.
func (s *Sender) dial(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeouts.Connect)
	defer cancel()
	var w *wire
	stop := func() bool { return true }
	open := func(ctx context.Context, network, addr string) (net.Conn, error) {
		raw, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		w = &wire{Conn: raw, grace: s.o.Timeouts.Grace}
		if s.o.Security != TLS {
			return w, nil
		}
		return tls.Client(w, s.tls.Clone()), nil
	}
	// go-mail's own context ends with the dialling, and greeting, encryption and
	// sign-in know only a deadline: the outer one takes hold of the wire.
	watched := func(dialCtx context.Context, network, addr string) (net.Conn, error) {
		conn, err := open(dialCtx, network, addr)
		if err == nil {
			stop = context.AfterFunc(ctx, w.cancel)
		}
		return conn, err
	}
	// One client a connection: it keeps state about the sign-in that connections
	// made at the same time would race for.
	client, err := mail.NewClient(s.o.Host, s.clientOptions(watched)...)
	if err != nil {
		return nil, s.dialError(ctx, err)
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		if w != nil {
			_ = w.Close() // go-mail leaves it open
		}
		return nil, s.dialError(ctx, err)
	}
	return &session{wire: w, smtp: conn}, nil
}

func (s *Sender) clientOptions(open mail.DialContextFunc) []mail.Option {
	opts := []mail.Option{
		mail.WithPort(s.o.Port), mail.WithTimeout(s.o.Timeouts.Connect), mail.WithHELO(s.o.HELO),
		mail.WithTLSConfig(s.tls.Clone()), mail.WithDialContextFunc(open), mail.WithTLSPolicy(mail.NoTLS),
	}
	if s.o.Security == STARTTLS {
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	switch {
	case s.o.User == "":
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthNoAuth))
	case s.o.Security == None: // to this machine only, see Options
		opts = append(opts, mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc))
	default:
		opts = append(opts, mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	if s.o.User != "" {
		opts = append(opts, mail.WithUsername(s.o.User), mail.WithPassword(s.o.Password.Reveal()))
	}
	return opts
}
