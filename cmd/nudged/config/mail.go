package config

import (
	"crypto/x509"
	"io"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"

	"nudged/store/order"
)

func (l *loader) email(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("email")
	if !ok {
		return
	}
	e := &Email{Security: StartTLS}
	l.cfg.Email = e
	l.server(m, e)
	if at, ok := m.need("from", `the sender that buyers see, as from: "Buckles <shop@buckles.example>"`); ok {
		e.From, _ = at.address()
	}
	e.ReplyTo = e.From
	if at := m.get("reply_to"); at.there() {
		e.ReplyTo, _ = at.address()
	}
	e.Unsubscribe = e.ReplyTo.Addr
	if at := m.get("unsubscribe"); at.there() {
		a, ok := at.address()
		if ok && a.Name != "" {
			at.problem("write the address alone, without a name")
		}
		e.Unsubscribe = a.Addr
	}
}

func (l *loader) server(m mapping, e *Email) {
	if at, ok := m.need("host", "the mail server, as host: smtp.buckles.example"); ok {
		e.Host, _ = at.host()
	}
	security := m.get("security")
	if word, ok := security.oneOf(string(StartTLS), string(TLS), string(NoTLS)); ok {
		e.Security = Security(word)
	}
	e.Port = map[Security]int{StartTLS: 587, TLS: 465, NoTLS: 25}[e.Security]
	if at := m.get("port"); at.there() {
		e.Port, _ = at.number(1, 65535)
	}
	user, password := m.get("user"), m.get("password")
	e.User, _ = user.short(200)
	e.Password, _ = password.secret(l)
	if user.there() != password.there() {
		at := user
		if password.there() {
			at = password
		}
		at.problem("user and password go together; write both or none")
	}
	switch {
	case e.Security != NoTLS || e.Host == "" || loopback(e.Host):
	case user.there():
		security.problem("the password would travel to %s unencrypted; write starttls or tls, or leave user and password out", e.Host)
	default:
		security.warn("names and orders travel to %s unencrypted; leave security out to require STARTTLS", e.Host)
	}
	l.authority(m.get("ca_file"), e)
}

func (v value) host() (string, bool) {
	s, ok := v.text()
	if !ok {
		return "", false
	}
	u, err := url.Parse("//" + s)
	if err != nil || s == "" || u.Hostname() == "" || u.Hostname() != strings.Trim(s, "[]") {
		v.problem("%s is not a host name; write it alone, the port goes to port", quote(s))
		return "", false
	}
	return u.Hostname(), true
}

func (l *loader) authority(v value, e *Email) {
	name, ok := v.text()
	if !ok || name == "" {
		return
	}
	e.CAFile = l.abs(name)
	f, err := os.Open(e.CAFile)
	if err != nil {
		v.problem("the file %s cannot be read; write where the certificate lies", e.CAFile)
		return
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxSize))
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		v.problem("the file %s holds no certificate in PEM form", e.CAFile)
	}
}

// address reads "Name <a@b>" or "a@b". Messages do not repeat it.
func (v value) address() (Address, bool) {
	s, ok := v.short(300)
	if !ok {
		return Address{}, false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || !strings.Contains(a.Address, "@") {
		v.problem(`this is not an e-mail address; write shop@buckles.example or "Buckles <shop@buckles.example>"`)
		return Address{}, false
	}
	return Address{Name: a.Name, Addr: order.NormalEmail(a.Address)}, true
}

func (l *loader) digest(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("digest")
	if !ok {
		return
	}
	d := &Digest{Zone: l.firstZone()}
	l.cfg.Digest = d
	if at, ok := m.need("at", `when the day ends for you, as at: "0 21 * * *"`); ok {
		d.At, _ = at.schedule()
	}
	if at := m.get("zone"); at.there() {
		d.Zone = at.zone()
	}
	if gap := d.At.shortest(d.Zone); gap > 0 && gap < time.Hour {
		m.get("at").problem("a digest every %s is no digest; once a day is usual", human(gap))
	}
	if to, ok := m.need("to", "your own address, as to: [me@example.com]"); ok {
		for _, item := range to.list("to: [me@example.com]") {
			if a, ok := item.address(); ok {
				d.To = append(d.To, a.Addr)
			}
		}
		if to.empty() {
			to.problem("nobody would get the digest; write to: [me@example.com]")
		}
	}
	d.Language = l.language(m.get("language"))
	if l.cfg.Email == nil {
		v.problem("the digest goes by mail, but there is no email section; write one")
	}
}

func (l *loader) firstZone() *time.Location {
	for _, s := range l.cfg.Shops {
		if s.Zone != nil {
			return s.Zone
		}
	}
	return time.UTC
}
