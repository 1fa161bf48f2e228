package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is a mail server on this machine that delivers nothing: what it gets
// can be looked at.
type sink struct {
	server *smtp.Server
	host   string
	port   int
	done   chan struct{}

	mu    sync.Mutex
	mails []caught
}

// caught is one mail as it came in.
type caught struct {
	To  string
	Raw []byte
}

// maxCaught bounds one mail.
const maxCaught = 4 << 20

func startSink(ctx context.Context) (*sink, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the mail sink: %w", err)
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(errors.New("start the mail sink: no TCP address"), l.Close())
	}
	k := &sink{host: "127.0.0.1", port: addr.Port, done: make(chan struct{})}
	k.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &inbound{sink: k}, nil }))
	k.server.Domain = "localhost"
	k.server.MaxMessageBytes = maxCaught
	k.server.ReadTimeout, k.server.WriteTimeout = 30*time.Second, 30*time.Second
	k.server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	go func() {
		defer close(k.done)
		_ = k.server.Serve(l)
	}()
	return k, nil
}

// Close ends the sink; what it caught stays.
func (k *sink) Close() error {
	err := k.server.Close()
	<-k.done
	if errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

// caught lists the mails so far.
func (k *sink) caught() []caught {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]caught(nil), k.mails...)
}

// inbound is one mail under way.
type inbound struct {
	sink *sink
	to   string
}

func (i *inbound) Mail(string, *smtp.MailOptions) error      { return nil }
func (i *inbound) Rcpt(to string, _ *smtp.RcptOptions) error { i.to = to; return nil }
func (i *inbound) Reset()                                    { i.to = "" }
func (i *inbound) Logout() error                             { return nil }

func (i *inbound) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	i.sink.mu.Lock()
	defer i.sink.mu.Unlock()
	i.sink.mails = append(i.sink.mails, caught{To: i.to, Raw: raw})
	return nil
}

// letter is a mail taken apart, as a mail program would.
type letter struct {
	Header     mail.Header
	Subject    string
	Text, HTML string
}

// open takes a mail apart.
func (c caught) open() (letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(c.Raw))
	if err != nil {
		return letter{}, fmt.Errorf("read a caught mail: %w", err)
	}
	l := letter{Header: m.Header}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return letter{}, fmt.Errorf("read a caught mail: %w", err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return letter{}, fmt.Errorf("a caught mail is %q, not of several parts", kind)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil {
			return letter{}, fmt.Errorf("read a caught mail: %w", err)
		}
		var body io.Reader = p
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(p)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return letter{}, fmt.Errorf("read a caught mail: %w", err)
		}
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			l.Text = string(text)
		case "text/html":
			l.HTML = string(text)
		}
	}
}
