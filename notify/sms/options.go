package sms

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Providers.
const (
	Kannel = "kannel"
	Twilio = "twilio"
	Aliyun = "aliyun"
	HTTP   = "http"
)

// Options of a sender.
type Options struct {
	Provider string
	// URL of the gateway. Kannel: its sendsms address. Twilio and Aliyun: "" is the
	// provider's own. HTTP: not used, see Request.
	URL      string
	User     string // Kannel's user, Twilio's account SID, Aliyun's access key id
	Password order.Secret
	// From is the number or word that messages come from; for Twilio the SID of a
	// messaging service is good too.
	From string
	// Sign is the signature of messages that have none of their own, with or without
	// brackets. Aliyun puts it before the text, and so does a gateway whose request
	// has {sign}; for the others it is done here.
	Sign string
	// Templates are the texts that Aliyun has approved, by [notify.Message.Template].
	Templates map[string]Template
	Price     order.Money // of one part, for an estimate; no Currency: not known
	// Report is the address that Kannel calls with delivery reports; the message's
	// id and the kind of report are added to it as parameters id and type. "": none.
	Report  string
	Number  string // how Kannel wants numbers: "" with a plus (+8613…), "digits" without
	Request Request
	CAFile  string // PEM: certificates to trust besides the system's

	Timeout time.Duration // for the connection, and again for the answer; 0 is 30 s
	Grace   time.Duration // for the answer once the context is cancelled; 0 is 5 s
	Now     func() time.Time
}

// Template is a text that the provider has approved.
type Template struct {
	Code   string
	Text   string            // as approved, with its ${names}; "" if Params lists them all
	Params map[string]string // its names to those of facts; the same name if not listed
}

// Request is what a gateway of provider HTTP is asked. URL, Body and the values of
// Headers may hold {to}, {to_digits}, {to_national}, {text}, {from}, {user},
// {password}, {basic}, {sign} and {id}; {basic} is user and password as an
// Authorization header has them, and {{ is a brace. What is put in is escaped by
// its place; a body's is known by its Content-Type, or by its first character.
type Request struct {
	Method  string // "" is POST, or GET without a body
	URL     string
	Body    string
	Headers map[string]string
	Accept  string // an answer of a taken message fits it; "" is any answer 2xx
	Reject  string // an answer that fits it says that this message will never be taken; "" is none
	Later   string // an answer that fits it says that nothing was taken for the moment; "" is none
	ID      string // its first group is the message's id; "" is none
}

const (
	defaultTimeout = 30 * time.Second
	defaultGrace   = 5 * time.Second
)

// filled puts in the defaults.
func (o Options) filled() Options {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Grace <= 0 {
		o.Grace = defaultGrace
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// endpoint checks an address: everything that leaves for another machine is
// encrypted.
func endpoint(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, errors.New("the url is none; write it whole, such as https://sms.example.com/send")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("the url holds a user name; write user and password by themselves")
	case u.Scheme == "https":
	case u.Scheme != "http":
		return nil, fmt.Errorf("the url begins with %q; write https", u.Scheme)
	case !notify.Loopback(u.Hostname()):
		return nil, fmt.Errorf("with http everything would travel to %s in clear; write https, or run the gateway on this computer", u.Hostname())
	}
	if u.Path == "" {
		u.Path = "/" // so that what is joined to it begins with one too
	}
	return u, nil
}

func (o Options) tlsConfig() (*tls.Config, error) {
	cfg, err := notify.TLS(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	cfg.NextProtos = []string{"http/1.1"}
	return cfg, nil
}
