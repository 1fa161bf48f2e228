package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// fault is how a receiving side fails a message the first time that it sees it.
type fault string

const (
	fine      fault = ""
	putOff    fault = "put off (4xx)"        // surely not taken, for the moment
	turned    fault = "turned down (5xx)"    // surely not taken, for good; 4xx of the gateway
	hangs     fault = "hang"                 // whole, not taken, silence, then gone
	drops     fault = "drop after the end"   // taken, gone without an answer
	failsNow  fault = "500, not taken"       // of the gateway: nobody can tell
	failsLate fault = "500 after the accept" // of the gateway
)

// unclear reports whether the sender cannot know what became of the message.
func (f fault) unclear() bool { return f == hangs || f == drops || f == failsNow || f == failsLate }

// taken reports whether the receiving side has the message all the same.
func (f fault) taken() bool { return f == fine || f == drops || f == failsLate }

// hangTime is how long a hanging side keeps its silence.
const hangTime = 4 * time.Second

// inbound of a receiving side: what it took, by recipient, and how it failed.
type arrivals struct {
	mu     sync.Mutex
	rng    *rand.Rand
	every  int // one of so many first tries fails; 0: none
	faults []fault
	given  map[string]fault
	seen   map[string][]time.Time
}

func newArrivals(seed uint64, every int, faults ...fault) *arrivals {
	return &arrivals{rng: rand.New(rand.NewPCG(seed, 3)), every: every, faults: faults, given: map[string]fault{}, seen: map[string][]time.Time{}}
}

// fate decides how a try ends: only the first one of a message may fail.
func (a *arrivals) fate(who string) fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, again := a.given[who]; again || a.every == 0 {
		return fine
	}
	f := fine
	if a.rng.IntN(a.every) == 0 {
		f = a.faults[a.rng.IntN(len(a.faults))]
	}
	a.given[who] = f
	return f
}

// calm ends the faults: a side that fails again and again is left alone for longer
// each time, up to an hour.
func (a *arrivals) calm() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.every = 0
}

func (a *arrivals) take(who string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[who] = append(a.seen[who], time.Now())
}

func (a *arrivals) count(who string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seen[who])
}

func (a *arrivals) first(who string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen[who][0]
}

func (a *arrivals) failed(who string) fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.given[who]
}

// startCountingSink is a mail server that keeps whom it got mail for, and takes
// its time, so that kills fall into hand-overs.
func startCountingSink(t *testing.T, a *arrivals) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &sinkSession{a: a, conn: c}, nil }))
	srv.Domain = "sink.nudged.test"
	srv.ErrorLog = silent{}
	go func() {
		if err := srv.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("mail sink: %v", err)
		}
	}()
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

type sinkSession struct {
	a    *arrivals
	conn *smtp.Conn
	to   string
	fate fault
}

func (*sinkSession) Reset()                               {}
func (*sinkSession) Logout() error                        { return nil }
func (*sinkSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.fate = s.a.fate(to); s.fate == turned {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	dawdle()
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err // cut off before its end: nobody has it
	}
	switch s.fate {
	case putOff:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "busy, try again"}
	case hangs:
		time.Sleep(hangTime)
		return s.conn.Conn().Close()
	}
	s.a.take(s.to)
	if s.fate == drops {
		return s.conn.Conn().Close()
	}
	dawdle() // taken, and the answer is still to come
	return nil
}

// dawdle makes hand-overs last, so that kills fall into them.
func dawdle() { time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond) }

// startGateway is a gateway for text messages, with the same habits.
func startGateway(t *testing.T, a *arrivals) (url string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dawdle()
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		to, text, _ := strings.Cut(string(body), " ")
		if err != nil || !strings.HasPrefix(to, "+86138") || !strings.Contains(text, "demo") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		f := a.fate(to)
		if f.taken() {
			a.take(to)
		}
		answerAs(w, f, a.count(to))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func answerAs(w http.ResponseWriter, f fault, n int) {
	dawdle()
	switch f {
	case fine:
		fmt.Fprintf(w, "taken id=g%d", n)
	case putOff:
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusTooManyRequests)
	case turned:
		w.WriteHeader(http.StatusUnprocessableEntity)
	case failsNow, failsLate:
		w.WriteHeader(http.StatusInternalServerError)
	case hangs, drops:
		if f == hangs {
			time.Sleep(hangTime)
		}
		panic(http.ErrAbortHandler)
	}
}
