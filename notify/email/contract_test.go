package email_test

import (
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/sendertest"
)

func TestContract(t *testing.T) {
	sendertest.Run(t, sendertest.Harness{
		Canaries: []string{password},
		Slow:     3 * time.Second,
		Start: func(t *testing.T) (notify.Sender, sendertest.Peer) {
			s := startServer(t)
			return s.sender(t), s
		},
	})
}
