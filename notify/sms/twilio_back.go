package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// ask makes a request that hands nothing over. what names it in errors.
func (c *core) ask(ctx context.Context, req *http.Request, what string) (answer, error) {
	a, err := c.line.do(ctx, req, func() error { return nil })
	var lost *lostError
	switch {
	case errors.As(err, &lost) && ctx.Err() != nil:
		return answer{}, fmt.Errorf("sms: %s: %w", what, context.Cause(ctx))
	case err != nil:
		return answer{}, fmt.Errorf("sms: %s: %s: %s", what, req.URL.Hostname(), c.scrub(err.Error(), notify.Message{}))
	}
	return a, nil
}

// refusedAsk is the error of an answer that is none.
func (c *core) refusedAsk(what string, a answer) error {
	return fmt.Errorf("sms: %s: %s answered HTTP %d: %s", what, c.o.Provider, a.status, c.scrub(short(a.body), notify.Message{}))
}

// mostInVain is after how many failures in a row nothing more is asked.
const mostInVain = 3

// askEach asks about messages one by one. One that cannot be asked about does not
// keep the others back.
func askEach(sent []notify.Handed, ask func(notify.Handed) (order.Back, bool, error)) ([]order.Back, error) {
	var all []order.Back
	var errs []error
	inVain := 0
	for _, h := range sent {
		b, ok, err := ask(h)
		if err != nil {
			errs = append(errs, err)
			if inVain++; inVain == mostInVain {
				break
			}
			continue
		}
		inVain = 0
		if ok {
			all = append(all, b)
		}
	}
	return all, errors.Join(errs...)
}

// Reports asks what became of messages, one by one.
func (t *twilio) Reports(ctx context.Context, sent []notify.Handed) ([]order.Back, error) {
	return askEach(sent, func(h notify.Handed) (order.Back, bool, error) { return t.fate(ctx, h) })
}

func (t *twilio) fate(ctx context.Context, h notify.Handed) (order.Back, bool, error) {
	if !messageSID.MatchString(h.Message) {
		return order.Back{}, false, nil
	}
	a, err := t.get(ctx, t.base.JoinPath("Messages", h.Message+".json").String(), "delivery report")
	if err != nil {
		return order.Back{}, false, err
	}
	if a.status == http.StatusNotFound {
		return order.Back{}, false, nil // deleted in the console: nobody will ever know
	}
	var m twilioMessage
	if a.status != http.StatusOK || json.Unmarshal(a.body, &m) != nil {
		return order.Back{}, false, t.refusedAsk("delivery report", a)
	}
	b, ok := t.report(h, m)
	return b, ok, nil
}

func (t *twilio) get(ctx context.Context, address, what string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return answer{}, fmt.Errorf("sms: %s: the address is none", what)
	}
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(t.o.User, t.o.Password.Reveal())
	return t.ask(ctx, req, what)
}

// report reads what became of one message; false while it is on its way.
func (t *twilio) report(h notify.Handed, m twilioMessage) (order.Back, bool) {
	b := order.Back{Channel: order.BySMS, Message: h.Message, Phone: h.Phone, Ref: "twilio " + h.Message + " " + m.Status, Cost: cost(m)}
	b.At = t.when(m.DateUpdated, m.DateSent)
	switch m.Status {
	case "delivered", "read":
		b.State = order.Delivered
	case "failed", "undelivered", "canceled":
		b.State = order.Bounced
		code := m.ErrorCode.number()
		v, _ := twilioVerdict(code)
		b.Words = strings.TrimSpace(m.ErrorCode.code() + " " + v.why)
		b.Final = hopeless(code)
		if v.optedOut {
			b.State = order.OptedOut
		}
	default:
		return order.Back{}, false
	}
	return b, true
}

// code is the number again, so that only a number gets through.
func (f flexible) code() string {
	if n := f.number(); n != 0 {
		return strconv.Itoa(n)
	}
	return ""
}

