package email

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Security of the connection.
type Security string

// Kinds of security. The empty value is STARTTLS.
const (
	STARTTLS Security = "starttls" // encrypted after the greeting, usually port 587; required, not hoped for
	TLS      Security = "tls"      // encrypted from the first byte, usually port 465
	None     Security = "none"     // in clear
)

// Options of a sender.
type Options struct {
	Host     string
	Port     int    // 0 is 587, or 465 with TLS
	User     string // "" is no sign-in
	Password order.Secret
	Security Security
	CAFile   string // PEM: certificates to trust besides the system's, for a server of one's own
	HELO     string // "" is the address literal [127.0.0.1], which tells nothing of this machine
	Pool     int    // most connections at a time; 0 is 2
	DKIM     DKIM   // signs messages whose sender is of its domain

	Timeouts Timeouts
	Now      func() time.Time // for Message.NotAfter; nil is time.Now
}

// Timeouts of the phases. Zero values take the defaults.
type Timeouts struct {
	Connect time.Duration // TCP, greeting, encryption, sign-in: 30 s
	Command time.Duration // each command with its answer: 60 s
	Body    time.Duration // writing the message: 2 min
	Answer  time.Duration // the final answer: 2 min
	Idle    time.Duration // a pooled connection is dropped after: 60 s
	Grace   time.Duration // for the final answer once the context is cancelled: 5 s
}

func (t Timeouts) filled() Timeouts {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Connect, 30 * time.Second}, {&t.Command, 60 * time.Second}, {&t.Body, 2 * time.Minute},
		{&t.Answer, 2 * time.Minute}, {&t.Idle, 60 * time.Second}, {&t.Grace, 5 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return t
}

// filled checks the options and puts in the defaults.
func (o Options) filled() (Options, error) {
	if o.Host == "" {
		return o, errors.New("smtp: no host; write the mail server's name, such as smtp.example.com")
	}
	if o.Security == "" {
		o.Security = STARTTLS
	}
	switch o.Security {
	case STARTTLS, TLS, None:
	default:
		return o, fmt.Errorf("smtp: security %q is none of starttls, tls, none", o.Security)
	}
	if o.Security == None && o.User != "" && !notify.Loopback(o.Host) {
		return o, fmt.Errorf("smtp: with security none the password would travel to %s in clear; use starttls or tls, or leave user and password out", o.Host)
	}
	if o.Port == 0 {
		o.Port = 587
		if o.Security == TLS {
			o.Port = 465
		}
	}
	if o.HELO == "" {
		o.HELO = "[127.0.0.1]"
	}
	if o.Pool <= 0 {
		o.Pool = 2
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Timeouts = o.Timeouts.filled()
	return o, nil
}

func (o Options) tlsConfig() (*tls.Config, error) {
	cfg, err := notify.TLS(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("smtp: certificates of %s: %w", o.Host, err)
	}
	cfg.ServerName = o.Host
	return cfg, nil
}
