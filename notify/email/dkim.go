package email

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/wneessen/go-mail"

	"nudged/store/order"
)

// DKIM is how messages are signed (RFC 6376), for a server that does not sign
// them itself. The zero value is no signature.
type DKIM struct {
	Domain   string // of the sender's address
	Selector string // the public key stands in the DNS under Selector._domainkey.Domain
	KeyFile  string // PEM: the private key, RSA or Ed25519
}

// signed are the header fields that a signature covers. List-Unsubscribe is among
// them as RFC 8058 wants it. There is no room for more: go-mail 0.8.1 breaks a list
// that is longer than a line, and the signature of a broken one does not hold.
func signed() []string {
	return []string{"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Unsubscribe", "Content-Type"}
}

// maxTag is the longest domain or selector, for the same reason.
const maxTag = 70

// signer reads the key; nil without DKIM.
func (d DKIM) signer() (*mail.DKIMSigner, error) {
	if d == (DKIM{}) {
		return nil, nil
	}
	if d.Domain == "" || d.Selector == "" || d.KeyFile == "" {
		return nil, errors.New("dkim: domain, selector and key file go together; write all three")
	}
	if len(d.Domain) > maxTag || len(d.Selector) > maxTag {
		return nil, fmt.Errorf("dkim: domain and selector have at most %d letters", maxTag)
	}
	pem, err := os.ReadFile(d.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("dkim: key of %s: %w", d.Domain, err)
	}
	key, err := mail.PrivKeyFromPEM(pem)
	if err != nil { // the library's words could repeat what the file holds
		return nil, fmt.Errorf("dkim: %s holds no private key, RSA or Ed25519, in PEM form", d.KeyFile)
	}
	if k, ok := key.(*rsa.PrivateKey); ok && k.N.BitLen() < 1024 {
		return nil, fmt.Errorf("dkim: the key in %s has %d bits, which nobody accepts; make one of 2048", d.KeyFile, k.N.BitLen())
	}
	s := mail.NewDKIMSigner(d.Domain, d.Selector, key)
	s.SignHeaders(signed()...)
	if err := s.ValidateConfig(); err != nil {
		return nil, fmt.Errorf("dkim: %s: %w", d.Domain, err)
	}
	return s, nil
}

// covers reports whether a signature of the domain says something for a sender:
// one of another domain would not.
func (d DKIM) covers(from order.Email) bool {
	domain := strings.ToLower(from.Reveal()[strings.LastIndexByte(from.Reveal(), '@')+1:])
	own := strings.ToLower(d.Domain)
	return domain == own || strings.HasSuffix(domain, "."+own)
}
