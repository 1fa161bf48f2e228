package sms_test

import (
	"testing"
	"time"

	"nudged/notify"
	"nudged/notify/sendertest"
	"nudged/notify/sms"
)

// providers of the suite.
func providers() map[string]provider {
	return map[string]provider{sms.Kannel: kannelPeer(), sms.Twilio: twilioPeer(), sms.Aliyun: aliyunPeer(), sms.HTTP: httpPeer()}
}

func TestContract(t *testing.T) {
	for name, p := range providers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sendertest.Run(t, sendertest.Harness{
				SMS: true, Canaries: []string{password, account, "LTAI-canary-key"},
				Start: func(t *testing.T, timeout time.Duration) (notify.Sender, sendertest.Peer) {
					g := newPeer(t, p)
					o := options(g, name)
					o.Timeout = timeout
					return newSender(t, o), g
				},
			})
		})
	}
}
