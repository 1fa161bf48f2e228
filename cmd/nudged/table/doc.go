// Package table is what lists look like: aligned columns on a terminal, with
// wide characters counted as two, and one line of tab-separated values a row
// elsewhere, for cut and awk. Progress is bars on a terminal and plain lines
// elsewhere.
//
// Everything a shop says is foreign text: it is put on one line, and control
// and direction characters, which could move a terminal's cursor, are dropped.
package table
