package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"nudged/notify"
)

// Sender sends by SMTP. It is safe for concurrent use.
type Sender struct {
	o     Options
	tls   *tls.Config
	dkim  *mail.DKIMSigner // nil: messages are not signed here
	slots chan struct{}    // one for each connection that may exist

	mu     sync.Mutex
	idle   []*session // the last one used at the end
	closed bool
}

var _ notify.Sender = (*Sender)(nil)

// New checks the options, reads the CA file, and makes a sender. It does not
// connect.
func New(o Options) (*Sender, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	cfg, err := o.tlsConfig()
	if err != nil {
		return nil, err
	}
	signer, err := o.DKIM.signer()
	if err != nil {
		return nil, err
	}
	return &Sender{o: o, tls: cfg, dkim: signer, slots: make(chan struct{}, o.Pool)}, nil
}

// Send hands one message over. See [notify.Sender] for what its errors mean.
func (s *Sender) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	msg, err := build(m)
	if err != nil {
		return notify.Receipt{}, &notify.SendError{Kind: notify.Permanent, Err: fmt.Errorf("message: %w", err)}
	}
	if s.dkim != nil && s.o.DKIM.covers(m.From) {
		msg.SetDKIM(s.dkim)
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return notify.Receipt{}, stopped(ctx)
	}
	for {
		c, err := s.session(ctx)
		if err != nil {
			return notify.Receipt{}, err
		}
		receipt, err := s.deliver(ctx, c, m, msg)
		var gone *goneError
		if errors.As(err, &gone) && c.pooled && ctx.Err() == nil {
			continue // it died between its sign of life and the first command: nothing was handed over
		}
		if gone != nil {
			return receipt, gone.as(ctx, s, m)
		}
		return receipt, err
	}
}

// session takes a living connection from the pool, or opens one.
func (s *Sender) session(ctx context.Context) (*session, error) {
	for {
		c := s.pop()
		if c == nil {
			return s.dial(ctx)
		}
		stop := context.AfterFunc(ctx, c.wire.cancel)
		ok := time.Since(c.idle) < s.o.Timeouts.Idle && c.alive(min(s.o.Timeouts.Command, 10*time.Second))
		if !stop() {
			c.close()
			return nil, stopped(ctx)
		}
		if ok {
			c.pooled = true
			return c, nil
		}
		c.close()
	}
}

func (s *Sender) pop() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	c := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	return c
}

// put keeps a connection for the next message.
func (s *Sender) put(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.close()
		return
	}
	c.idle = time.Now()
	c.wire.reset()
	s.idle = append(s.idle, c)
	time.AfterFunc(s.o.Timeouts.Idle, s.sweep)
}

// sweep ends connections that nobody needed for a while.
func (s *Sender) sweep() {
	s.mu.Lock()
	var old []*session
	keep := s.idle[:0]
	for _, c := range s.idle {
		if time.Since(c.idle) >= s.o.Timeouts.Idle {
			old = append(old, c)
		} else {
			keep = append(keep, c)
		}
	}
	s.idle = keep
	s.mu.Unlock()
	for _, c := range old {
		c.quit()
	}
}

// Close ends all idle connections. A message in flight keeps its own to the end.
func (s *Sender) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		c.quit()
	}
	return nil
}

// Probe connects, encrypts, signs in and leaves, without a message.
func (s *Sender) Probe(ctx context.Context) error {
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	c.quit()
	return nil
}

// deliver takes one message through the phases of SMTP.
func (s *Sender) deliver(ctx context.Context, c *session, m notify.Message, msg *mail.Msg) (notify.Receipt, error) {
	stop := context.AfterFunc(ctx, c.wire.cancel)
	defer stop()
	body, err := s.envelope(ctx, c, m, msg)
	if err != nil {
		return notify.Receipt{}, err
	}
	c.wire.allow(s.o.Timeouts.Body)
	if _, err := msg.WriteTo(body); err != nil {
		c.close() // never the closing dot after half a message
		return notify.Receipt{}, s.phaseError(ctx, m, "while the message was being written", err)
	}
	if !c.wire.finish(s.o.Timeouts.Answer) {
		c.close()
		return notify.Receipt{}, stopped(ctx)
	}
	if err := body.Close(); err != nil {
		return notify.Receipt{}, s.finalError(ctx, c, m, err)
	}
	receipt := notify.Receipt{MessageID: m.MessageID, Provider: s.scrub(body.ServerResponse(), m)}
	if stop() {
		s.put(c)
	} else {
		c.close()
	}
	return receipt, nil
}

// envelope gives sender and recipient and opens the body. Nothing is handed
// over yet.
func (s *Sender) envelope(ctx context.Context, c *session, m notify.Message, msg *mail.Msg) (*smtp.DataCloser, error) {
	from, to, err := addresses(msg)
	if err != nil {
		s.put(c)
		return nil, &notify.SendError{Kind: notify.Permanent, Err: fmt.Errorf("message: %w", err)}
	}
	// go-mail asks for SMTPUTF8 whenever the server offers it, and then a next hop
	// without it bounces plain messages. Only such an address needs it.
	utf8, _ := c.smtp.Extension("SMTPUTF8")
	if !ascii(from+to) && !utf8 {
		s.put(c)
		return nil, &notify.SendError{Kind: notify.Permanent, Err: errors.New("the mail server takes no addresses with letters beyond a to z")}
	}
	c.smtp.SkipSMTPUTF8(ascii(from + to))
	c.wire.allow(s.o.Timeouts.Command)
	if err := c.smtp.Mail(from); err != nil {
		return nil, s.mailError(ctx, c, m, err)
	}
	c.wire.allow(s.o.Timeouts.Command)
	if err := c.smtp.Rcpt(to); err != nil {
		return nil, s.commandError(ctx, c, m, "recipient", err)
	}
	if m.Stale(s.o.Now()) {
		s.rewind(c)
		return nil, &notify.SendError{Kind: notify.Temporary, Err: notify.ErrStale}
	}
	c.wire.allow(s.o.Timeouts.Command)
	w, err := c.smtp.Data()
	if err != nil {
		return nil, s.commandError(ctx, c, m, "message", err)
	}
	body, ok := w.(*smtp.DataCloser)
	if !ok {
		c.close()
		return nil, &notify.SendError{Kind: notify.Temporary, Err: fmt.Errorf("smtp: body writer is a %T", w)}
	}
	if m.Stale(s.o.Now()) { // the server took its time to say go on
		c.close()
		return nil, &notify.SendError{Kind: notify.Temporary, Err: notify.ErrStale}
	}
	return body, nil
}

// rewind makes a connection ready for the next message, or drops it.
func (s *Sender) rewind(c *session) {
	c.wire.allow(min(s.o.Timeouts.Command, 10*time.Second))
	if c.smtp.Reset() != nil {
		c.close()
		return
	}
	s.put(c)
}
