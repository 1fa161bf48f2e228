package email

import (
	"net"
	"sync"
	"time"
)

// wire is the connection below TLS and SMTP. It knows what the layers above
// cannot tell: whether the last bytes of a message went out whole. And it is
// where a cancelled context takes hold, because the SMTP client waits in reads
// and does not look at contexts.
type wire struct {
	net.Conn
	grace time.Duration

	mu        sync.Mutex
	cancelled bool
	final     bool // the end of a message is being written, or was
	writeErr  error
}

// Write remembers the first failure. A TLS record that was cut off cannot be
// read by the server: a message whose last write failed did not arrive.
func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if err != nil {
		w.mu.Lock()
		if w.writeErr == nil {
			w.writeErr = err
		}
		w.mu.Unlock()
	}
	return n, err
}

// SetDeadline keeps go-mail from lifting the deadline of a cancelled context.
func (w *wire) SetDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancelled {
		return nil
	}
	return w.Conn.SetDeadline(t)
}

// allow gives the next step its time.
func (w *wire) allow(d time.Duration) { _ = w.SetDeadline(time.Now().Add(d)) }

// finish gives the end of a message and its answer their time. False means that
// the context was cancelled before: the message can and must be held back.
func (w *wire) finish(d time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancelled {
		return false
	}
	w.final = true
	_ = w.Conn.SetDeadline(time.Now().Add(d))
	return true
}

// cancel ends waiting: at once, or after a short grace once the message is out.
func (w *wire) cancel() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancelled = true
	wait := time.Duration(0)
	if w.final {
		wait = w.grace
	}
	_ = w.Conn.SetDeadline(time.Now().Add(wait))
}

// reset makes the connection ready for another message.
func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.final = false
}

// broken reports whether a write has failed.
func (w *wire) broken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writeErr != nil
}
