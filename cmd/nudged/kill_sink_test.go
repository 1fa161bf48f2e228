package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// countingSink is a mail server that keeps the Message-ID of all it took, and
// takes its time, so that kills fall into hand-overs.
type countingSink struct {
	port int
	mu   sync.Mutex
	seen map[string][]time.Time
}

func startCountingSink(t *testing.T) *countingSink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &countingSink{port: l.Addr().(*net.TCPAddr).Port, seen: map[string][]time.Time{}}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinkSession{s}, nil }))
	srv.Domain = "sink.nudged.test"
	go func() {
		if err := srv.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("mail sink: %v", err)
		}
	}()
	t.Cleanup(func() { _ = srv.Close() })
	return s
}

func (s *countingSink) count(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen[id])
}

func (s *countingSink) first(id string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[id][0]
}

type sinkSession struct{ sink *countingSink }

func (*sinkSession) Reset()                               {}
func (*sinkSession) Logout() error                        { return nil }
func (*sinkSession) Mail(string, *smtp.MailOptions) error { return nil }
func (*sinkSession) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s *sinkSession) Data(r io.Reader) error {
	time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	id := strings.Trim(m.Header.Get("Message-Id"), "<>")
	s.sink.mu.Lock()
	s.sink.seen[id] = append(s.sink.seen[id], time.Now())
	s.sink.mu.Unlock()
	time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond) // taken, and the answer is still to come
	return nil
}
