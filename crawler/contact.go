package crawler

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"nudged/crawler/fetch"
)

// Contact says what went wrong at the first contact with an address.
type Contact string

// What can go wrong.
const (
	BadAddress      Contact = "bad address"     // it is none
	NoSuchHost      Contact = "no such host"    // its name is not known
	ConnectionError Contact = "no connection"   // nobody listens there, or the network is down
	NoAnswer        Contact = "no answer"       // nothing came in time
	BadCertificate  Contact = "bad certificate" // of another name, or of nobody known
	ExpiredCert     Contact = "expired"         // a certificate whose time is over, or not yet come
	SelfSigned      Contact = "self-signed"     // a certificate that vouches for itself
	PlainHTTP       Contact = "plain http"      // the shop does not speak https
	NotThere        Contact = "not there"       // 404: nothing at this address
	KeptOut         Contact = "kept out"        // 401 or 403, or a password of the web server's own
	Trouble         Contact = "trouble"         // 429 or 5xx, a circle of redirects
	Challenge       Contact = "challenge"       // a captcha or "checking your browser" stands before it
	UnknownSystem   Contact = "unknown system"  // a page, but of no back-office that a recipe knows
)

// ContactError says why an address could not be made a shop, and what to do.
type ContactError struct {
	Kind    Contact
	Address string    // without query
	Detail  string    // the host, the names in a certificate, the page's title
	At      time.Time // of ExpiredCert: when its time was over
	Status  int
	Err     error // may be nil
}

func (e *ContactError) Error() string { return e.Address + ": " + e.what() }

func (e *ContactError) what() string {
	switch e.Kind {
	case BadAddress:
		return "this is no address of a web page; give it as your browser shows it, such as https://shop.example/admin/"
	case NoSuchHost:
		return fmt.Sprintf("there is no computer of the name %q; look for a typing mistake, and whether this computer is on the network", e.Detail)
	case ConnectionError:
		return fmt.Sprintf("nobody answers there (%s); look for a typing mistake, and whether the address opens in the browser of this computer", e.Detail)
	case NoAnswer:
		return "it did not answer in time; look whether it opens in the browser of this computer, and try again"
	case BadCertificate:
		return fmt.Sprintf("its certificate is not to be trusted: %s; whoever runs the shop has to mend that (a password would go to somebody who may not be the shop)", e.Detail)
	case ExpiredCert:
		return fmt.Sprintf("the time of its certificate was over on %s; whoever runs the shop has to renew it (and look whether the clock of this computer is right)", e.At.Format("2 January 2006"))
	case SelfSigned:
		return fmt.Sprintf("its certificate is signed by nobody but itself (%s); get one that is signed (Let's Encrypt gives them free), or add this one to those that this computer trusts", e.Detail)
	case PlainHTTP:
		return "it speaks only http, so the password would be readable on its way; have https set up there, or, if it is in your own network, write the address with http:// in front"
	case NotThere:
		return "nothing is there (404); open the back-office in your browser and copy the address of the page after the sign-in"
	case KeptOut:
		return fmt.Sprintf("it lets nobody in from here (%d); it may admit only some networks, or want a password of the web server's own, which nudged cannot give", e.Status)
	case Trouble:
		return fmt.Sprintf("it is in trouble (%s); try again later", e.Detail)
	case Challenge:
		return fmt.Sprintf("a page stands before it that wants a person (%q); nudged never answers such pages: have this computer's address let through, or sign in with: nudged login SHOP", e.Detail)
	case UnknownSystem:
		return fmt.Sprintf("the page there (%q) is of no back-office that nudged has a recipe for; give the address of the page where you sign in, name the system yourself (nudged recipe list), or write a recipe for it (nudged recipe schema, README)", e.Detail)
	}
	return string(e.Kind)
}

// Unwrap gives the cause.
func (e *ContactError) Unwrap() error { return e.Err }

// contactError names what a failed request means.
func contactError(ctx context.Context, address string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	e := &ContactError{Kind: ConnectionError, Address: address, Err: err, Detail: "no connection"}
	if e.certificate(err) {
		return e
	}
	var noName *net.DNSError
	var timeout net.Error
	var failed *fetch.Error
	switch {
	case errors.As(err, &noName):
		e.Kind, e.Detail = NoSuchHost, noName.Name
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, new(tls.RecordHeaderError)):
		e.Kind = PlainHTTP
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Detail = "connection refused"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Kind = NoAnswer
	case errors.As(err, &failed) && failed.Kind == fetch.BadRequest:
		e.Kind = BadAddress
	case errors.As(err, &failed) && failed.Kind != fetch.Transport:
		e.Kind, e.Detail = Trouble, failed.Err.Error()
	case errors.As(err, &failed):
		e.Detail = failed.Err.Error()
	}
	return e
}

// certificate looks for what is wrong with the shop's.
func (e *ContactError) certificate(err error) bool {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e.Kind, e.At = ExpiredCert, invalid.Cert.NotAfter
	case errors.As(err, &name):
		e.Kind, e.Detail = BadCertificate, fmt.Sprintf("it is not for %s but for %.200q", name.Host, name.Certificate.DNSNames)
	case errors.As(err, &unknown) && selfSigned(unknown.Cert):
		e.Kind, e.Detail = SelfSigned, clip(unknown.Cert.Subject.String(), 100)
	case errors.As(err, &unknown):
		e.Kind, e.Detail = BadCertificate, "nobody that this computer knows has signed it"
	case errors.As(err, &invalid), errors.As(err, new(*tls.CertificateVerificationError)):
		e.Kind, e.Detail = BadCertificate, "it does not fulfil its own rules"
	default:
		return false
	}
	return true
}

func selfSigned(c *x509.Certificate) bool {
	return c != nil && string(c.RawIssuer) == string(c.RawSubject)
}

func clip(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}
