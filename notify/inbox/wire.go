package inbox

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

var (
	errSilent = errors.New("it took too long to answer")
	errFlood  = errors.New("it answered with more than was asked for")
)

// wire is the connection under the IMAP client, which by itself neither gives a
// silent server up nor bounds what a talkative one says.
type wire struct {
	net.Conn
	timeout time.Duration

	mu     sync.Mutex
	timer  *time.Timer // runs while an answer is awaited
	budget int64       // bytes that the answer may have
	failed error       // the first failure that was not our own Close
	closed bool
}

func newWire(c net.Conn, timeout time.Duration) *wire {
	return &wire{Conn: c, timeout: timeout}
}

// await allows an answer of that many bytes.
func (w *wire) await(budget int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.budget = budget
	if w.timer == nil {
		w.timer = time.AfterFunc(w.timeout, func() { w.fail(errSilent) })
	} else {
		w.timer.Reset(w.timeout)
	}
}

// rest ends the waiting: our own side is busy.
func (w *wire) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}

// Read counts, and takes every byte as a sign of life.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	w.budget -= int64(n)
	flood := w.budget < 0 && w.timer != nil
	if n > 0 && w.timer != nil {
		w.timer.Reset(w.timeout)
	}
	w.mu.Unlock()
	switch {
	case flood:
		w.fail(errFlood)
		return 0, errFlood
	case err != nil:
		w.fail(err)
	}
	return n, err
}

// Write notes what went wrong.
func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if err != nil {
		w.fail(err)
	}
	return n, err
}

// fail keeps the first reason and ends the connection.
func (w *wire) fail(err error) {
	w.mu.Lock()
	if !w.closed && w.failed == nil {
		w.failed = err
	}
	w.mu.Unlock()
	_ = w.Conn.Close()
}

// Close ends the connection; what fails after it is no failure.
func (w *wire) Close() error {
	w.mu.Lock()
	w.closed = true
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.mu.Unlock()
	return w.Conn.Close()
}

// failure is why the connection ended, nil if it was not it.
func (w *wire) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if errors.Is(w.failed, io.EOF) {
		return errors.New("it closed the connection")
	}
	return w.failed
}
