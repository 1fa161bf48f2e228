package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"nudged/store/order"
)

const (
	// firstDays is how far back a folder is read that has no cursor, or whose
	// mails were numbered anew.
	firstDays = 30
	// batch is how many mails are asked for at once.
	batch = 50
	// mostNew bounds one Read; the rest comes with the next.
	mostNew = 50_000
	// searchAnswer bounds the list of what is new, in bytes.
	searchAnswer = 32 << 20
	// mailAnswer bounds what one mail may bring, in bytes: a server that sends the
	// whole of a large one although a part was asked for is read up to here.
	mailAnswer = 16 << 20
	// mostOdd is how many answers that cannot be used are put up with in one Read.
	mostOdd = 20
)

// reading is one Read, over as many connections as it takes.
type reading struct {
	m     *Mailbox
	at    Cursor
	take  func(order.Back) error
	size  int // mails asked for at once
	tally Tally
	odd   error // what was wrong with the last bad mail
}

// run reads to the end. After an answer that could not be used it goes on over a
// new connection, one mail at a time, and passes over the one that it is about.
func (r *reading) run(ctx context.Context) error {
	for range mostOdd {
		err := r.connect(ctx)
		var odd *oddError
		var hole *holeError
		switch {
		case errors.As(err, &hole) && r.size == 1:
			r.at.UID, r.odd = hole.uid, err
			r.tally.Mails++
			r.tally.Bad++
			r.size = batch
		case errors.As(err, &hole):
			r.size = 1
		case errors.As(err, &odd):
			return fmt.Errorf("%w; the mails before it are done", err)
		default:
			return err
		}
	}
	return fmt.Errorf("imap: %s gives too many answers that cannot be used: %w", r.m.o.Host, r.odd)
}

// holeError is an answer that could not be used, and the first mail it left out.
type holeError struct {
	uid uint32
	err error
}

func (e *holeError) Error() string { return e.err.Error() }
func (e *holeError) Unwrap() error { return e.err }

func (r *reading) connect(ctx context.Context) error {
	s, err := r.m.dial(ctx)
	if err != nil {
		return err
	}
	uids, err := r.fresh(ctx, s)
	if err != nil {
		s.close()
		return err
	}
	for part := range slices.Chunk(uids, r.size) {
		if err := r.fetch(ctx, s, part); err != nil {
			s.close()
			return err
		}
	}
	s.leave()
	return nil
}

// fresh lists what is behind the cursor, and moves the cursor into this
// numbering if it has none there.
func (r *reading) fresh(ctx context.Context, s *session) ([]imap.UID, error) {
	criteria := &imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(r.at.UID) + 1, Stop: 0}}}}
	if r.at.Validity != s.validity {
		r.at = Cursor{}
		criteria = &imap.SearchCriteria{Since: r.m.o.Now().AddDate(0, 0, -firstDays)}
	} else if s.uidNext != 0 && uint32(s.uidNext)-1 <= r.at.UID {
		return nil, nil
	}
	s.w.await(searchAnswer)
	data, err := s.c.UIDSearch(criteria, nil).Wait()
	s.w.rest()
	if err != nil {
		return nil, s.trouble(ctx, "the search for new mail", err)
	}
	uids := behind(data, r.at.UID, uint32(s.uidNext))
	if r.at.Validity == 0 {
		// From here on the cursor says where to go on, also if this Read ends early.
		r.at = Cursor{Validity: s.validity, UID: max(uint32(s.uidNext), 1) - 1}
		if len(uids) > 0 {
			r.at.UID = uint32(uids[0]) - 1
		}
	}
	return uids, nil
}

// behind gives the UIDs after last and before next (0: not known), in order. A
// cursor beyond what the folder holds would miss what comes. Ranges are opened
// here: a hostile one may span four thousand million.
func behind(data *imap.SearchData, last, next uint32) []imap.UID {
	set, _ := data.All.(imap.UIDSet)
	var uids []imap.UID
	for _, span := range set {
		if span.Start == 0 || span.Stop < span.Start {
			continue
		}
		end := uint64(span.Stop)
		if next > 0 {
			end = min(end, uint64(next)-1)
		}
		// n:* names the last mail also when that is older.
		for n := max(uint64(span.Start), uint64(last)+1); n <= end && len(uids) < 2*mostNew; n++ {
			uids = append(uids, imap.UID(n))
		}
	}
	slices.Sort(uids)
	uids = slices.Compact(uids)
	return uids[:min(len(uids), mostNew)]
}

