package sheet

// WriteShort is WriteXLSX with sheets of so many rows.
var WriteShort = writeXLSX
