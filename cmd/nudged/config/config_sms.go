package config

import "nudged/store/order"

// Providers of text messages.
const (
	Kannel = "kannel"
	Twilio = "twilio"
	Aliyun = "aliyun"
	HTTP   = "http" // any gateway, by a request of the seller's own writing
)

// SMS is how text messages go out.
type SMS struct {
	Provider string
	URL      string // "" is the provider's own
	User     string // or the id of the account or access key
	Password order.Secret
	From     string      // the number or word that messages come from
	Sign     string      // signature as the provider knows it, without brackets
	OptOut   string      // what the gateway appends to every text by itself; "" is nothing
	Number   string      // "digits": numbers go to Kannel without a plus
	CAFile   string      // PEM; for a gateway with a certificate of your own
	Price    order.Money // of one part; no Currency: not known
	// Templates are the texts that Aliyun has approved, by the name of ours.
	Templates map[string]SMSTemplate
	HTTP      *SMSHTTP // of provider http only; else nil
	Replies   *Replies // nil: nobody listens for replies and reports
}

// SMSTemplate is a text that the provider has approved.
type SMSTemplate struct {
	Code   string
	Text   string            // as approved, with its ${names}; "" if not repeated here
	Kind   string            // Notification or Promotion; "" goes by our text's class
	Params map[string]string // its names to those of facts; the same name if not listed
}

// Kinds of approved texts.
const (
	Notification = "notification"
	Promotion    = "promotion"
)

// SMSHTTP is the request of a gateway of provider http; its placeholders are
// those of the sender.
type SMSHTTP struct {
	Method  string // "" is POST, or GET without a body
	URL     string
	Body    string
	Headers map[string]string
	Accept  string // regular expression: the answer of a taken message; "" is any answer 2xx
	Reject  string // of one that is never taken; "" is none
	Later   string // of one that is not taken for the moment; "" is none
	ID      string // its first group is the message's id; "" is none
}

// Replies is where Kannel hands over what comes back, on this computer only.
type Replies struct {
	Listen string       // a loopback address with port
	Secret order.Secret // first part of the path
}