// hopeless names the codes after which this number will never receive a message.
func hopeless(code int) bool {
	switch code {
	case 21211, 21214, 21217, 21614, 21265, 21635, 30005, 30006:
		return true
	}
	return false
}

// cost is what Twilio says that it took, rounded up to the minor unit.
func cost(m twilioMessage) order.Money {
	price, ok := new(big.Rat).SetString(string(m.Price))
	if !ok || len(m.Price) > 20 || strings.ContainsAny(string(m.Price), "eE/") || len(m.PriceUnit) != 3 {
		return order.Money{}
	}
	currency := strings.ToUpper(m.PriceUnit)
	price.Abs(price)
	for range order.Exponent(currency) {
		price.Mul(price, big.NewRat(10, 1))
	}
	minor, rest := new(big.Int).QuoRem(price.Num(), price.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		minor.Add(minor, big.NewInt(1))
	}
	if !minor.IsInt64() {
		return order.Money{}
	}
	return order.Money{Minor: minor.Int64(), Currency: currency}
}

// when reads the first of the dates that is one; now if none is.
func (t *twilio) when(dates ...string) time.Time {
	for _, d := range dates {
		if at, err := time.Parse(time.RFC1123Z, d); err == nil {
			return at
		}
	}
	return t.o.Now()
}

// mostPages bounds how far back one reading goes.
const mostPages = 100

// Inbound lists what people have sent since then, oldest page last.
func (t *twilio) Inbound(ctx context.Context, since time.Time) ([]order.Back, error) {
	q := url.Values{"DateSent>": {since.UTC().Format("2006-01-02T15:04:05Z")}, "PageSize": {"100"}}
	if e164.MatchString(t.o.From) {
		q.Set("To", t.o.From)
	}
	next := t.base.JoinPath("Messages.json").String() + "?" + q.Encode()
	var all []order.Back
	for range mostPages {
		a, err := t.get(ctx, next, "incoming messages")
		if err != nil {
			return all, err
		}
		var page struct {
			Messages []twilioMessage `json:"messages"`
			Next     string          `json:"next_page_uri"`
		}
		if a.status != http.StatusOK || json.Unmarshal(a.body, &page) != nil {
			return all, t.refusedAsk("incoming messages", a)
		}
		for _, m := range page.Messages {
			if b, ok := t.incoming(m); ok && !b.At.Before(since) {
				all = append(all, b)
			}
		}
		var more bool
		if next, more = t.page(page.Next); !more {
			return all, nil
		}
	}
	return all, fmt.Errorf("sms: incoming messages: more than %d pages since %s; the newest were read", mostPages, since.Format(time.DateOnly))
}

// page makes the address of the next page. It must lead to this account: the
// password goes with it.
func (t *twilio) page(next string) (string, bool) {
	u, err := t.base.Parse(next)
	if err != nil || next == "" || u.Host != t.base.Host || u.Scheme != t.base.Scheme || !strings.HasPrefix(u.Path, t.base.Path+"/") || strings.Contains(u.Path, "..") {
		return "", false
	}
	return u.String(), true
}

// incoming reads one message; false for those that we sent.
func (t *twilio) incoming(m twilioMessage) (order.Back, bool) {
	if m.Direction != "inbound" || !messageSID.MatchString(m.SID) || !e164.MatchString(m.From) {
		return order.Back{}, false
	}
	b := order.Back{
		At: t.when(m.DateSent, m.DateCreated), Channel: order.BySMS, State: order.Replied,
		Ref: "twilio " + m.SID, Phone: order.Phone(m.From), Words: reply(m.Body),
	}
	if notify.OptsOut(m.Body) {
		b.State = order.OptedOut
	}
	return b, true
}

// longestReply is how much of an answer is kept.
const longestReply = 1000

func reply(text string) string {
	text = strings.TrimSpace(plain(text))
	if r := []rune(text); len(r) > longestReply {
		text = string(r[:longestReply]) + "…"
	}
	return text
}
