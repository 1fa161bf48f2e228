package config

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"strings"

	"nudged/store/order"
)

var (
	domainName = regexp.MustCompile(`^(?i)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$`)
	selector   = regexp.MustCompile(`^(?i)[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$`)
)

// minRSA is what receivers accept at least, RFC 8301, 3.2.
const minRSA = 1024

func (l *loader) dkim(v value, e *Email) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("dkim")
	if !ok {
		return
	}
	d := &DKIM{}
	e.DKIM = d
	if at, ok := m.need("domain", "the domain of your sender address, as domain: buckles.example"); ok {
		name, ok := at.text()
		if ok && !domainName.MatchString(name) {
			at.problem("%s is no domain; write for example buckles.example", quote(name))
		} else if d.Domain = strings.ToLower(name); ok && !signsAny(d.Domain, e) {
			at.problem("no sender is of %s, so nothing would be signed; write the domain of from", d.Domain)
		}
	}
	if at, ok := m.need("selector", "the name of the key in your DNS, as selector: mail"); ok {
		name, ok := at.text()
		if ok && !selector.MatchString(name) {
			at.problem("%s is no selector; write what stands before ._domainkey in your DNS, as mail", quote(name))
		}
		d.Selector = name
	}
	if at, ok := m.need("key_file", "the file of the private key, as key_file: dkim.pem"); ok {
		if name, ok := at.text(); ok && name != "" {
			d.KeyFile = l.abs(name)
			at.signingKey(l, d.KeyFile)
		}
	}
}

// signsAny reports whether a sender is of the domain, or of one below it; true
// where that cannot be told.
func signsAny(domain string, e *Email) bool {
	senders := []order.Email{e.From.Addr}
	for _, a := range e.Accounts {
		senders = append(senders, a.Sender.Addr)
	}
	for _, s := range senders {
		_, of, found := strings.Cut(s.Reveal(), "@")
		if !found || of == domain || strings.HasSuffix(of, "."+domain) {
			return true
		}
	}
	return false
}

// signingKey checks a private key as a password file is checked: it is one.
func (v value) signingKey(l *loader, path string) {
	if !l.opts.Secrets {
		return
	}
	text, ok := v.secretFile(path, 64<<10)
	if !ok {
		return
	}
	switch key := privateKey([]byte(text)).(type) {
	case nil:
		v.noSecret("the file %s holds no private key in PEM form, RSA or Ed25519", path)
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < minRSA {
			v.noSecret("the key in %s has %d bits, which nobody accepts; make one of 2048", path, bits)
		}
	}
}

// privateKey reads PEM as PKCS 1 or PKCS 8; nil if it is neither.
func privateKey(text []byte) any {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	if block.Type == "RSA PRIVATE KEY" {
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return key
		}
		return nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil || block.Type != "PRIVATE KEY" {
		return nil
	}
	switch key := key.(type) {
	case *rsa.PrivateKey, ed25519.PrivateKey:
		return key
	}
	return nil
}
