package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"nudged/cmd/nudged/intake"
	"nudged/cmd/nudged/sheet"
)

func book(t *testing.T, list string) *sheet.Book {
	t.Helper()
	b, err := sheet.Read("list.csv", strings.NewReader(list), int64(len(list)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// planned finds out how a list is read of which nothing is left open.
func planned(t *testing.T, k intake.Kind, o intake.Options, list string) *intake.Plan {
	t.Helper()
	o.File, o.Shop = "list.csv", "demo"
	p, err := k.Plan(book(t, list), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func readAll(t *testing.T, p *intake.Plan) *intake.Reading {
	t.Helper()
	r, err := p.Read()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reads a list as the commands do.
func reads(t *testing.T, k intake.Kind, o intake.Options, list string) *intake.Reading {
	t.Helper()
	return readAll(t, planned(t, k, o, list))
}

func said(r *intake.Reading) string {
	var b strings.Builder
	for _, line := range r.Complaints() {
		fmt.Fprintln(&b, line)
	}
	return b.String()
}

// asks is what the seller has to say of a list; "" if nothing.
func asks(t *testing.T, err error) string {
	t.Helper()
	var option *intake.OptionError
	if err != nil && !errors.As(err, &option) {
		t.Fatal(err)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// fieldsOf is what the columns hold.
func fieldsOf(p *intake.Plan) (out []string) {
	columns, _ := p.Columns(0)
	for _, c := range columns {
		out = append(out, c.Field)
	}
	return out
}

// cellsOf are a row of cells of text.
func cellsOf(line string) []sheet.Value {
	var out []sheet.Value
	for _, s := range strings.Split(line, "|") {
		v := sheet.Value{Kind: sheet.Text, Text: s}
		if s == "" {
			v = sheet.Value{}
		}
		out = append(out, v)
	}
	return out
}

func written(s string) sheet.Value { return sheet.Value{Kind: sheet.Text, Text: s} }

func texts(column []string) (out []sheet.Value) {
	for _, s := range column {
		out = append(out, written(s))
	}
	return out
}
