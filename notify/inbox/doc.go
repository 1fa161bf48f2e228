// Package inbox reads what comes back after messages went out: bounces,
// replies and unsubscribe mails from a mailbox, words and delivery reports from
// an SMS gateway. It makes an [order.Back] of each and hands it on; what follows
// from it is decided where the reminders are kept.
//
// # Mail
//
// [Mailbox.Read] looks at a folder over IMAP and changes nothing in it: the
// folder is opened with EXAMINE and bodies are fetched with PEEK, so that no
// mail becomes "read" in the seller's own program and none is deleted. It goes
// by UID from a cursor, which moves behind a mail only when that has been taken:
// after a crash something may come twice, and Ref tells, but nothing is lost.
// A mail that cannot be read is counted and passed over.
//
// [Parse] is pure. Everything in a mail may be forged, so it says no more than
// what stands there: a bounce counts only if it names a message, and whether
// that message is one of ours is for the store to say. The seller's other
// correspondence is nobody's business: a reply is one that names, in In-Reply-To
// or References, an id of the shape that nudged makes, or whose own words say
// that no more messages are wanted.
//
// # SMS
//
// [Serve] answers the call-backs of a Kannel on the same machine:
//
//	group = sms-service
//	keyword = default
//	catch-all = true
//	get-url = "http://127.0.0.1:8087/SECRET/in?from=%p&text=%b&charset=%C&ts=%T&id=%I&smsc=%i"
//	max-messages = 0          # or Kannel answers the buyer with a text of its own
//
// (with mo-recode in group smsbox text=%a does as well), and as dlr-url of each message (dlr-mask 19)
//
//	http://127.0.0.1:8087/SECRET/report?type=%d&id=ID
//
// where ID is the id under which the message stands in the ledger. SECRET is in
// the path since Kannel can send no header of its own; its access log therefore
// holds it, and should be readable by Kannel only.
package inbox
