package sms

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"nudged/notify"
)

// twilio speaks version 2010-04-01 of Twilio's API, see the OpenAPI description
// twilio_api_v2010 in the repository twilio/twilio-oai.
type twilio struct {
	*core
	base *url.URL // of the account
}

const twilioURL = "https://api.twilio.com"

var accountSID = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)

func newTwilio(c *core) (Sender, error) {
	raw := c.o.URL
	if raw == "" {
		raw = twilioURL
	}
	u, err := endpoint(raw)
	if err != nil {
		return nil, err
	}
	switch {
	case !accountSID.MatchString(c.o.User):
		return nil, errors.New("the user is the account's SID: AC and 32 letters and digits, from the first page of Twilio's console")
	case c.o.Password == "":
		return nil, errors.New("the password is the account's auth token; it is missing")
	case c.o.From == "":
		return nil, errors.New("from is missing: a number of the account (+1555…), or the SID of a messaging service (MG…)")
	}
	return &twilio{core: c, base: u.JoinPath("2010-04-01", "Accounts", c.o.User)}, nil
}

// twilioMessage is a message as Twilio shows it. Which kind of number stands
// where changes between versions of the API, so numbers are kept as they stand.
type twilioMessage struct {
	SID         string   `json:"sid"`
	Status      string   `json:"status"`
	Direction   string   `json:"direction"`
	From        string   `json:"from"`
	Body        string   `json:"body"`
	Segments    flexible `json:"num_segments"`
	Price       flexible `json:"price"`
	PriceUnit   string   `json:"price_unit"`
	ErrorCode   flexible `json:"error_code"`
	DateSent    string   `json:"date_sent"`
	DateUpdated string   `json:"date_updated"`
	DateCreated string   `json:"date_created"`
}

// twilioRefusal is what comes with a status of 400 and above.
type twilioRefusal struct {
	Code    flexible `json:"code"`
	Message string   `json:"message"`
}

// flexible is a number or a string in JSON; null is "".
type flexible string

// UnmarshalJSON takes both.
func (f *flexible) UnmarshalJSON(raw []byte) error {
	*f = flexible(strings.Trim(string(raw), `"`))
	if *f == "null" {
		*f = ""
	}
	return nil
}

func (f flexible) number() int {
	n, err := strconv.Atoi(string(f))
	if err != nil {
		return 0
	}
	return n
}

// Send hands one message over. See [notify.Sender] for what its errors mean.
func (t *twilio) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	m.Text = t.signed(m)
	if err := check(m); err != nil {
		return notify.Receipt{}, permanent(err)
	}
	form := url.Values{"To": {m.Phone.Reveal()}, "Body": {m.Text}, "ValidityPeriod": {strconv.Itoa(validity * 60)}}
	if strings.HasPrefix(t.o.From, "MG") && len(t.o.From) == 34 {
		form.Set("MessagingServiceSid", t.o.From)
	} else {
		form.Set("From", t.o.From)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base.JoinPath("Messages.json").String(), strings.NewReader(form.Encode()))
	if err != nil {
		return notify.Receipt{}, permanent(errors.New("message: the request cannot be written"))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(t.o.User, t.o.Password.Reveal())
	a, err := t.send(ctx, m, req)
	if err != nil {
		return notify.Receipt{}, err
	}
	return t.judge(m, a)
}

var messageSID = regexp.MustCompile(`^(SM|MM)[0-9a-fA-F]{32}$`)

// judge reads Twilio's answer.
func (t *twilio) judge(m notify.Message, a answer) (notify.Receipt, error) {
	if a.status >= 200 && a.status < 300 {
		var made twilioMessage
		if json.Unmarshal(a.body, &made) != nil || !messageSID.MatchString(made.SID) {
			return notify.Receipt{}, t.unclear(m, a)
		}
		if made.Status == "failed" || made.Status == "canceled" {
			return notify.Receipt{}, t.refusal(m, a, made.ErrorCode.number(), "it was taken and failed at once")
		}
		return t.receipt(m, made.SID, made.SID, made.Segments.number()), nil
	}
	var no twilioRefusal
	if json.Unmarshal(a.body, &no) != nil || no.Code.number() == 0 || a.status >= 500 {
		return notify.Receipt{}, t.unclear(m, a) // of 5xx nobody can tell what happened before
	}
	return notify.Receipt{}, t.refusal(m, a, no.Code.number(), no.Message)
}

func (t *twilio) refusal(m notify.Message, a answer, code int, said string) error {
	v, known := twilioVerdict(code)
	switch {
	case known:
	case a.status < 300:
		v = verdict{kind: notify.Permanent}
	default:
		v = byStatus(a.status)
		v.why = ""
	}
	what := ""
	if code != 0 {
		what = strconv.Itoa(code)
	}
	se := t.judged(m, v, what, said)
	if v.kind == notify.Temporary {
		se.Until = retryAfter(a, t.o.Now())
	}
	return se
}

// twilioVerdict knows the codes of Twilio's error dictionary that a request to
// send may get; false for others. All of them say that nothing was taken.
func twilioVerdict(code int) (verdict, bool) {
	const country = "allow the country under Messaging, Geo permissions, in Twilio's console"
	switch code {
	case 20003:
		return verdict{account: true, refused: true, kind: notify.Temporary, why: "account SID or auth token is not accepted", advice: "check user and password of sms in the config, and that the account has money left"}, true
	case 20404, 20005, 20006, 30002:
		return verdict{account: true, refused: true, kind: notify.Temporary, why: "the account is closed, suspended or not known", advice: "look at the account in Twilio's console"}, true
	case 20429, 14107, 21611, 30001:
		return verdict{account: true, kind: notify.Temporary, why: "too many messages at a time", advice: "it is tried again later"}, true
	case 21211, 21214, 21217, 21401, 21421:
		return verdict{kind: notify.Permanent, why: "the number is none"}, true
	case 21614, 21265, 21635, 30005, 30006:
		return verdict{kind: notify.Permanent, why: "the number cannot receive short messages"}, true
	case 21610:
		return verdict{kind: notify.Permanent, optedOut: true, why: "the recipient has opted out of messages from this sender"}, true
	case 21408:
		return verdict{kind: notify.Permanent, why: "the account may not send to this country", advice: country}, true
	case 21608:
		return verdict{kind: notify.Permanent, why: "a trial account sends only to numbers that it has verified", advice: "upgrade the account in Twilio's console"}, true
	case 21612:
		return verdict{kind: notify.Permanent, why: "no route from this sender to this number"}, true
	case 21602, 21605, 21617, 21619:
		return verdict{kind: notify.Permanent, why: "the text is empty or too long"}, true
	case 30003, 30004, 30007, 30008:
		return verdict{kind: notify.Permanent, why: "it could not be delivered"}, true
	case 21212, 21603, 21606, 21659, 21660, 21661, 21701, 21703, 21705, 30032, 30034:
		return verdict{account: true, kind: notify.Temporary, why: "the account may not send from this number or service", advice: "check `from` of sms in the config, and the number's registration in Twilio's console"}, true
	}
	return verdict{}, false
}

// basic is user and password as an Authorization header has them.
func basic(o Options) string {
	if o.User == "" && o.Password == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(o.User + ":" + o.Password.Reveal()))
}
