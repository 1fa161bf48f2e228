// Package email hands messages to an SMTP server.
//
// Connections are kept in a small pool. Encryption is required (STARTTLS or
// implicit TLS) unless the options say none in so many words, and even then a
// password travels in clear only to this machine.
//
// What happens to a message is known by its phase. Until the server has asked
// for the body (354), and while the body is being written, a failure means that
// it was surely not taken: temporary, or permanent when the server said 5xx.
// After the closing dot has been written, only the server's answer decides; if
// none comes, the outcome is unknown and nobody may send that message again.
// A pooled connection is tested with NOOP before it is used, and one that died
// is replaced: that is no outcome at all.
package email
