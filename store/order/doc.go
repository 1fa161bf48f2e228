// Package order is the vocabulary of nudged: what an order is, in which status
// it can be, what it costs, who bought it, what was read of it and what was
// told about it. Every other package speaks in these words; this one imports
// nothing but the standard library and does no I/O.
//
// The words follow one story. A visit to a shop brings a [Visit]: a list of
// [Order] values as they were read. Recording it yields [News]: what was not
// known before. From open orders come [Reminder] values, one a step and
// channel, which move through their [State]. Whatever happens to a reminder is
// an [Event] in the ledger. What comes back after a message, as a bounce or an
// answer, is a [Back].
//
// Ids are text, always: some shops number their orders beyond 2^53. Money is an
// int64 of minor units and an ISO 4217 code. Times carry a zone. Addresses,
// phone numbers and secrets are types that print redacted; whoever needs the
// plain text must say [Email.Reveal], which is easy to search for.
package order
