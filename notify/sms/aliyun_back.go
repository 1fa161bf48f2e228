package sms

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// chinaTime is what Aliyun's dates are in; mainland China has known no other
// offset since 1991.
func chinaTime() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// reportDays is for how long Aliyun remembers a message.
const reportDays = 30

// aliyunDetail is a message as QuerySendDetails shows it.
type aliyunDetail struct {
	SendStatus  flexible `json:"SendStatus"` // 1 on its way, 2 failed, 3 delivered
	ErrCode     string   `json:"ErrCode"`
	ReceiveDate string   `json:"ReceiveDate"`
	SendDate    string   `json:"SendDate"`
}

// Reports asks what became of messages, one by one: Aliyun finds a message only
// by number and day.
func (a *aliyun) Reports(ctx context.Context, sent []notify.Handed) ([]order.Back, error) {
	return askEach(sent, func(h notify.Handed) (order.Back, bool, error) {
		if h.Message == "" || !e164.MatchString(h.Phone.Reveal()) || a.o.Now().Sub(h.At) > reportDays*24*time.Hour {
			return order.Back{}, false, nil
		}
		return a.detail(ctx, h)
	})
}

func (a *aliyun) detail(ctx context.Context, h notify.Handed) (order.Back, bool, error) {
	const what = "delivery report"
	req, err := a.request(ctx, "QuerySendDetails", url.Values{
		"PhoneNumber": {national(h.Phone)}, "BizId": {h.Message}, "SendDate": {h.At.In(chinaTime()).Format("20060102")},
		"PageSize": {"10"}, "CurrentPage": {"1"},
	})
	if err != nil {
		return order.Back{}, false, err
	}
	got, err := a.ask(ctx, req, what)
	if err != nil {
		return order.Back{}, false, err
	}
	var page struct {
		Code    string `json:"Code"`
		Details struct {
			All []aliyunDetail `json:"SmsSendDetailDTO"`
		} `json:"SmsSendDetailDTOs"`
	}
	if json.Unmarshal(got.body, &page) != nil || got.status != http.StatusOK || page.Code != "OK" {
		return order.Back{}, false, a.refusedAsk(what, got)
	}
	if len(page.Details.All) == 0 {
		return order.Back{}, false, nil // not known yet
	}
	b, ok := a.report(h, page.Details.All[0])
	return b, ok, nil
}

// report reads what became of one message; false while it is on its way.
func (a *aliyun) report(h notify.Handed, d aliyunDetail) (order.Back, bool) {
	b := order.Back{At: a.when(d.ReceiveDate, d.SendDate), Channel: order.BySMS, Message: h.Message, Phone: h.Phone, Ref: "aliyun " + h.Message + " " + string(d.SendStatus)}
	switch d.SendStatus {
	case "3":
		b.State = order.Delivered
	case "2":
		b.State = order.Bounced
		code := strings.TrimSpace(d.ErrCode)
		if aliyunReceipt(code) {
			b.Words = code
		}
		// Codes of carriers mean different things with different carriers; these
		// are Aliyun's own. MOBILE_NOT_ON_SERVICE may be a phone that is off for a
		// while, so it is not for good.
		b.Final = code == "isv.MOBILE_NUMBER_ILLEGAL" || code == "MOBILE_NUMBER_ILLEGAL"
		if code == "isv.CUSTOMER_REFUSED" {
			b.State = order.OptedOut
		}
	default:
		return order.Back{}, false
	}
	return b, true
}

// aliyunReceipt reports whether a code looks like one, Aliyun's or a carrier's.
func aliyunReceipt(code string) bool {
	return code != "" && len(code) <= 64 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-") == ""
}

func (a *aliyun) when(dates ...string) time.Time {
	for _, d := range dates {
		if at, err := time.ParseInLocation(time.DateTime, d, chinaTime()); err == nil {
			return at
		}
	}
	return a.o.Now()
}
