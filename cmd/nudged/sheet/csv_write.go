package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"
)

// BOM before a CSV in UTF-8 tells Excel that it is one.
const BOM = "\ufeff"

// clock is how a moment is written where no cell has a type.
const clock = "2006-01-02 15:04:05"

// WriteCSV writes one table as CSV in UTF-8, with commas and without a [BOM].
// Texts that a program would compute begin with an apostrophe.
func WriteCSV(w io.Writer, titles []string, rows iter.Seq[[]Cell]) error {
	out := csv.NewWriter(w)
	record := make([]string, len(titles))
	for i, title := range titles {
		record[i] = defuse(fit(title))
	}
	err := out.Write(record)
	for row := range rows {
		if err != nil {
			break
		}
		for i := range record {
			record[i] = ""
			if i < len(row) {
				record[i] = plain(row[i])
			}
		}
		err = out.Write(record)
	}
	if err == nil {
		out.Flush()
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("cannot write the CSV: %w", err)
	}
	return nil
}

// plain is a cell as text.
func plain(c Cell) string {
	switch c.Kind {
	case Text:
		return defuse(fit(c.Text))
	case Number:
		return strconv.FormatFloat(c.Number, 'f', -1, 64)
	case Money:
		return c.Money.Decimal()
	case Time:
		if c.Day {
			return c.Time.Format(time.DateOnly)
		}
		return c.Time.Format(clock)
	case Whole:
		return strconv.FormatInt(c.Whole, 10)
	}
	return ""
}
