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

// A narrow terminal takes from what may be cut, the widest first, and leaves the
// rest whole.
func TestANarrowTerminal(t *testing.T) {
	list := func() *table.Table {
		l := &table.Table{Columns: []table.Column{
			{Title: "Order", Min: 6}, {Title: "Buyer", Max: 24, Min: 8}, {Title: "Items", Min: 10}, {Title: "Total", Right: true},
		}}
		l.Add("demo/DS-1042", "王小明王小明王小明", strings.Repeat("2 × A mug with a handle; ", 4), "1200.00 CNY")
		return l
	}
	for _, width := range []int{45, 60, 80, 100, 200} {
		var b bytes.Buffer
		if err := list().Write(&b, width); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if w := text.StringWidthWithoutEscSequences(strings.TrimRight(line, "\n")); w > width {
				t.Errorf("%d columns: %q is %d wide", width, line, w)
			}
		}
		if !strings.Contains(b.String(), "1200.00 CNY") {
			t.Errorf("%d columns: what may not be cut was cut:\n%s", width, b.String())
		}
		if whole := strings.Contains(b.String(), "demo/DS-1042"); whole != (width >= 60) {
			t.Errorf("%d columns: the number is whole: %v:\n%s", width, whole, b.String())
		}
	}
}

// What has no room even when all is cut goes whole, and is named.
func TestNarrow(t *testing.T) {
	list := sample()
	list.Columns = append(list.Columns, table.Column{Title: "Placed"})
	for i := range list.Rows {
		list.Rows[i] = append(list.Rows[i], "2026-11-22 12:00")
	}
	if left := list.Narrow(200); len(left) != 0 {
		t.Errorf("with room for all %q are left out", left)
	}
	if left := list.Narrow(0); len(left) != 0 {
		t.Errorf("elsewhere than on a terminal %q are left out", left)
	}
	if left := list.Narrow(36); len(left) != 1 || left[0] != "Placed" {
		t.Errorf("on 36 columns %q are left out", left)
	}
	if left := list.Narrow(3); len(left) != 2 || left[1] != "Total" || len(list.Columns) != 1 {
		t.Errorf("on 3 columns %q are left out", left)
	}
	var b bytes.Buffer
	if err := list.Write(&b, 40); err != nil || strings.Contains(b.String(), "12.00") || !strings.Contains(b.String(), "1042") {
		t.Errorf("%q, %v", b.String(), err)
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
