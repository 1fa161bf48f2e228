package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"nudged/cmd/nudged/sheet"
)

// rows gives what the list shows, in its order. n counts them, cut says whether
// the limit left some out, failure is what ended it early.
func (l *list[T]) rows(n *int, cut *bool) (iter.Seq[T], *error) {
	failure := new(error)
	source := l.inOrder
	if l.by == nil && !l.flags.Reverse {
		source = l.asItComes
	}
	return func(yield func(T) bool) {
		*failure = source(func(row T) bool {
			*n++
			return yield(row)
		}, cut)
	}, failure
}

// asItComes holds nothing: a list of a million is written row by row.
func (l *list[T]) asItComes(yield func(T) bool, cut *bool) error {
	n := 0
	return l.all(func(row T) (bool, error) {
		if l.limit > 0 && n == l.limit {
			*cut = true
			return false, nil
		}
		n++
		return yield(row), nil
	})
}

// keyed is a row with what it is sorted by, asked once.
type keyed[T any] struct {
	row T
	key sheet.Cell
}

// inOrder sorts. It holds no more than twice what is shown, so that the ten
// largest of a million need no room for a million.
func (l *list[T]) inOrder(yield func(T) bool, cut *bool) error {
	if l.by == nil {
		return l.backwards(yield, cut)
	}
	var best []keyed[T]
	sort := func() {
		slices.SortStableFunc(best, l.compare)
		if l.limit > 0 && len(best) > l.limit {
			clear(best[l.limit:])
			best, *cut = best[:l.limit], true
		}
	}
	err := l.all(func(row T) (bool, error) {
		key := l.by.cell(row)
		l.purses.count(key)
		if best = append(best, keyed[T]{row, key}); l.limit > 0 && len(best) >= 2*l.limit+1000 {
			sort()
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	sort()
	for _, k := range best {
		l.purses.shown(k.key)
		if !yield(k.row) {
			break
		}
	}
	return nil
}

// backwards is the natural order from its end.
func (l *list[T]) backwards(yield func(T) bool, cut *bool) error {
	var last []T
	err := l.all(func(row T) (bool, error) {
		if last = append(last, row); l.limit > 0 && len(last) >= 2*l.limit+1000 {
			last, *cut = append(last[:0:0], last[len(last)-l.limit:]...), true
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	if l.limit > 0 && len(last) > l.limit {
		last, *cut = last[len(last)-l.limit:], true
	}
	for _, row := range slices.Backward(last) {
		if !yield(row) {
			break
		}
	}
	return nil
}

// compare puts large and new things first and texts from A to Z, unless it is the
// other way round. What is not known comes last either way.
func (l *list[T]) compare(a, b keyed[T]) int {
	switch {
	case a.key.Kind == sheet.Empty && b.key.Kind == sheet.Empty:
		return 0
	case a.key.Kind == sheet.Empty:
		return 1
	case b.key.Kind == sheet.Empty:
		return -1
	}
	n := compareCells(a.key, b.key)
	if (l.by.kind != sheet.Text) != l.flags.Reverse {
		return -n
	}
	return n
}

// indent lays an object out as the other JSON of this program is.
func indent(b *bytes.Buffer, object []byte) error {
	if err := json.Indent(b, object, "  ", "  "); err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}
