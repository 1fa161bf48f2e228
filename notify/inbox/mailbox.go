package inbox

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"nudged/store/order"
)

// ErrRefused says that user and password were not accepted: trying again soon
// may lock the account.
var ErrRefused = errors.New("the mail server refused user or password")

// Cursor is how far a folder has been read: a UID says something only under its
// UIDVALIDITY (RFC 9051, 2.3.1.1). The zero Cursor is a folder never read.
type Cursor struct{ Validity, UID uint32 }

// Tally counts what one Read saw.
type Tally struct {
	Mails int // looked at
	Taken int // handed to take
	Bad   int // could not be read and were passed over
}

// Mailbox reads one folder. It may be used by one Read at a time.
type Mailbox struct {
	o Options

	mu   sync.Mutex
	last Tally
}

// New checks the options; it does not connect.
func New(o Options) (*Mailbox, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	if _, err := o.tlsConfig(); err != nil {
		return nil, err
	}
	return &Mailbox{o: o}, nil
}

// Last counts what the latest Read saw.
func (m *Mailbox) Last() Tally {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// Probe signs in, opens the folder and leaves.
func (m *Mailbox) Probe(ctx context.Context) error {
	s, err := m.dial(ctx)
	if err != nil {
		return err
	}
	s.leave()
	return nil
}

// Read hands to take, oldest first, what has come since the cursor, and gives
// the cursor behind the last mail that is done with: also beside an error, and
// to be kept then too. An error of take ends the reading, with the cursor before
// that mail, and is returned as it is.
//
// A folder that was never read, or was numbered anew, is read from 30 days back;
// what has been taken before comes again then, with the same Ref.
func (m *Mailbox) Read(ctx context.Context, from Cursor, take func(order.Back) error) (Cursor, error) {
	r := &reading{m: m, at: from, take: take, size: batch}
	err := r.run(ctx)
	m.mu.Lock()
	m.last = r.tally
	m.mu.Unlock()
	if r.tally.Bad > 0 {
		m.o.Log.Warn(fmt.Sprintf("inbox: %d of %d mails could not be read and were passed over", r.tally.Bad, r.tally.Mails), "err", r.odd)
	}
	return r.at, err
}
