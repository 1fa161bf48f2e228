// Package store is the memory of nudged: one bbolt file that keeps every order
// for ever, what was told to whom, and what is due next.
//
// # Buckets
//
//	meta              version             schema version, 8 bytes
//	                  key_check           which key file the suppressions belong to
//	                  tokens              mails of before there were tokens have theirs
//	                  imported            orders were imported from lists
//	shops             shop                when the shop was enabled, what it waits for, samples
//	                                      of what its pages hold
//	orders            shop id             facts of an order, without name, e-mail, phone
//	listed            shop id             what a list of the seller's says of a person
//	contacts
//	  records         shop id             name, e-mail, phone of the order, or of a list's row; buyer id
//	  email, phone    sha-256 of contact  buyer id
//	  words           seq                 what somebody answered, and from where
//	buyers            buyer shop id       which orders a person made, and rows of lists
//	merged_buyers     buyer               the buyer that it was found to be
//	created           shop time id        status; every order by its time; "taken" for an imported
//	                                      one that the shop itself shows by now
//	unpaid            shop time id        the unpaid orders among them
//	numbers           number shop id      orders whose number is not their id
//	changes           time seq            status history of all orders, append-only
//	history           shop id seq         time of the entry in changes
//	visits            shop time           visits of the last two weeks
//	last_visits       shop                the last visit, also a failed one
//	reminders         shop id step chan   a step's state
//	due               shop time id step chan   reminders that wait, but for stopped campaigns
//	sending           shop id step chan   hand-overs begun and not settled
//	told              buyer time reminder what went out to a person, or was shown: for the limit
//	campaigns         name                a campaign as it was sent, and whether it runs
//	campaign_of       name reminder       its messages
//	campaign_to       step HMAC of contact   the message of it for this contact
//	campaign_out      name time reminder  what went out of it, by time: for its rate
//	ledger            time seq            everything sent, held, skipped, failed, come back
//	ledger_of         shop id seq         time of the entry in ledger
//	messages          sha-256 of its id   the reminder that a message was
//	backs             time seq            what came back, without contacts and words
//	backs_of          shop id seq         time of the entry in backs
//	refs              sha-256 of Ref      the entry in backs: each comes back once
//	sessions          shop                sealed cookies
//	refusals          shop                a refused password's fingerprint
//	suppressed        HMAC of contact     who does not want to hear from us, and why
//	tokens            unsubscribe token   buyer id, HMAC of the address
//	gone              HMAC of contact     erased or forgotten; buyer id
//	hashes            buyer HMAC          the same by the buyer
//	consents          HMAC of contact     consent to advertising
//	cursors           name                how far a mailbox was read
//	alerts            key                 troubles that the seller is told of
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
// an error; killed at any moment, the file holds all of it or nothing. What goes
// over many people takes several, and can be done again: [DB.ForgetContacts],
// [DB.ImportBuyers], [DB.ImportOrders], [DB.PlanCampaign], [DB.PauseCampaign]. Facts of orders are never deleted. An order's
// history and the ledger only grow; an erasure masks texts in them.
//
// A reminder is begun at most once for each time it was planned, held or
// failed. Its states skipped and shown never change; sent, unknown and parked do
// so only by what came back ([DB.Back]), which is taken in once for each Ref. The
// limit of messages to a person is looked at in the transaction that begins one,
// over all shops and channels, through the index told. In the same transaction it
// is looked whether the person has had a message of the same campaign: that is one
// at most, whatever orders, contacts or lists lead to them, also when two people
// turn out to be one after it was planned for both. Of a campaign that was stopped
// nothing is due until [DB.PlanCampaign] plans it anew.
//
// # People
//
// Orders that share an e-mail address or a phone number are one person's, over
// all shops. Name, e-mail and phone of buyers, and what they answered, stand in
// the bucket contacts only. Reasons and problems that repeat an e-mail or phone are
// stored with it masked. Sessions are sealed with AES-256-GCM; suppressed, erased
// and consenting contacts are kept as HMAC-SHA-256. All keys are derived from one
// key file that should not lie beside the database (see [KeyFile]).
//
// Somebody may be known without an order: from a list of the seller's
// ([DB.ImportBuyers]). Then contact and buyer stand under the shop of the list and
// an id that begins with [order.ListRow]; there is no order of that id. Orders of a
// list ([DB.ImportOrders]) stand among the others with ids that begin with
// [order.Imported], never among the unpaid, the changes or the news. The shop's own
// reading of the same order takes their place.
//
// [DB.Erase] takes a person out of what is on record: contacts, answers, and the
// name and contacts in texts about the person's orders and in the visits of their
// shops. Facts of the orders stay, and that they are one person's. What stays of
// the contacts is keyed hashes: so the suppression holds, the unsubscribe token
// works, and a shop's page that shows the person still does not bring them back.
// Ids and numbers of orders stay as the shop gave them.
//
// Erased bytes can stand in pages of the file that are not in use, until those are
// written over by chance, and a [DB.Backup] copies such pages too. [DB.Compact]
// writes the file anew without them. Copies made before, those of a schema change
// among them, hold what they held.
//
// Queries copy their answers out and keep no transaction open: a long read
// would make the file grow, and a write that must grow the map would wait for
// it for ever.
package store
