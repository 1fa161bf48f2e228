package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"unicode"

	"nudged/notify"
)

// goneError says that a connection was lost before the server had taken even
// the first command of a message.
type goneError struct{ err error }

func (e *goneError) Error() string { return "smtp: the connection is gone" }
func (e *goneError) Unwrap() error { return e.err }

// as turns it into an answer for the caller.
func (e *goneError) as(ctx context.Context, s *Sender, m notify.Message) error {
	var reply *textproto.Error
	if errors.As(e.err, &reply) {
		return s.replied(m, "sender", reply)
	}
	return s.phaseError(ctx, m, "before the message was begun", e.err)
}

// stopped is the answer when the context ended before the message was out.
func stopped(ctx context.Context) error {
	return &notify.SendError{Kind: notify.Temporary, Err: fmt.Errorf("smtp: held back: %w", context.Cause(ctx))}
}

// phaseError is a loss of the connection before the end of the message: it was
// surely not taken.
func (s *Sender) phaseError(ctx context.Context, m notify.Message, when string, err error) error {
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	return &notify.SendError{Kind: notify.Temporary, Err: fmt.Errorf("smtp: %s was lost %s: %s", s.o.Host, when, s.scrub(plain(err), m))}
}

// mailError judges the answer to MAIL FROM. A no to the sender is a no to every
// message of this account.
func (s *Sender) mailError(ctx context.Context, c *session, m notify.Message, err error) error {
	var reply *textproto.Error
	if !errors.As(err, &reply) || reply.Code == 421 {
		c.close()
		return &goneError{err}
	}
	s.rewind(c)
	se := s.replied(m, "sender", reply)
	se.Account = true
	if se.Advice == "" {
		se.Advice = "check that the account may send from the address in the config"
	}
	return se
}

// commandError judges the answer to RCPT TO or DATA.
func (s *Sender) commandError(ctx context.Context, c *session, m notify.Message, what string, err error) error {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		c.close()
		return s.phaseError(ctx, m, "before the message was handed over", err)
	}
	if reply.Code == 421 {
		c.close()
	} else {
		s.rewind(c)
	}
	return s.replied(m, what, reply)
}

// finalError judges what came after the closing dot. Only the server's own
// answer, or the certainty that the dot never left, allows another try.
func (s *Sender) finalError(ctx context.Context, c *session, m notify.Message, err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 400 && reply.Code < 600 {
		if reply.Code == 421 || ctx.Err() != nil {
			c.close()
		} else {
			s.rewind(c)
		}
		return s.replied(m, "message", reply)
	}
	c.close()
	if reply == nil && c.wire.broken() {
		return s.phaseError(ctx, m, "before the end of the message was out", err)
	}
	return &notify.SendError{
		Kind: notify.Unknown,
		Err:  fmt.Errorf("smtp: the whole message went out and %s gave no clear answer: %s", s.o.Host, s.scrub(plain(err), m)),
	}
}

// spent finds the words by which providers say that an account has sent as much
// as it may, whatever their code: Google 550 5.4.5, Microsoft 554 5.2.2, cPanel
// 550, Tencent 550.
var spent = regexp.MustCompile(`sending (?:limit|quota|rate)|submission (?:quota|rate)|(?:hourly|daily) (?:message|e?-?mail) (?:limit|quota)|max e?-?mails per|(?:sender|connection) frequency limited`)

// replied is a refusal in the server's own words.
func (s *Sender) replied(m notify.Message, what string, reply *textproto.Error) *notify.SendError {
	se := &notify.SendError{Kind: notify.Temporary}
	verb := "put off"
	if reply.Code >= 500 {
		se.Kind, verb = notify.Permanent, "refused"
	}
	words := s.scrub(reply.Msg, m)
	se.Err = fmt.Errorf("smtp: %s %s the %s: %d %s", s.o.Host, verb, what, reply.Code, words)
	switch lower := strings.ToLower(reply.Msg); {
	case reply.Code == 421:
		se.Account = true
	case spent.MatchString(lower):
		se.Kind, se.Account = notify.Temporary, true // also where the server says 5xx: tomorrow it will be taken
		se.Advice = "the mail account may send no more for now; write its limit in the config, or add an account"
	case reply.Code == 530 || reply.Code == 535 || strings.Contains(lower, "authentication required"):
		se.Account, se.Advice = true, "the mail server wants a sign-in; set user and password in the config"
	case strings.Contains(lower, "sender address rejected") || strings.Contains(lower, "not owned by user"):
		se.Account, se.Advice = true, "check that the account may send from the address in the config"
	case strings.Contains(lower, "relay") && reply.Code >= 550 && what == "recipient":
		se.Account, se.Advice = true, "the mail server does not send for this account; set user and password in the config, or use the server of your own provider"
	}
	return se
}

