// Command nudged reminds buyers of unpaid orders, kindly, and tells the seller
// once a day how things stand.
//
// This package is the conductor, the only one that sees everything. The flow
// stands in one function, [app.flow]: visit a shop, record what was read, tell
// whom it concerns. Around it are the schedule that starts it, the socket that
// lets commands work while the daemon runs, and one file a command.
//
// The rules of output: results go to standard output, everything said about
// them to standard error. A table on a terminal is plain lines elsewhere. An
// error says what to do next. Exit codes are 0 done, 1 failed, 2 wrong usage or
// config, 3 needs you, 4 done in part; they are decided in one place, [code].
package main
