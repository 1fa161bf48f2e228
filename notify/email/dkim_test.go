package email_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"nudged/notify/email"
	"nudged/notify/sendertest"
)

// keyFile writes a private key, and gives what its record in the DNS would say.
func keyFile(t *testing.T, kind string, key crypto.Signer) (path, record string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	var public []byte
	if k, ok := key.Public().(ed25519.PublicKey); ok {
		public = k
	} else if public, err = x509.MarshalPKIXPublicKey(key.Public()); err != nil {
		t.Fatal(err)
	}
	return path, "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)
}

// What arrives carries a signature that another implementation verifies, and
// that no longer holds once a signed part is changed.
func TestDKIM(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for kind, key := range map[string]crypto.Signer{"rsa": rsaKey, "ed25519": edKey} {
		t.Run(kind, func(t *testing.T) {
			path, record := keyFile(t, kind, key)
			s := startServer(t)
			sender := s.sender(t, func(o *email.Options) {
				o.DKIM = email.DKIM{Domain: "buckles.example", Selector: "nudged", KeyFile: path}
			})
			if _, err := sender.Send(t.Context(), sendertest.Message(1)); err != nil {
				t.Fatal(err)
			}
			raw := s.Taken()[0].Raw
			verify := func(raw []byte) error {
				found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					if domain != "nudged._domainkey.buckles.example" {
						t.Errorf("the key is looked for at %s", domain)
					}
					return []string{record}, nil
				}})
				if err != nil || len(found) != 1 {
					t.Fatalf("%d signatures, %v", len(found), err)
				}
				return found[0].Err
			}
			if err := verify(raw); err != nil {
				t.Errorf("%v\n%s", err, raw)
			}
			for _, change := range [][2]string{{"<shop@", "<evil@"}, {"List-Unsubscribe: <mailto:help", "List-Unsubscribe: <mailto:evil"}, {"a line with a dot", "a line with a bot"}} {
				changed := bytes.ReplaceAll(raw, []byte(change[0]), []byte(change[1]))
				if bytes.Equal(changed, raw) {
					t.Fatalf("there is no %q to change in\n%s", change[0], raw)
				}
				if verify(changed) == nil {
					t.Errorf("a changed %q is not noticed", change[0])
				}
			}
		})
	}
}

// A signature of another domain would say nothing of the sender.
func TestDKIMOfAnotherDomain(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path, _ := keyFile(t, "ed25519", key)
	for domain, want := range map[string]bool{"example": true, "buckles.example": true, "BUCKLES.example": true, "uckles.example": false, "other.example": false} {
		s := startServer(t)
		sender := s.sender(t, func(o *email.Options) { o.DKIM = email.DKIM{Domain: domain, Selector: "s", KeyFile: path} })
		if err := send(t, sender, 1); err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(s.Taken()[0].Raw, []byte("DKIM-Signature:")); got != want {
			t.Errorf("key of %s: signed is %v", domain, got)
		}
	}
}

func TestDKIMRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		dkim email.DKIM
		want string
	}{
		"half":      {email.DKIM{Domain: "a.example"}, "go together"},
		"no file":   {email.DKIM{Domain: "a.example", Selector: "s", KeyFile: filepath.Join(dir, "none")}, "key of a.example"},
		"no key":    {email.DKIM{Domain: "a.example", Selector: "s", KeyFile: write("text", "canary")}, "no private key"},
		"cert":      {email.DKIM{Domain: "a.example", Selector: "s", KeyFile: write("cert", "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n")}, "no private key"},
		"garbled":   {email.DKIM{Domain: "a.example", Selector: "s", KeyFile: write("key", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n")}, "no private key"},
		"short":     {email.DKIM{Domain: "a.example", Selector: "s", KeyFile: write("short", shortKey)}, "512 bits"},
		"no domain": {email.DKIM{Selector: "s", KeyFile: "x"}, "go together"},
	} {
		_, err := email.New(email.Options{Host: "localhost", DKIM: c.dkim})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// shortKey is of 512 bits: anybody can break it.
const shortKey = `-----BEGIN RSA PRIVATE KEY-----
MIIBPAIBAAJBAKqyj+XErFWkGZC3aSbSQYeKWUpjGKHisKO2rjmi4g3P0VXdFUCf
EKJ34M08OseepGft3WnwGG946UNlGWoOMicCAwEAAQJBAJjNIzcBaWt4bFI5fO19
hZ95XxjRwHkZ3hmPLEL35feJvHe4W8jHw2XJruUT4zIZ6sBGHLeovFgnzlZTd+b1
boECIQDVqK8buEggzXEum1spITh+t91ELMYHAfH2rB2SICJThwIhAMyGXYhH/qHs
wohGIco5qOqnrI+mBq22ttdeo72qyhRhAiEA0yvj1pvu/izPfuch1Kb29Ze4Y9d0
6hwsEEfQ+ko0YyUCIGyImTXqzqtrEshyPxgrhQIRPLd2KXEh1uFvbYEHEvnBAiEA
oeI8nOWpVfE/BgwirF5D3eu1Etd/q982jF3Tgat43v8=
-----END RSA PRIVATE KEY-----
`
