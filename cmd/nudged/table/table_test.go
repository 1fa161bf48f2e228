package table_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"nudged/cmd/nudged/table"
)

func sample() *table.Table {
	t := &table.Table{Columns: []table.Column{{Title: "Order"}, {Title: "Buyer", Max: 12}, {Title: "Total", Right: true}}}
	t.Add("1042", "王小明", "12.00 CNY")
	t.Add("1041", "A very long name indeed", "1200.00 CNY")
	t.Add("1040", "evil\x1b[2J\r\n\u202ename", "0.50 CNY")
	return t
}

func TestTerminal(t *testing.T) {
	var b bytes.Buffer
	if err := sample().Write(&b, 80); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines:\n%s", len(lines), b.String())
	}
	// Wide characters take two columns: the totals end in the same one.
	end := text.StringWidthWithoutEscSequences(lines[2])
	for _, l := range lines[2:] {
		if w := text.StringWidthWithoutEscSequences(l); w != end {
			t.Errorf("%q is %d columns wide, want %d", l, w, end)
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\r\u202e") {
		t.Errorf("control characters reach the terminal: %q", b.String())
	}
	if !strings.Contains(lines[3], "…") {
		t.Errorf("a long name is not cut: %q", lines[3])
	}
}

func TestPlain(t *testing.T) {
	var b bytes.Buffer
	if err := sample().Write(&b, 0); err != nil {
		t.Fatal(err)
	}
	want := "1042\t王小明\t12.00 CNY\n1041\tA very long name indeed\t1200.00 CNY\n1040\tevil[2J name\t0.50 CNY\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestProgressElsewhere(t *testing.T) {
	var b bytes.Buffer
	p := table.NewProgress(&b, false)
	p.Step("buckles", 0, 0, "signing in")
	for i := range 50 {
		p.Step("buckles", i, 50, "orders")
	}
	p.Done("buckles")
	p.Wait()
	if want := "buckles: signing in\nbuckles: orders\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestProgressOnATerminalEnds(t *testing.T) {
	var b bytes.Buffer
	p := table.NewProgress(&b, true)
	for i := range 5 {
		p.Step("buckles", i, 5, "orders")
		p.Step("mugs", i, 0, "order list")
	}
	p.Done("buckles")
	p.Wait()
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := table.JSON(&b, map[string]string{"name": "<王>"}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"name\": \"<王>\"\n}\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
}
