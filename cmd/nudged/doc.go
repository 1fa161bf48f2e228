// Command nudged reminds buyers of unpaid orders, kindly, and tells the seller
// once a day how things stand.
//
// This package is the conductor, the only one that sees everything. The flow
// stands in one function, [app.flow]: visit a shop, record what was read, tell
// whom it concerns. Around it are the schedule that starts it, the socket that
// lets commands work while the daemon runs, and one file a command.
//
// A shop can be in a state in which it is not asked at all: its recipe is on
// trial, it refused this password, or it waits for a person. All of them go
// through one gate, [app.barred]; a page that has changed is [app.shaky]. What is
// read with the seller beside it, at the first contact ([meeting]) or by nudged
// login, has a spider of its own, and hands the session to whoever has the
// database open.
//
// What comes back after messages went out, mails, words and reports, is read or
// listened for beside the shops ([daemon.scheduleBack]), and heeded before the
// first message of a start. Trouble that the seller should know of at once, and
// its end, goes through the [alarms]; a need, an alert, an answer and the digest
// leave by the same mail to the seller.
//
// Lists go out and come in as files of Excel and CSV, which the package sheet
// writes and reads. A list of the seller's own is read where the seller is: the
// package intake finds out what it says, it is shown and confirmed, and only its
// rows ([takings]) go to whoever has the database open, as those of an export come
// from there.
//
// The rules of output: results go to standard output, everything said about
// them to standard error. A table on a terminal is plain lines elsewhere. An
// error says what to do next. Exit codes are 0 done, 1 failed, 2 wrong usage or
// config, 3 needs you, 4 done in part; they are decided in one place, [code].
package main
