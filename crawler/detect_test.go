package crawler_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/crawler/recipe"
)

func detecting(t *testing.T) []*recipe.Recipe {
	t.Helper()
	text := strings.Replace(string(demoshop.FormRecipe()), "needs_you: .one-time", "needs_you: [.one-time, .captcha]", 1)
	r, err := recipe.Parse("demo.yaml", []byte(strings.Replace(text, "\nsign_in:", "\ndetect: {select: title, match: Demo Shop}\n\nsign_in:", 1)))
	if err != nil {
		t.Fatal(err)
	}
	other := *r
	other.Detect = nil
	return []*recipe.Recipe{&other, r}
}

func TestDetect(t *testing.T) {
	demo, err := demoshop.Start(t.Context(), demoshop.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = demo.Close() })
	recipes := detecting(t)
	bare := strings.TrimSuffix(strings.TrimPrefix(demo.URL, "http://"), "/")
	for _, typed := range []string{demo.URL, bare, " " + bare + "/ ", bare + "/admin/login?from=x#top"} {
		found, err := crawler.Detect(t.Context(), typed, recipes)
		if err != nil || found.Recipe != recipes[1] || found.Title != "Sign in · Demo Shop" || found.Plain || !strings.HasPrefix(found.URL, demo.URL) || strings.ContainsAny(found.URL, "?#") {
			t.Errorf("%q: %+v, %v", typed, found, err)
		}
	}
	if demo.Refusals() != 0 || len(demo.Writes()) != 0 {
		t.Error("looking at a shop tried to sign in, or wrote")
	}
}

func TestDetectErrors(t *testing.T) {
	page := func(status int, header, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if name, value, ok := strings.Cut(header, ": "); ok {
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	const closed = "http://127.0.0.1:1" // a port that was just closed may be somebody's again
	captcha, err := demoshop.Start(t.Context(), demoshop.Options{Door: demoshop.Door{Captcha: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = captcha.Close() })
	now := time.Now()
	for name, c := range map[string]struct {
		address string
		kind    crawler.Contact
		says    string
	}{
		"no address":      {"ftp://shop.example", crawler.BadAddress, "as your browser shows it"},
		"words":           {"my shop", crawler.BadAddress, "as your browser shows it"},
		"nothing":         {"  ", crawler.BadAddress, "as your browser shows it"},
		"refused":         {closed, crawler.ConnectionError, "connection refused"},
		"self-signed":     {secure(t, now.Add(time.Hour), "127.0.0.1"), crawler.SelfSigned, "signed by nobody but itself"},
		"expired":         {secure(t, now.Add(-48*time.Hour), "127.0.0.1"), crawler.ExpiredCert, "was over on " + now.Add(-48*time.Hour).UTC().Format("2 January 2006")},
		"of another name": {secure(t, now.Add(time.Hour), "other.example"), crawler.BadCertificate, "other.example"},
		"http as https":   {strings.Replace(page(200, "", "hello"), "http:", "https:", 1), crawler.PlainHTTP, "only http"},
		"404":             {page(404, "", "<title>Not here</title>"), crawler.NotThere, "404"},
		"401":             {page(401, "WWW-Authenticate: Basic realm=x", ""), crawler.KeptOut, "401"},
		"403":             {page(403, "", "forbidden"), crawler.KeptOut, "403"},
		"503":             {page(503, "", "down"), crawler.Trouble, "service unavailable"},
		"cloudflare":      {page(403, "Cf-Mitigated: challenge", "<title>Just a moment...</title>"), crawler.Challenge, "Just a moment"},
		"wall":            {page(200, "", `<title>Wait</title><script src="/cdn-cgi/challenge-platform/x.js"></script>`), crawler.Challenge, "wants a person"},
		"captcha":         {captcha.URL, crawler.Challenge, "Slide the piece"},
		"a blog":          {page(200, "", "<title>My &amp; blog</title>"), crawler.UnknownSystem, `"My & blog"`},
		"a circle":        {circle(t), crawler.Trouble, "circle"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := crawler.Detect(t.Context(), c.address, detecting(t))
			var e *crawler.ContactError
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v, kind %v, %v", found, e, err)
			}
		})
	}
}

func TestDetectIsStopped(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }))
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := crawler.Detect(ctx, s.URL, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	// Its own patience is another thing.
	timeout := crawler.ContactErrorOf(t.Context(), &net.OpError{Op: "read", Err: &timeoutError{}})
	var e *crawler.ContactError
	if !errors.As(timeout, &e) || e.Kind != crawler.NoAnswer {
		t.Errorf("%v", timeout)
	}
	nowhere := crawler.ContactErrorOf(t.Context(), &net.OpError{Op: "dial", Err: &net.DNSError{Name: "shpo.example", IsNotFound: true}})
	if !errors.As(nowhere, &e) || e.Kind != crawler.NoSuchHost || !strings.Contains(nowhere.Error(), `"shpo.example"`) {
		t.Errorf("%v", nowhere)
	}
}

type timeoutError struct{}

func (*timeoutError) Error() string   { return "i/o timeout" }
func (*timeoutError) Timeout() bool   { return true }
func (*timeoutError) Temporary() bool { return true }

// A password would be readable on the way: http is not guessed beyond this
// computer.
func TestDetectDoesNotGuessHTTP(t *testing.T) {
	for typed, want := range map[string][]string{
		"shop.example/admin":  {"https://shop.example/admin"},
		"localhost:1":         {"https://localhost:1", "http://localhost:1"},
		"127.0.0.1/x":         {"https://127.0.0.1/x", "http://127.0.0.1/x"},
		"http://shop.example": {"http://shop.example"},
		"shop.example:8443":   {"https://shop.example:8443"},
	} {
		got, err := crawler.Addresses(typed)
		if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v, %v", typed, got, err)
		}
	}
}

func circle(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, "/", http.StatusFound) }))
	t.Cleanup(s.Close)
	return s.URL
}

// secure serves with a certificate that nobody knows.
func secure(t *testing.T, until time.Time, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop"}, NotBefore: until.Add(-1000 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(name); ip != nil {
		cert.IPAddresses = []net.IP{ip}
	} else {
		cert.DNSNames = []string{name}
	}
	raw, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}
