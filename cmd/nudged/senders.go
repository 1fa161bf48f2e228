package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/notify"
	"nudged/notify/email"
	"nudged/notify/inbox"
	"nudged/notify/sms"
	"nudged/store/order"
)

// mailer is a sender of mail whose account can be tried without a message.
type mailer interface {
	notify.Sender
	prober
	Close() error
}

// mailbox reads what comes back by mail.
type mailbox interface {
	Read(ctx context.Context, from inbox.Cursor, take func(order.Back) error) (inbox.Cursor, error)
}

// openMessages makes the texts, the senders and the mailbox, and sets the alarms
// on them. Nothing is contacted yet.
func (a *app) openMessages(o appOptions) error {
	var err error
	if a.texts, err = notify.LoadTexts(a.settings.TextDir); err != nil {
		return err
	}
	a.alarms, err = newAlarms(a.db, a.now, func(err error) { a.log.Error("an alert could not be noted", "err", err) })
	if err != nil {
		return err
	}
	if err := a.openSenders(o); err != nil {
		return err
	}
	if a.inbox = o.Inbox; a.inbox == nil && a.cfg.Inbox != nil && !o.Sealed {
		a.inbox, err = newInbox(a.cfg, a.now, a.log)
	}
	return err
}

func (a *app) openSenders(o appOptions) error {
	mail, texts := o.Sender, o.SMS
	if o.Sealed {
		if mail == nil && a.cfg.Email != nil {
			mail = sealed{}
		}
		if texts == nil && a.cfg.SMS != nil {
			texts = sealed{}
		}
	}
	if mail == nil && a.cfg.Email != nil {
		s, err := newMailer(a.cfg.Email, a.now)
		if err != nil {
			return err
		}
		mail = s
		a.closers = append(a.closers, s.Close)
	}
	if texts == nil && a.cfg.SMS != nil {
		s, err := newSMS(a.cfg, a.now)
		if err != nil {
			return err
		}
		texts = s
		a.closers = append(a.closers, s.Close)
	}
	if mail != nil {
		a.sender = watched{mail, notify.AlertEmail, a.alarms}
	}
	if texts != nil {
		a.sms = watched{texts, notify.AlertSMS, a.alarms}
	}
	return nil
}

// sealed stands for a way to buyers in a command that reads no passwords: there is
// one, and it cannot be used.
type sealed struct{}

// Send implements [notify.Sender].
func (sealed) Send(context.Context, notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, &notify.SendError{Kind: notify.Temporary, Err: errors.New("this command sends nothing, so it has read no passwords")}
}

// newMailer is one account, or several that stand in for each other.
func newMailer(e *config.Email, now func() time.Time) (mailer, error) {
	var accounts []email.Account
	for _, c := range e.Accounts {
		account := email.Account{Options: mailOptions(c, e.DKIM, now), Most: c.Limit.Count, Per: c.Limit.Per}
		if c.Sender.Addr != e.From.Addr {
			account.From = c.Sender.Addr
		}
		accounts = append(accounts, account)
	}
	if len(accounts) == 0 {
		return email.New(mailOptions(e.Account, e.DKIM, now))
	}
	return email.NewAccounts(accounts)
}

func mailOptions(c config.Account, signed *config.DKIM, now func() time.Time) email.Options {
	o := email.Options{
		Host: c.Host, Port: c.Port, User: c.User, Password: c.Password, Security: email.Security(c.Security), CAFile: c.CAFile, Now: now,
	}
	if signed != nil {
		o.DKIM = email.DKIM{Domain: signed.Domain, Selector: signed.Selector, KeyFile: signed.KeyFile}
	}
	return o
}

func newSMS(cfg *config.Config, now func() time.Time) (sms.Sender, error) {
	c := cfg.SMS
	o := sms.Options{
		Provider: c.Provider, URL: c.URL, User: c.User, Password: c.Password, From: c.From, Sign: c.Sign, Price: c.Price, Now: now,
		Number: c.Number, CAFile: c.CAFile,
		Templates: map[string]sms.Template{},
	}
	for name, t := range c.Templates {
		o.Templates[name] = sms.Template{Code: t.Code, Text: t.Text, Params: t.Params}
	}
	if h := c.HTTP; h != nil {
		o.Request = sms.Request{Method: h.Method, URL: h.URL, Body: h.Body, Headers: h.Headers, Accept: h.Accept, Reject: h.Reject, Later: h.Later, ID: h.ID}
	}
	if r := c.Replies; r != nil && c.Provider == config.Kannel {
		o.Report = fmt.Sprintf("http://%s/%s/report", r.Listen, r.Secret.Reveal())
	}
	return sms.New(o)
}

func newInbox(cfg *config.Config, now func() time.Time, log *slog.Logger) (*inbox.Mailbox, error) {
	c := cfg.Inbox
	return inbox.New(inbox.Options{
		Host: c.Host, Port: c.Port, User: c.User, Password: c.Password, Security: string(c.Security), CAFile: c.CAFile, Folder: c.Folder,
		Own: ownAddresses(cfg), Now: now, Log: log,
	})
}

// ownAddresses are those that nudged itself writes from.
func ownAddresses(cfg *config.Config) []order.Email {
	var out []order.Email
	add := func(addr order.Email) {
		if addr != "" && !slices.Contains(out, addr) {
			out = append(out, addr)
		}
	}
	if e := cfg.Email; e != nil {
		add(e.From.Addr)
		add(e.ReplyTo.Addr)
		for _, c := range e.Accounts {
			add(c.Sender.Addr)
		}
	}
	return out
}
