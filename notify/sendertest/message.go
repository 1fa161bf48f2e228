package sendertest

import (
	"fmt"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Canary is the address of all mails of the suite, CanaryPhone the number of all
// its short messages.
const (
	Canary      = "canary-7311@buyers.example"
	CanaryPhone = "+8613700007311"
)

// Message is a good message, a different one for each n.
func Message(n int) notify.Message {
	key := order.ReminderKey{Order: order.Key{Shop: "buckles", ID: fmt.Sprint(n)}, Step: "first", Channel: order.ByEmail}
	return notify.Message{
		Key: key, To: Canary, ToName: "小红 Canaria", From: "shop@buckles.example", FromName: "Buckles & Söhne",
		ReplyTo: "help@buckles.example", Subject: fmt.Sprintf("您的订单 %d 待支付", n), Text: "Hello,\n\n.a line with a dot\n" + strings.Repeat("long ", 400) + "\n",
		HTML: "<p>Hello</p>", MessageID: notify.MessageID(key, "", "shop@buckles.example"),
		ListUnsubscribe: "mailto:help@buckles.example?subject=unsubscribe%20abc123", Date: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
	}
}

// ShortMessage is the same for an SMS: several parts, and not in GSM-7.
func ShortMessage(n int) notify.Message {
	key := order.ReminderKey{Order: order.Key{Shop: "buckles", ID: fmt.Sprint(n)}, Step: "first", Channel: order.BySMS}
	m := notify.Message{
		Key: key, Phone: CanaryPhone, MessageID: notify.MessageID(key, "", "shop@buckles.example"),
		Template: "gentle", Facts: map[string]string{"shop": "Buckles", "number": fmt.Sprintf("no%04dz", n), "name": "小红 Canaria"},
		Date: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
	}
	m.Text = "小红 Canaria, 您在 Buckles & Söhne 的订单 " + m.Facts["number"] + " 还没有付款 + 100%. canary-text: " + strings.Repeat("有问题请回复。", 12)
	return m
}

// message is a good message for this sender.
func (h Harness) message(n int) notify.Message {
	if h.SMS {
		return ShortMessage(n)
	}
	return Message(n)
}

// mark is what the peer can tell a message by.
func (h Harness) mark(n int) string {
	if h.SMS {
		return ShortMessage(n).Facts["number"]
	}
	return Message(n).MessageID
}
