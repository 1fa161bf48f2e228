package sms_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"nudged/notify/sendertest"
)

// reply is an answer of a gateway.
type reply struct {
	status int
	header map[string]string
	body   string
}

// provider is how a gateway speaks.
type provider struct {
	// read finds recipients and parameters in a request, as the gateway would, and
	// says whether the sender may send.
	read func(r *http.Request, body string) (to []string, params url.Values, ok bool)
	// answer is what it says under a fault; n numbers the messages.
	answer func(f sendertest.Fault, params url.Values, n int) reply
	denied reply
}

// peer is a gateway in this process that fails when told to.
type peer struct {
	t *testing.T
	p provider
	*httptest.Server
	done chan struct{}

	mu       sync.Mutex
	fault    sendertest.Fault
	taken    []sendertest.Taken
	params   []url.Values
	requests int
	special  *reply // overrides every answer
}

// newPeer starts one with TLS, as all gateways outside this computer have it.
func newPeer(t *testing.T, p provider) *peer {
	t.Helper()
	g := &peer{t: t, p: p, done: make(chan struct{})}
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(g.serve))
	g.Listener = &faultyListener{Listener: g.Listener, g: g}
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // failed handshakes are the point
	g.StartTLS()
	t.Cleanup(func() {
		close(g.done)
		g.CloseClientConnections()
		g.Close()
	})
	return g
}

// ca writes the peer's certificate down.
func (g *peer) ca() string {
	path := filepath.Join(g.t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: g.Certificate().Raw})
	if err := os.WriteFile(path, block, 0o600); err != nil {
		g.t.Fatal(err)
	}
	return path
}

func (g *peer) Set(f sendertest.Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = f
}

func (g *peer) say(r reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.special = &r
}

func (g *peer) Taken() []sendertest.Taken {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.taken)
}

// last is what came with the last message.
func (g *peer) last() url.Values {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.params) == 0 {
		g.t.Fatal("the peer has no message")
	}
	return g.params[len(g.params)-1]
}

func (g *peer) asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.requests
}

func (g *peer) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	to, params, ok := g.p.read(r, string(body))
	g.mu.Lock()
	g.requests++
	fault, special := g.fault, g.special
	answer := g.p.answer(fault, params, g.requests)
	if special != nil {
		answer = *special
	}
	if !ok {
		answer = g.p.denied
	}
	if ok && (fault == sendertest.Fine || fault == sendertest.DropAfter || fault == sendertest.HangAfter) {
		g.taken = append(g.taken, sendertest.Taken{To: to, Raw: []byte(lines(r, params))})
		g.params = append(g.params, params)
	}
	g.mu.Unlock()
	switch fault {
	case sendertest.DropAfter:
		panic(http.ErrAbortHandler)
	case sendertest.HangAfter:
		select {
		case <-g.done:
		case <-r.Context().Done():
		}
		return
	}
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.status)
	_, _ = io.WriteString(w, answer.body)
}

// lines writes a request down for the suite.
func lines(r *http.Request, params url.Values) string {
	var out strings.Builder
	for name, values := range r.Header {
		fmt.Fprintf(&out, "%s: %q\n", name, values)
	}
	for name, values := range params {
		fmt.Fprintf(&out, "%s: %q\n", name, values)
	}
	return out.String()
}

// faultyListener fails connections before their handshake is over.
type faultyListener struct {
	net.Listener
	g *peer
}

func (l *faultyListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.g.mu.Lock()
		fault := l.g.fault
		l.g.mu.Unlock()
		switch fault {
		case sendertest.DropBefore:
			_ = conn.Close()
		case sendertest.HangBefore:
			go func() {
				<-l.g.done
				_ = conn.Close()
			}()
		default:
			return conn, nil
		}
	}
}
