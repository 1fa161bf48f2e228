// Package control lets commands work while the daemon runs. The database has
// one owner, so a command that finds the daemon asks it: it sends its own
// arguments over a local socket, the daemon runs the very same command on its
// open database and streams back what the command prints and the files it
// makes, and at the end its exit code.
//
// The socket stands in the data directory and is for its owner alone (0600, in
// a directory of 0700): whoever may connect could read the database as well.
// Still nothing that arrives is trusted: sizes, counts and times are bounded.
//
// On the wire stands one JSON value a line. The client sends one [Request],
// the server any number of frames, the last of which carries the exit code.
package control
