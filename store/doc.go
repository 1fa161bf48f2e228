// Package store is the memory of nudged: one bbolt file that keeps every order
// for ever, what was told to whom, and what is due next.
//
// # Buckets
//
//	meta              version             schema version, 8 bytes
//	                  key_check           which key file the suppressions belong to
//	shops             shop                when the shop was enabled, what it waits for, samples
//	                                      of what its pages hold
//	orders            shop id             facts of an order, without name, e-mail, phone
//	contacts
//	  records         shop id             name, e-mail, phone of the order; buyer id
//	  email, phone    sha-256 of contact  buyer id
//	buyers            buyer shop id       which orders a person made
//	merged_buyers     buyer               the buyer that it was found to be
//	created           shop time id        status; every order by its time
//	unpaid            shop time id        the unpaid orders among them
//	numbers           number shop id      orders whose number is not their id
//	changes           time seq            status history of all orders, append-only
//	history           shop id seq         time of the entry in changes
//	visits            shop time           visits of the last two weeks
//	last_visits       shop                the last visit, also a failed one
//	reminders         shop id step chan   a step's state
//	due               shop time id step chan   reminders that wait
//	sending           shop id step chan   hand-overs begun and not settled
//	ledger            time seq            everything sent, held, skipped, failed; append-only
//	ledger_of         shop id seq         time of the entry in ledger
//	sessions          shop                sealed cookies
//	refusals          shop                a refused password's fingerprint
//	suppressed        HMAC of contact     who does not want to hear from us, and why
//	marks             name                when a job ran last
//	counters          name                numbers that only grow
//
// # Keys
//
// Texts in keys are preceded by their length (2 bytes, big-endian), so that any
// byte may occur in the name of a shop or the id of an order and no two keys
// can be confused. Numbers are 8 bytes, big-endian. A time is 12 bytes: seconds
// since 1970 with the sign bit turned, then nanoseconds; byte order is time
// order, for every time there is. A shop or id is at most 1 kB.
//
// # Values
//
// A value is one version byte and JSON, so that a file can be rescued with
// general tools. The structs of the file stand in codec.go, apart from the
// vocabulary, whose types print redacted and would lose what they hold.
//
// # Guarantees
//
// A call that writes is one transaction and on the disk when it returns without
// an error; killed at any moment, the file holds all of it or nothing. Facts
// are never deleted. An order's history and the ledger only grow.
//
// A reminder is begun at most once for each time it was planned, held or
// failed, and its states sent, skipped, unknown, parked and shown never change.
//
// Name, e-mail and phone of buyers stand in the bucket contacts only. Reasons
// and problems that repeat an e-mail or phone are stored with it masked. Sessions
// are sealed with AES-256-GCM, suppressed contacts are kept as HMAC-SHA-256;
// both keys are derived from one key file that should not lie beside the
// database (see [KeyFile]).
//
// Queries copy their answers out and keep no transaction open: a long read
// would make the file grow, and a write that must grow the map would wait for
// it for ever.
package store
