// Package sheet writes and reads the tables that sellers keep: Excel files and
// CSV. It is the only room of excelize and of encoding/csv.
//
// Writing is for people who go on working with the file: cells are typed, the
// header stands still, and no text becomes a formula, whatever a buyer wrote
// into a name.
//
// Reading is for files that come from anywhere. They are bounded in size, in
// rows and in columns, the encoding and the separator of a CSV are found out,
// and what cannot be read is named by sheet, row and column.
package sheet
