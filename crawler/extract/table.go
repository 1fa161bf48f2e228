package extract

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"nudged/crawler/recipe"
)

// heading is a cell of a table's head and the columns that it stands over.
type heading struct {
	text     string // see plainLabel
	from, to int
}

// column is the row's cell under a header.
func column(p place, v *recipe.Value) ([]reading, bool) {
	row := rowOf(p)
	if row == nil {
		return nil, false
	}
	heads := p.doc.headings(up(row, "table"))
	for _, want := range v.Column {
		for _, h := range heads {
			if h.text != plainLabel(want) {
				continue
			}
			cell := cellAt(row, h.from)
			if cell == nil {
				continue
			}
			return elements(asSelection(cell), v)
		}
	}
	return nil, false
}

// rowOf is the table row that a place is, or is in.
func rowOf(p place) *html.Node {
	if p.sel == nil || len(p.sel.Nodes) == 0 {
		return nil
	}
	if row := up(p.sel.Nodes[0], "tr"); row != nil {
		return row
	}
	if first := p.sel.Find("tr").First(); first.Length() > 0 {
		return first.Nodes[0]
	}
	return nil
}

// up is the nearest element of a name: the node itself or what it stands in.
func up(n *html.Node, name string) *html.Node {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == name {
			return n
		}
	}
	return nil
}

func asSelection(n *html.Node) *goquery.Selection { return goquery.NewDocumentFromNode(n).Selection }

// plainLabel is a label or header as it is compared: without case, white space,
// colons, asterisks and arrows around it.
func plainLabel(s string) string {
	t := strings.ToLower(clean(s, maxText))
	if bare := strings.TrimFunc(t, notWord); bare != "" {
		return bare
	}
	return t
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// headings reads a table's head once. Grids that scroll keep it in a table of
// its own, which stands near.
func (d *document) headings(table *html.Node) []heading {
	if table == nil {
		return nil
	}
	if known, ok := d.heads[table]; ok {
		return known
	}
	rows, sure := headRows(table)
	heads := grid(rows)
	const near = 5
	for i, n := 0, table.Parent; !sure && i < near && n != nil; i, n = i+1, n.Parent {
		asSelection(n).Find("table").EachWithBreak(func(_ int, s *goquery.Selection) bool {
			if other := s.Nodes[0]; other != table {
				if rows, ok := headRows(other); ok && stands(grid(rows), table) {
					heads, sure = append(heads, grid(rows)...), true
				}
			}
			return !sure
		})
	}
	if d.heads == nil {
		d.heads = map[*html.Node][]heading{}
	}
	d.heads[table] = heads
	return heads
}

// stands reports whether a head fits over a table: it has as many columns, or one
// more, over the scroll bar.
func stands(heads []heading, table *html.Node) bool {
	columns, widest := 0, 0
	for _, h := range heads {
		columns = max(columns, h.to)
	}
	for _, row := range tableRows(table) {
		width := 0
		for _, cell := range rowCells(row) {
			width += span(cell, "colspan")
		}
		widest = max(widest, width)
	}
	return columns == widest || columns == widest+1
}

// headRows are the rows of a table's <thead>, or those of header cells that it
// begins with; sure says that there are such. Else its first row may be one.
func headRows(table *html.Node) (rows []*html.Node, sure bool) {
	all := tableRows(table)
	for _, row := range all {
		if row.Parent.Data == "thead" {
			rows = append(rows, row)
		}
	}
	if rows != nil {
		return rows, true
	}
	for _, row := range all {
		cells := rowCells(row)
		for _, c := range cells {
			if c.Data != "th" {
				cells = nil
			}
		}
		if cells == nil {
			break
		}
		rows = append(rows, row)
	}
	if rows != nil {
		return rows, true
	}
	return all[:min(1, len(all))], false
}

// tableRows are the rows of a table, without those of tables in it.
func tableRows(table *html.Node) []*html.Node {
	var rows []*html.Node
	for part := range table.ChildNodes() {
		switch part.Data {
		case "tr":
			rows = append(rows, part)
		case "thead", "tbody", "tfoot":
			for row := range part.ChildNodes() {
				if row.Data == "tr" {
					rows = append(rows, row)
				}
			}
		}
	}
	return rows
}

func rowCells(row *html.Node) []*html.Node {
	var cells []*html.Node
	for c := range row.ChildNodes() {
		if c.Type == html.ElementNode && (c.Data == "td" || c.Data == "th") {
			cells = append(cells, c)
		}
	}
	return cells
}

// grid lays the cells of a head out in columns: a cell may stand over several,
// and reach down into the rows below.
func grid(rows []*html.Node) []heading {
	var out []heading
	reaching := map[int]int{} // by column: rows that a cell above still takes
	for _, row := range rows {
		next := map[int]int{}
		for c, n := range reaching {
			if n > 1 {
				next[c] = n - 1
			}
		}
		col := 0
		for _, cell := range rowCells(row) {
			for reaching[col] > 0 {
				col++
			}
			width, height := span(cell, "colspan"), span(cell, "rowspan")
			out = append(out, heading{plainLabel(text(asSelection(cell))), col, col + width})
			for i := range width {
				if height > 1 {
					next[col+i] = height - 1
				}
			}
			col += width
		}
		reaching = next
	}
	return out
}

// cellAt is the cell of a row in a column.
func cellAt(row *html.Node, col int) *html.Node {
	at := 0
	for _, cell := range rowCells(row) {
		if at += span(cell, "colspan"); col < at {
			return cell
		}
	}
	return nil
}

func span(cell *html.Node, key string) int {
	const most = 100
	for _, a := range cell.Attr {
		if a.Key == key {
			if n, err := strconv.Atoi(strings.TrimSpace(a.Val)); err == nil {
				return min(max(n, 1), most)
			}
		}
	}
	return 1
}
