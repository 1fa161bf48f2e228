package config

import "nudged/store/order"

// Security of the connection to a mail server or a mailbox.
type Security string

// Kinds of security. StartTLS is the default of mail servers and is required,
// not tried; TLS is that of mailboxes.
const (
	StartTLS Security = "starttls"
	TLS      Security = "tls"
	NoTLS    Security = "none"
)

// Email is how mail goes out.
type Email struct {
	Account     // the first of Accounts
	Accounts    []Account
	From        Address
	ReplyTo     Address // From if not given
	Unsubscribe order.Email
	DKIM        *DKIM // nil: the server signs, or nobody
}

// Account is one server that mail is handed to.
type Account struct {
	Host     string
	Port     int
	User     string
	Password order.Secret
	Security Security
	CAFile   string      // PEM; for a server with a certificate of your own
	Limit    order.Limit // of messages to anybody; a Count of 0 is none
	// Sender is what this account may send from; the From of Email if not given.
	Sender Address
}

// DKIM is the signature of mails, RFC 6376.
type DKIM struct {
	Domain   string
	Selector string
	KeyFile  string // PEM, RSA or Ed25519
}

// Address is a name and an e-mail address.
type Address struct {
	Name string
	Addr order.Email
}

// Inbox is the mailbox, read by IMAP, that bounces, replies and unsubscribe
// mails come to.
type Inbox struct {
	Host     string
	Port     int
	User     string
	Password order.Secret
	Security Security
	CAFile   string
	Folder   string
}
