package email_test

import (
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/email"
	"nudged/notify/sendertest"
)

func TestContract(t *testing.T) {
	sendertest.Run(t, sendertest.Harness{
		Canaries: []string{password},
		Start: func(t *testing.T, timeout time.Duration) (notify.Sender, sendertest.Peer) {
			s := startServer(t)
			return s.sender(t, func(o *email.Options) { *o = within(*o, timeout) }), s
		},
	})
}
