package intake

import (
	"fmt"
	"strings"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/crawler/extract"
	"nudged/store/order"
)

// Options are what is known of a list before it is read: where it belongs, and
// what the seller says of it. What nobody says is guessed.
type Options struct {
	File     string         // as errors call the list
	Shop     string         // that its orders belong to
	Zone     *time.Location // of its times; nil is UTC
	Region   string         // of phone numbers without a country code, as CN; "" takes none of them
	Currency string         // of amounts without one, as EUR; "" takes none of them

	Sheet    string   // the one to read; otherwise the first, and those with the same columns
	Columns  []string // what they hold, by title or letter: "Telefon=phone"; "Telefon=-" leaves one out
	Statuses []string // what words mean: "待评价=paid"; the word * is for all others, and for none
	Days     string   // "dmy" or "mdy", whether 03/04/2026 is 3 April or 4 March
	Decimal  string   // "." or ",", the sign before the cents
	// Consent is the yes of those who agreed to offers, for what their rows do not say
	// of it; where no column says who did, of everybody.
	Consent order.Consent

	// AskDays asks for Days where the list does not tell; nil, or another answer, if
	// nobody can say. Its error ends the plan.
	AskDays func(column, example string) (string, error)
	// Nearest guesses the field that was meant by a word that is none; nil does not.
	Nearest func(typed string, known []string) string
}

// OptionError is an option that is missing, or that cannot be followed. Its text
// tells the seller which flag of the command says it.
type OptionError struct{ err error }

func (e *OptionError) Error() string { return e.err.Error() }

// Unwrap gives what was wrong with an option.
func (e *OptionError) Unwrap() error { return e.err }

func optionError(format string, args ...any) error {
	return &OptionError{fmt.Errorf(format, args...)}
}

// Check tells what is wrong with the options in themselves, whatever the list.
func (o Options) Check() error {
	if _, err := statusRules(o.Statuses); err != nil {
		return err
	}
	switch d := dayOrder(o.Days); {
	case d != daysUnknown && d != daysFirst && d != monthsFirst:
		return optionError("--dates %s: write dmy if the day comes first, mdy if the month does", o.Days)
	case o.Decimal != "" && o.Decimal != "." && o.Decimal != ",":
		return optionError("--decimal %s: write . or ,", o.Decimal)
	case o.Region != "" && (len(o.Region) != 2 || strings.ToUpper(o.Region) != o.Region):
		return optionError("--region %s: write the two letters of a country, as DE", o.Region)
	}
	if o.Currency != "" {
		if code, err := extract.Currency(o.Currency, ""); err != nil || code != o.Currency {
			return optionError("--currency %s: write the three letters of a currency, as EUR", o.Currency)
		}
	}
	return nil
}

// Day reads a date that the seller typed, as one of the list; the moment is that of
// UTC.
func (o Options) Day(typed string) (time.Time, error) {
	at, _, err := dateOf(sheet.Value{Kind: sheet.Text, Text: typed}, dayOrder(o.Days), time.UTC)
	return at, err
}
