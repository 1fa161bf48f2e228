package inbox

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Kinds of security of the connection to the mailbox.
const (
	secTLS      = "tls"
	secSTARTTLS = "starttls"
	secNone     = "none"
)

// Options of a mailbox.
type Options struct {
	Host     string
	Port     int // 0 is 993 with tls, else 143
	User     string
	Password order.Secret
	// Security is "tls" (also ""), "starttls", or "none": in clear, to this machine only.
	Security string
	CAFile   string // PEM: certificates to trust besides the system's
	Folder   string // "" is INBOX
	// Own are the addresses that the shops send from: mail from them is skipped.
	Own []order.Email

	Timeout time.Duration    // the longest silence of the server; 0 is one minute
	Now     func() time.Time // nil is time.Now
	Log     *slog.Logger     // nil is silence
}

func (o Options) filled() (Options, error) {
	if o.Host == "" || o.User == "" || o.Password == "" {
		return o, errors.New("imap: host, user or password is missing; set them under inbox in the config")
	}
	if o.Security == "" {
		o.Security = secTLS
	}
	switch o.Security {
	case secTLS, secSTARTTLS:
	case secNone:
		if !notify.Loopback(o.Host) {
			return o, fmt.Errorf("imap: with security none the password would travel to %s in clear; use tls or starttls", o.Host)
		}
	default:
		return o, fmt.Errorf("imap: security %q is none of tls, starttls, none", o.Security)
	}
	if o.Port == 0 {
		o.Port = 143
		if o.Security == secTLS {
			o.Port = 993
		}
	}
	if o.Folder == "" {
		o.Folder = "INBOX"
	}
	own := make([]order.Email, 0, len(o.Own))
	for _, e := range o.Own {
		own = append(own, order.NormalEmail(e.Reveal()))
	}
	o.Own = own
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

func (o Options) tlsConfig() (*tls.Config, error) {
	cfg, err := notify.TLS(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("imap: certificates of %s: %w", o.Host, err)
	}
	cfg.ServerName = o.Host
	return cfg, nil
}
