package config

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"

	"nudged/notify"
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
	e := &Email{}
	l.cfg.Email = e
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
	l.accounts(m, e)
	l.dkim(m.get("dkim"), e)
}

// maxAccounts is far above what a seller has.
const maxAccounts = 50

// accounts reads the one account that the section itself describes, or a list.
func (l *loader) accounts(m mapping, e *Email) {
	list := m.get("accounts")
	if !list.there() {
		e.Account = l.account(m, e.From)
		e.Accounts = []Account{e.Account}
		return
	}
	for _, key := range Keys()["accounts"] {
		if at := m.get(key); at.there() && key != "from" {
			at.problem("with accounts, each has its own; move %s there", key)
		}
	}
	items := list.listOf("accounts: [{host: smtp.buckles.example, user: boss, password: {env: MAIL_PASSWORD}}]", maxAccounts)
	seen := map[string]string{}
	for _, item := range items {
		am, ok := item.mapping("accounts")
		if !ok {
			continue
		}
		a := l.account(am, e.From)
		if at := am.get("from"); at.there() {
			a.Sender, _ = at.address()
		}
		key := fmt.Sprintf("%s:%d %s", fold(a.Host), a.Port, fold(a.User))
		if first, twice := seen[key]; twice && a.Host != "" {
			item.problem("this is the account of %s once more; keep one", first)
		}
		seen[key] = item.path
		e.Accounts = append(e.Accounts, a)
	}
	if list.empty() {
		list.problem("the list of accounts is empty; write at least one, or host: smtp.buckles.example instead")
	}
	if len(e.Accounts) > 0 {
		e.Account = e.Accounts[0]
	}
}

func (l *loader) account(m mapping, from Address) Account {
	a := l.server(m, serverKind{
		host: "the mail server, as host: smtp.buckles.example", standard: StartTLS,
		ports: map[Security]int{StartTLS: 587, TLS: 465, NoTLS: 25}, mend: "write starttls or tls, or leave user and password out",
	})
	a.Sender = from
	if at := m.get("limit"); at.there() {
		a.Limit, _ = at.limit("200 per 1h", 31*day)
	}
	return a
}

// serverKind is how a mail server and a mailbox differ.
type serverKind struct {
	host     string // what a missing host should be
	standard Security
	ports    map[Security]int
	mend     string // for a password that would travel in clear
}

// server reads what a mail server and a mailbox have in common.
func (l *loader) server(m mapping, kind serverKind) Account {
	e := Account{Security: kind.standard}
	if at, ok := m.need("host", kind.host); ok {
		e.Host, _ = at.host()
	}
	security := m.get("security")
	if word, ok := security.oneOf(string(StartTLS), string(TLS), string(NoTLS)); ok {
		e.Security = Security(word)
	}
	e.Port = kind.ports[e.Security]
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
		security.problem("the password would travel to %s unencrypted; %s", e.Host, kind.mend)
	default:
		security.warn("names and orders travel to %s unencrypted; leave security out to require STARTTLS", e.Host)
	}
	e.CAFile = l.authority(m.get("ca_file"))
	return e
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

// authority names a file of certificates that can be read.
func (l *loader) authority(v value) string {
	name, ok := v.text()
	if !ok || name == "" {
		return ""
	}
	path := l.abs(name)
	f, err := os.Open(path)
	if err != nil {
		v.problem("the file %s cannot be read; write where the certificate lies", path)
		return path
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxSize))
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		v.problem("the file %s holds no certificate in PEM form", path)
	}
	return path
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
	d.Language = l.digestLanguage(m.get("language"))
	if l.cfg.Email == nil {
		v.problem("the digest goes by mail, but there is no email section; write one")
	}
}

// digestLanguage is one that there is a digest in: the seller's own texts are for
// buyers.
func (l *loader) digestLanguage(v value) string {
	const standard = "en"
	lang, ok := v.text()
	if !ok || lang == "" {
		return standard
	}
	if !notify.HasDigest(lang) {
		v.problem("there is no digest in %s; write %s", quote(lang), strings.Join(notify.SellerLanguages(), " or "))
		return standard
	}
	return lang
}

func (l *loader) firstZone() *time.Location {
	for _, s := range l.cfg.Shops {
		if s.Zone != nil {
			return s.Zone
		}
	}
	return time.UTC
}