// fetch reads a few mails, streamed: one is in memory at a time.
func (r *reading) fetch(ctx context.Context, s *session, uids []imap.UID) error {
	left := slices.Clone(uids) // not yet done with, lowest first
	done, bare := make(map[imap.UID]bool, len(uids)), make(map[imap.UID]bool)
	s.w.await(mailAnswer + int64(len(uids))*(maxMail+16<<10))
	cmd := s.c.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{
		UID: true, InternalDate: true,
		BodySection: []*imap.FetchItemBodySection{{Peek: true, Partial: &imap.SectionPartial{Size: maxMail}}},
	})
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		got, whole := collect(msg)
		if !whole {
			// Not even to be drained: after a text that ended early the client's own
			// reader goes on, and both would read from the connection.
			<-s.c.Closed()
			return hole(left, s.trouble(ctx, "reading mail", io.ErrUnexpectedEOF))
		}
		if got.raw == nil {
			bare[got.uid] = true // news of its flags came in between, or the server has lost the text
			continue
		}
		s.w.rest()
		err := r.one(got)
		done[got.uid] = err == nil
		for len(left) > 0 && done[left[0]] {
			r.at.UID, left = uint32(left[0]), left[1:]
		}
		if err == nil && ctx.Err() != nil {
			err = fmt.Errorf("imap: stopped: %w", context.Cause(ctx))
		}
		if err != nil {
			_ = s.w.Close() // or the rest of the answer would have to be read
			_ = cmd.Close()
			return err
		}
		s.w.await(mailAnswer + int64(len(uids))*(maxMail+16<<10))
	}
	err := cmd.Close()
	s.w.rest()
	if err == nil {
		return r.past(uids, left, bare)
	}
	return hole(left, s.trouble(ctx, "reading mail", err))
}

// hole says at which mail an answer could not be used; a connection that was
// lost is the fault of none.
func hole(left []imap.UID, err error) error {
	if odd := (*oddError)(nil); errors.As(err, &odd) && len(left) > 0 {
		return &holeError{uid: uint32(left[0]), err: err}
	}
	return err
}

// past moves the cursor behind mails of which the server has told all it will:
// those that did not come have been deleted meanwhile. One that came without its
// text is asked for again.
func (r *reading) past(uids, left []imap.UID, bare map[imap.UID]bool) error {
	for _, uid := range left {
		if bare[uid] {
			return &holeError{uid: uint32(uid), err: fmt.Errorf("imap: %s gave a mail without its text", r.m.o.Host)}
		}
		r.at.UID = uint32(uid)
	}
	r.at.UID = uint32(uids[len(uids)-1])
	return nil
}

// fetched is one mail as it came.
type fetched struct {
	uid     imap.UID
	arrived time.Time
	raw     []byte
}

// collect reads one answer; false if its text broke off.
func collect(msg *imapclient.FetchMessageData) (got fetched, whole bool) {
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			got.uid = item.UID
		case imapclient.FetchItemDataInternalDate:
			got.arrived = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || got.raw != nil {
				continue
			}
			var err error
			got.raw, err = io.ReadAll(io.LimitReader(item.Literal, maxMail))
			// A lost connection looks like the end of the text.
			if err != nil || int64(len(got.raw)) != min(item.Literal.Size(), maxMail) {
				return got, false
			}
		}
	}
	return got, true
}

// one parses a mail and hands it on.
func (r *reading) one(got fetched) error {
	b, is, err := Parse(got.raw, r.m.o.Own)
	if err == nil && is {
		b.At = arrival(got.arrived, b.At, r.m.o.Now())
		if err := r.take(b); err != nil {
			return err
		}
		r.tally.Taken++
	}
	r.tally.Mails++
	if err != nil {
		r.tally.Bad++
		r.odd = err
	}
	return nil
}

// arrival is when a mail came: as the server of the mailbox says; the Date of a
// mail is what its sender likes. Never in the future.
func arrival(server, sender, now time.Time) time.Time {
	at := server
	if at.IsZero() {
		at = sender
	}
	if at.IsZero() || at.After(now) {
		return now
	}
	return at
}
