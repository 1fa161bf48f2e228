package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/emersion/go-smtp"

	"nudged/notify/inbox"
	"nudged/store/order"
)

// demoBox is the seller's mailbox: what the demo's mail server got for the shops'
// own addresses. A mail's place among all mails is its UID.
type demoBox struct {
	mails *sink
	own   []order.Email
}

// Read takes in what is new as a real mailbox would.
func (b *demoBox) Read(_ context.Context, from inbox.Cursor, take func(order.Back) error) (inbox.Cursor, error) {
	for i, m := range b.mails.caught() {
		uid := uint32(i) + 1
		if uid <= from.UID || !b.mine(m.To) {
			continue
		}
		back, is, err := inbox.Parse(m.Raw, b.own)
		if err == nil && is {
			err = take(back)
		}
		if err != nil {
			return from, err
		}
		from = inbox.Cursor{Validity: 1, UID: uid}
	}
	return from, nil
}

func (b *demoBox) mine(to string) bool {
	return to == "unsubscribe@harbour.example" || slices.Contains(b.own, order.NormalEmail(to))
}

// post hands a buyer's mail to the mail server.
func (k *sink) post(from, to string, raw []byte) error {
	c, err := smtp.Dial(net.JoinHostPort(k.host, strconv.Itoa(k.port)))
	if err != nil {
		return fmt.Errorf("a buyer's mail: %w", err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SendMail(from, []string{to}, bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("a buyer's mail: %w", err)
	}
	return nil
}
