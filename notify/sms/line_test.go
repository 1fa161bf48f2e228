package sms_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nudged/notify"
	"nudged/notify/sendertest"
	"nudged/notify/sms"
)

// pipeSender speaks with a gateway through a pipe without any room in it: each
// byte that is written has been read. It is for bubbles of synctest: what hangs
// there costs no time, and what does not has all the time it needs.
func pipeSender(t *testing.T, gateway func(conn net.Conn)) sms.Sender {
	t.Helper()
	s := newSender(t, sms.Options{Provider: sms.Kannel, URL: "http://127.0.0.1:1/cgi-bin/sendsms", User: "shop", Password: password, Timeout: 500 * time.Millisecond, Grace: 200 * time.Millisecond})
	var gateways sync.WaitGroup
	t.Cleanup(gateways.Wait)
	dialBy(s, func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		gateways.Go(func() {
			defer func() { _ = theirs.Close() }()
			gateway(theirs)
		})
		return ours, nil
	})
	return s
}

func dialBy(s sms.Sender, dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	s.(interface {
		DialBy(dial func(ctx context.Context, network, address string) (net.Conn, error))
	}).DialBy(dial)
}

// all reads a whole request.
func all(conn net.Conn) {
	var got []byte
	buf := make([]byte, 4096)
	for !strings.HasSuffix(string(got), "\r\n\r\n") {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		got = append(got, buf[:n]...)
	}
}

func TestTheLastByteDecides(t *testing.T) {
	for name, c := range map[string]struct {
		gateway func(conn net.Conn)
		want    notify.SendError
	}{
		"nothing read":          {func(net.Conn) {}, temporary},
		"half read":             {func(conn net.Conn) { _, _ = conn.Read(make([]byte, 100)) }, temporary},
		"half read, then hangs": {func(conn net.Conn) { _, _ = conn.Read(make([]byte, 100)); time.Sleep(time.Second) }, temporary},
		"all read":              {all, unknown},
		"all read, then hangs":  {func(conn net.Conn) { all(conn); time.Sleep(time.Second) }, unknown},
		"half an answer": {func(conn net.Conn) {
			all(conn)
			_, _ = conn.Write([]byte("HTTP/1.1 202 Accepted\r\nContent-Length: 23\r\n\r\n0: Acc"))
		}, unknown},
		"no HTTP": {func(conn net.Conn) { all(conn); _, _ = conn.Write([]byte("0: Accepted for delivery\r\n\r\n")) }, unknown},
		"only interim answers": {func(conn net.Conn) {
			all(conn)
			for {
				if _, err := conn.Write([]byte("HTTP/1.1 102 Processing\r\n\r\n")); err != nil {
					return
				}
			}
		}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := pipeSender(t, c.gateway).Send(t.Context(), sendertest.ShortMessage(1))
				wantError(t, err, c.want)
			})
		})
	}
}

// An answer without an end is cut; its beginning says what there is to know.
func TestAnswersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := pipeSender(t, func(conn net.Conn) {
			all(conn)
			_, _ = conn.Write([]byte("HTTP/1.1 202 Accepted\r\n\r\n0: Accepted for delivery"))
			for {
				if _, err := conn.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}).Send(t.Context(), sendertest.ShortMessage(1))
		if err != nil || len(got.Provider) > 1000 {
			t.Errorf("receipt %+v, %v", got, err)
		}
	})
}

func TestInterimAnswersArePassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := pipeSender(t, func(conn net.Conn) {
			all(conn)
			_, _ = conn.Write([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n18\r\n0: Accepted for delivery\r\n0\r\n\r\n"))
		}).Send(t.Context(), sendertest.ShortMessage(1))
		if err != nil || got.Provider != "0: Accepted for delivery" {
			t.Errorf("receipt %+v, %v", got, err)
		}
	})
}

// A cancelled context ends the wait for an answer after a short grace, and an
// answer within it still counts.
func TestGrace(t *testing.T) {
	for name, c := range map[string]struct {
		wait time.Duration
		ok   bool
	}{"in time": {50 * time.Millisecond, true}, "too late": {time.Second, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				s := pipeSender(t, func(conn net.Conn) {
					all(conn)
					cancel()
					time.Sleep(c.wait)
					_, _ = conn.Write([]byte("HTTP/1.1 202 Accepted\r\nContent-Length: 24\r\n\r\n0: Accepted for delivery"))
				})
				started := time.Now()
				_, err := s.Send(ctx, sendertest.ShortMessage(1))
				if c.ok != (err == nil) {
					t.Errorf("it ended with %v", err)
				}
				if !c.ok {
					wantError(t, err, unknown)
				}
				if took, want := time.Since(started), min(c.wait, 200*time.Millisecond); took != want {
					t.Errorf("it took %s, want %s", took, want)
				}
			})
		})
	}
}

// The message grew old while the connection was being made.
func TestTooOldAtTheLastMoment(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	o := sms.Options{Provider: sms.Kannel, URL: "http://127.0.0.1:1", User: "shop", Password: password, Now: func() time.Time { return now }}
	s := newSender(t, o)
	dialBy(s, func(context.Context, string, string) (net.Conn, error) {
		now = now.Add(time.Minute)
		ours, _ := net.Pipe()
		return ours, nil
	})
	m := sendertest.ShortMessage(1)
	m.NotAfter = now.Add(30 * time.Second)
	_, err := s.Send(t.Context(), m)
	if !errors.Is(err, notify.ErrStale) {
		t.Errorf("it ended with %v", err)
	}
	wantError(t, err, temporary)
}

// Redirects are not followed: what would be sent again is the message, and the
// password with it.
func TestNothingIsSentElsewhere(t *testing.T) {
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		_, err := newSender(t, sms.Options{Provider: sms.Kannel, URL: s.URL, User: "shop", Password: password}).Send(t.Context(), sendertest.ShortMessage(1))
		wantError(t, err, outage)
		s.Close()
	}
	if asked != 0 {
		t.Errorf("%d requests went elsewhere", asked)
	}
}

// Certificates that nobody has signed, and servers that do not encrypt.
func TestEncryptionIsRequired(t *testing.T) {
	g := newPeer(t, kannelPeer())
	o := options(g, sms.Kannel)
	o.CAFile = ""
	_, err := newSender(t, o).Send(t.Context(), sendertest.ShortMessage(1))
	wantError(t, err, paused)
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the error does not say so: %v", err)
	}
	bare := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(bare.Close)
	o.URL = strings.Replace(bare.URL, "http:", "https:", 1)
	_, err = newSender(t, o).Send(t.Context(), sendertest.ShortMessage(1))
	wantError(t, err, paused)
	if !strings.Contains(err.Error(), "TLS") {
		t.Errorf("the error does not say so: %v", err)
	}
}

func TestNotTooManyAtATime(t *testing.T) {
	var now, most atomic.Int32
	four := make(chan struct{}) // closed once four are on their way
	full := sync.OnceFunc(func() { close(four) })
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old; old = most.Load() {
			most.CompareAndSwap(old, n)
		}
		if n == 4 {
			full()
		}
		select {
		case <-four:
			time.Sleep(20 * time.Millisecond) // for a fifth one to come
		case <-time.After(20 * time.Second): // they never are
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("0: Accepted for delivery"))
	}))
	t.Cleanup(s.Close)
	sender := newSender(t, sms.Options{Provider: sms.Kannel, URL: s.URL, User: "shop", Password: password})
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			if _, err := sender.Send(t.Context(), sendertest.ShortMessage(n)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := most.Load(); n != 4 {
		t.Errorf("%d messages were on their way at a time, want 4", n)
	}
}