// dialError judges a connection that could not be made: trouble of the account.
func (s *Sender) dialError(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return stopped(ctx)
	}
	where := fmt.Sprintf("smtp: %s port %d", s.o.Host, s.o.Port)
	words := s.scrub(plain(err), notify.Message{})
	se := &notify.SendError{Kind: notify.Temporary, Account: true}
	var reply *textproto.Error
	switch {
	case errors.As(err, &reply) && (reply.Code == 535 || reply.Code == 534 || reply.Code == 530 || reply.Code == 538):
		se.Refused = true
		se.Err = fmt.Errorf("%s refused user or password: %d %s", where, reply.Code, s.scrub(reply.Msg, notify.Message{}))
		se.Advice = "check user and password in the config; many providers want a password made for programs"
	case errors.As(err, &reply):
		se.Err = fmt.Errorf("%s turned the connection down: %d %s", where, reply.Code, s.scrub(reply.Msg, notify.Message{}))
		se.Advice = "it is tried again later"
	case encryptionError(se, where, err):
	case strings.Contains(strings.ToLower(err.Error()), "auth"): // go-mail has no type for these
		se.Err = fmt.Errorf("%s offers no way to sign in that can be used: %s", where, words)
		se.Advice = "leave user and password out if the server wants none"
	default:
		se.Err = fmt.Errorf("%s could not be reached: %s", where, words)
		se.Advice = "check host, port and security in the config, and the network"
	}
	return se
}

// encryptionError fills in what went wrong with STARTTLS or TLS; false if it was
// something else.
func encryptionError(se *notify.SendError, where string, err error) bool {
	var (
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
	)
	switch {
	case strings.Contains(err.Error(), "does not support STARTTLS"): // go-mail has no type for it
		se.Err = fmt.Errorf("%s offers no encryption (STARTTLS), and nothing is sent without it", where)
		se.Advice = "use the provider's encrypted port, or for a server on this machine write `security: none`"
	case errors.As(err, &cert):
		se.Err = fmt.Errorf("%s shows a certificate that is not trusted: %w", where, certReason(cert))
		se.Advice = "check the host's name; for a mail server of your own name its certificate file in the config"
	case errors.As(err, &record) || strings.Contains(err.Error(), "first record does not look like a TLS handshake"):
		se.Err = fmt.Errorf("%s does not speak TLS from the first byte", where)
		se.Advice = "use `security: starttls`, or port 465"
	default:
		return false
	}
	return true
}

func certReason(e *tls.CertificateVerificationError) error {
	var unknown x509.UnknownAuthorityError
	if errors.As(e.Err, &unknown) {
		return errors.New("it is signed by nobody this machine knows")
	}
	return e.Err
}

// plain gives the words of an error without the addresses of both ends.
func plain(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "it took too long to answer"
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}

var looksLikeAddress = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

// longSecret is from where on words are worth hiding: shorter ones would tear
// holes into ordinary text.
const longSecret = 4

// scrub makes a server's words fit for logs and the ledger: servers like to
// repeat the address, and nothing keeps one from repeating more.
func (s *Sender) scrub(words string, m notify.Message) string {
	local, _, _ := strings.Cut(m.To.Reveal(), "@") // some name the mailbox alone
	for _, secret := range []string{s.o.Password.Reveal(), m.To.Reveal(), m.From.Reveal(), s.o.User, m.ToName, local} {
		if len(secret) >= longSecret {
			words = strings.ReplaceAll(words, secret, "[…]")
		}
	}
	words = looksLikeAddress.ReplaceAllString(words, "[…]")
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}), " ")
	if r := []rune(words); len(r) > 200 {
		words = string(r[:200]) + "…"
	}
	return words
}
