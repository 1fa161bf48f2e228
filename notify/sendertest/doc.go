// Package sendertest is the contract that every [notify.Sender] passes. It is
// imported by tests only.
//
// A sender brings a [Peer]: the receiving side, in the same process, which can
// be told to fail in the ways that receiving sides fail. The suite then checks
// what the dispatcher relies on: what was surely not taken is temporary or
// permanent, what may have been taken is unknown, a sender never tries again by
// itself once a message is out, a cancelled context is honoured, no foreign text
// becomes a header or a recipient, and no error repeats an address or a secret.
package sendertest
