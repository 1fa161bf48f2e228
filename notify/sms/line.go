package sms

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// mostAnswer bounds an answer, head and body together. A page of Twilio's list is
// the longest that may come.
const mostAnswer = 1 << 20

// line makes one request over one connection and reads one answer.
type line struct {
	tls            *tls.Config
	timeout, grace time.Duration
	// dial is net.Dialer's unless a test looks closer.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// answer is what a gateway said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// lostError says that there is no answer.
type lostError struct {
	sent    bool // the whole request was out: nobody knows what became of it
	connect bool // there was not even a connection
	err     error
}

func (e *lostError) Error() string { return words(e.err) }
func (e *lostError) Unwrap() error { return e.err }

// do sends the request, once. gate is asked right before its first byte leaves.
// Every error is a *lostError.
func (l line) do(ctx context.Context, req *http.Request, gate func() error) (answer, error) {
	raw, err := encode(req)
	if err != nil {
		return answer{}, &lostError{err: err}
	}
	if ctx.Err() != nil {
		return answer{}, &lostError{err: context.Cause(ctx)}
	}
	conn, err := l.connect(ctx, req)
	if err != nil {
		if ctx.Err() != nil {
			return answer{}, &lostError{err: context.Cause(ctx)}
		}
		return answer{}, &lostError{connect: true, err: err}
	}
	defer func() { _ = conn.Close() }()
	w := &watch{conn: conn, grace: l.grace}
	defer context.AfterFunc(ctx, w.cancel)()
	if err := gate(); err != nil {
		return answer{}, &lostError{err: err}
	}
	if !w.begin(l.timeout) {
		return answer{}, &lostError{err: context.Cause(ctx)}
	}
	if _, err := conn.Write(raw); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return answer{}, &lostError{err: err}
	}
	w.wait(l.timeout)
	a, err := read(conn, req)
	if err != nil {
		return answer{}, &lostError{sent: true, err: err}
	}
	return a, nil
}

// encode writes a request down whole, so that it goes out in one piece.
func encode(req *http.Request) ([]byte, error) {
	req.Close = true
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "nudged")
	}
	var raw bytes.Buffer
	if err := req.Write(&raw); err != nil {
		return nil, fmt.Errorf("the request cannot be written: %w", err)
	}
	return raw.Bytes(), nil
}

func (l line) connect(ctx context.Context, req *http.Request) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	dial := l.dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	host, port := req.URL.Hostname(), req.URL.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[req.URL.Scheme]
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil || req.URL.Scheme == "http" {
		return conn, err
	}
	cfg := l.tls.Clone()
	cfg.ServerName = host
	secure := tls.Client(conn, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// read takes the answer. Interim answers are passed over.
func read(conn net.Conn, req *http.Request) (answer, error) {
	in := bufio.NewReader(io.LimitReader(conn, mostAnswer))
	for range 8 {
		res, err := http.ReadResponse(in, req)
		if err != nil {
			return answer{}, err
		}
		if res.StatusCode < 200 && res.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			return answer{}, err
		}
		return answer{status: res.StatusCode, header: res.Header, body: body}, nil
	}
	return answer{}, errors.New("it kept the answer back")
}

// watch lets a cancelled context take hold of a connection: at once before the
// request leaves, after a short grace once it is out.
type watch struct {
	conn  net.Conn
	grace time.Duration

	mu        sync.Mutex
	cancelled bool
	begun     bool
}

// begin opens the gate for the request. False means that the context was
// cancelled before: nothing may leave.
func (w *watch) begin(d time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancelled {
		return false
	}
	w.begun = true
	_ = w.conn.SetDeadline(time.Now().Add(d))
	return true
}

// wait gives the answer its time.
func (w *watch) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.cancelled {
		_ = w.conn.SetDeadline(time.Now().Add(d))
	}
}

func (w *watch) cancel() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancelled = true
	d := time.Duration(0)
	if w.begun {
		d = w.grace
	}
	_ = w.conn.SetDeadline(time.Now().Add(d))
}

// words says what went wrong with a connection, without the addresses of both
// ends.
func words(err error) string {
	var (
		op     *net.OpError
		name   *net.DNSError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		nobody x509.UnknownAuthorityError
	)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "it took too long to answer"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it hung up"
	case errors.As(err, &name):
		return "its name is not known"
	case errors.As(err, &cert):
		if errors.As(cert.Err, &nobody) {
			return "its certificate is signed by nobody this machine knows"
		}
		return "its certificate is not trusted: " + cert.Err.Error()
	case errors.As(err, &record):
		return "it does not speak TLS"
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}
