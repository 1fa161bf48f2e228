package sms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"nudged/notify"
)

// kannel speaks the sendsms interface of Kannel's smsbox, see the chapter "Using
// the HTTP Interface to Send SMS Messages" of its user guide and gw/smsbox.c.
type kannel struct {
	*core
	url    *url.URL
	report *url.URL // nil: no delivery reports
}

// reports asks for what is final: delivered, not delivered, and refused by the
// centre. See the user guide, "dlr-mask".
const reports = 1 + 2 + 16

// validity is how long, in minutes, a message may wait in queues: a reminder that
// arrives the day after reaches people who have paid.
const validity = 240

func newKannel(c *core) (Sender, error) {
	k := &kannel{core: c}
	var err error
	if k.url, err = endpoint(c.o.URL); err != nil {
		return nil, err
	}
	if k.url.Path == "/" {
		k.url.Path = "/cgi-bin/sendsms"
	}
	if c.o.User == "" || c.o.Password == "" {
		return nil, errors.New("user and password are needed, those of group sendsms-user in Kannel's own config")
	}
	if n := c.o.Number; n != "" && n != "digits" {
		return nil, fmt.Errorf("number form %q is neither empty nor digits", n)
	}
	if c.o.Report == "" {
		return k, nil
	}
	if k.report, err = url.Parse(c.o.Report); err != nil || (k.report.Scheme != "http" && k.report.Scheme != "https") || k.report.Host == "" {
		return nil, errors.New("the address for reports is none")
	}
	return k, nil
}

// Send hands one message over. See [notify.Sender] for what its errors mean.
func (k *kannel) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	m.Text = k.signed(m)
	if err := check(m); err != nil {
		return notify.Receipt{}, permanent(err)
	}
	u := *k.url
	u.RawQuery = k.query(m).Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return notify.Receipt{}, permanent(errors.New("message: the request cannot be written"))
	}
	a, err := k.send(ctx, m, req)
	if err != nil {
		return notify.Receipt{}, err
	}
	return k.judge(m, a)
}

func (k *kannel) query(m notify.Message) url.Values {
	q := k.url.Query()
	q.Set("username", k.o.User)
	q.Set("password", k.o.Password.Reveal())
	q.Set("to", m.Phone.Reveal())
	if k.o.Number == "digits" {
		q.Set("to", digits(m.Phone))
	}
	if k.o.From != "" {
		q.Set("from", k.o.From)
	}
	q.Set("text", m.Text)
	q.Set("charset", "utf-8")
	q.Set("coding", "0")
	if _, encoding := notify.Segments(m.Text); encoding != "GSM-7" {
		q.Set("coding", "2") // UCS-2; Kannel cuts the text into parts and joins them
	}
	q.Set("validity", strconv.Itoa(validity))
	if k.report != nil {
		q.Set("dlr-mask", strconv.Itoa(reports))
		q.Set("dlr-url", k.reportURL(m))
	}
	return q
}

// reportURL is what Kannel calls; it puts the kind of report in for %d.
func (k *kannel) reportURL(m notify.Message) string {
	u := *k.report
	q := u.Query()
	q.Set("id", m.MessageID)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "%", "%%") + "&type=%d"
	return u.String()
}

// judge reads Kannel's answer. Its words are fixed in gw/smsbox.c.
func (k *kannel) judge(m notify.Message, a answer) (notify.Receipt, error) {
	said := strings.TrimSpace(short(a.body))
	taken := strings.HasPrefix(said, "0:") || strings.HasPrefix(said, "3:") || strings.HasPrefix(said, "Sent.")
	switch {
	case taken && (a.status == http.StatusAccepted || a.status == http.StatusOK):
		return k.receipt(m, m.MessageID, k.scrub(said, m), 0), nil
	case a.status == http.StatusServiceUnavailable && strings.HasPrefix(said, "Temporal failure"):
		return notify.Receipt{}, k.judged(m, verdict{kind: notify.Temporary}, "503", said)
	case a.status == http.StatusForbidden && strings.HasPrefix(said, "Not routable"):
		return notify.Receipt{}, k.judged(m, verdict{kind: notify.Permanent, why: "no route to this number", advice: "check the routes of Kannel's smsc groups"}, "403", "")
	case a.status == http.StatusForbidden && strings.HasPrefix(said, "Authorization failed"):
		return notify.Receipt{}, k.judged(m, verdict{kind: notify.Temporary, account: true, refused: true, why: "user, password or our address is not accepted", advice: "check user and password of sms in the config, and group sendsms-user in Kannel's own"}, "403", "")
	case a.status == http.StatusBadRequest && strings.HasPrefix(said, "Sender missing"):
		return notify.Receipt{}, k.judged(m, verdict{kind: notify.Temporary, account: true, why: "no sender", advice: "write `from` of sms in the config, or global-sender in Kannel's own"}, "400", "")
	}
	return notify.Receipt{}, k.unclear(m, a)
}
