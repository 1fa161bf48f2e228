package store

import (
	"context"
	"fmt"
)

// Cursor is how far something foreign was read, such as a mailbox; false if it
// never was.
func (db *DB) Cursor(name string) ([]byte, bool, error) {
	var rec cursorRecord
	found, err := db.get(fmt.Sprintf("read cursor %q", name), bucketCursors, name, &rec)
	return rec.Value, found, err
}

// SetCursor keeps it.
func (db *DB) SetCursor(ctx context.Context, name string, value []byte) error {
	what := fmt.Sprintf("keep cursor %q", name)
	if len(value) > maxWords {
		return fmt.Errorf("%s: it has %d bytes; the store takes up to %d", what, len(value), maxWords)
	}
	return db.put(ctx, what, bucketCursors, name, cursorRecord{Value: value})
}
