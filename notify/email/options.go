package email

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

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
	if o.Security == None && o.User != "" && !loopback(o.Host) {
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

func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// tlsConfig trusts the system's certificates and those of the CA file.
func (o Options) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12}
	if o.CAFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("smtp: certificates of %s: %w", o.Host, err)
	}
	if cfg.RootCAs, err = x509.SystemCertPool(); err != nil {
		cfg.RootCAs = x509.NewCertPool() // a system without any: the file alone counts
	}
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("smtp: certificates of %s: %s holds no certificate in PEM form", o.Host, o.CAFile)
	}
	return cfg, nil
}
