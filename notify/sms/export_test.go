package sms

import (
	"context"
	"net"

	"nudged/notify"
)

// Sign is checked against the official vector.
var Sign = sign

// DialBy replaces how a sender reaches its gateway.
func (c *core) DialBy(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.line.dial = dial
}

// Judge lets a sender read an answer to a message.
func Judge(s Sender, m notify.Message, status int, body []byte) (notify.Receipt, error) {
	return s.(interface {
		judge(m notify.Message, a answer) (notify.Receipt, error)
	}).judge(m, answer{status: status, body: body})
}
