package config_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/notify"
	"nudged/store/order"
)

// whole uses the keys that the other tests do not.
const whole = `
reminders:
  sequences:
    - name: gold
      shops: [buckles]
      payment: [WeChat, Alipay]
      buyers: [known, gold, Lapsed]
      steps:
        - {step: a, after: 1h, by: {all: [sms, email]}, template: offer, offer: "Free shipping.", if: order.total > 20}
  steps:
    - {step: a, after: 2h, by: [sms, email], template: gentle, max_lateness: 3h}
  exclude: [order.total > 5000]
limits: {per_person: 3 per 2d, min_gap: 90m}
buyers: {levels: [{name: gold, orders: 5, spent: 1000.5 CNY}], lapsed: 6 months}
keep_contacts: 24 months
sms:
  provider: http
  user: u
  password: {env: MAIL_PASSWORD}
  from: "1069"
  sign: "[Buckles]"
  opt_out: Reply STOP
  price: 0.05 CNY
  http: {method: POST, url: "https://sms.example/", body: "{to} {text}", headers: {X-Key: "{password}"}, accept: ok, reject: bad, later: busy, id: "(a)"}
inbox: {host: 127.0.0.1, security: none, user: in, password: {env: MAIL_PASSWORD}, folder: Replies}
`

func TestEveryKeyIsRead(t *testing.T) {
	cfg := parse(t, shopOf("15m", "2d", `soft_opt_in: true, address: "1 Belt Street, Canton", sign: Belts`)+whole)
	if s := cfg.Shops[0]; !s.SoftOptIn || s.Address != "1 Belt Street, Canton" || s.Sign != "Belts" {
		t.Errorf("shop %+v", s)
	}
	if got, want := cfg.Limits, (config.Limits{PerPerson: order.Limit{Count: 3, Per: 48 * time.Hour}, MinGap: 90 * time.Minute}); got != want {
		t.Errorf("limits %+v", got)
	}
	gold := config.Level{Name: "gold", Orders: 5, Spent: order.Money{Minor: 100050, Currency: "CNY"}}
	if len(cfg.Levels) != 1 || cfg.Levels[0] != gold || cfg.KeepContacts != (config.Age{Months: 24}) || cfg.Lapsed != 180*24*time.Hour {
		t.Errorf("levels %+v, lapsed %s, age %+v", cfg.Levels, cfg.Lapsed, cfg.KeepContacts)
	}
	if s := cfg.SMS; s.Provider != config.HTTP || s.Password.Reveal() != canary+"-mail" || s.From != "1069" || s.Sign != "Buckles" ||
		s.OptOut != "Reply STOP" || s.Price != (order.Money{Minor: 5, Currency: "CNY"}) {
		t.Errorf("sms %+v", s)
	}
	want := &config.SMSHTTP{
		Method: "POST", URL: "https://sms.example/", Body: "{to} {text}", Headers: map[string]string{"X-Key": "{password}"},
		Accept: "ok", Reject: "bad", Later: "busy", ID: "(a)",
	}
	if !reflect.DeepEqual(cfg.SMS.HTTP, want) {
		t.Errorf("http %+v", cfg.SMS.HTTP)
	}
	if i := cfg.Inbox; i.Host != "127.0.0.1" || i.Port != 143 || i.User != "in" || i.Password.Reveal() == "" || i.Security != config.NoTLS || i.Folder != "Replies" {
		t.Errorf("inbox %+v", i)
	}
}

func TestApprovedTextsAreRead(t *testing.T) {
	cfg := parse(t, small+`
sms: {provider: aliyun, user: u, password: {env: MAIL_PASSWORD}, sign: A, ca_file: "", templates: {
  gentle: {code: SMS_1, text: "${a}", kind: promotion, params: {a: number}}, helpful: {code: SMS_2}}}
`)
	want := map[string]config.SMSTemplate{
		"gentle": {Code: "SMS_1", Text: "${a}", Kind: config.Promotion, Params: map[string]string{"a": "number"}}, "helpful": {Code: "SMS_2"},
	}
	if got := cfg.SMS.Templates; !reflect.DeepEqual(got, want) || cfg.SMS.HTTP != nil || cfg.SMS.Replies != nil {
		t.Errorf("%+v", cfg.SMS)
	}
}

func TestSettings(t *testing.T) {
	cfg := parse(t, shopOf("15m", "2d", `soft_opt_in: true, address: "1 Belt Street, Canton", offline_payment: [transfer]`)+whole)
	s := cfg.Settings()
	f := s.Shops["buckles"]
	if !f.SoftOptIn || f.Address == "" || f.Sign != "Buckles" || f.Host != "127.0.0.1" || len(f.OfflinePayment) != 1 {
		t.Errorf("facts %+v", f)
	}
	if s.Limit != cfg.Limits.PerPerson || s.MinGap != 90*time.Minute || len(s.Levels) != 1 || s.Lapsed != cfg.Lapsed || len(s.Exclude) != 1 || len(s.Steps) != 1 || len(s.Sequences) != 1 {
		t.Errorf("settings %+v", s)
	}
	q := s.Sequences[0]
	if q.Name != "gold" || len(q.Shops) != 1 || len(q.Payment) != 2 || len(q.Buyers) != 3 || q.Buyers[2] != notify.KindLapsed || len(q.Steps) != 1 {
		t.Errorf("sequence %+v", q)
	}
	if st := q.Steps[0]; !st.All || len(st.By) != 2 || st.By[0] != order.BySMS || st.If.String() != "order.total > 20" || st.Offer != "Free shipping." {
		t.Errorf("step %+v", st)
	}
	if st := s.Steps[0]; st.All || st.MaxLateness != 3*time.Hour || st.If != nil {
		t.Errorf("step %+v", st)
	}
}

func TestWhatIsNotSaidIsGentle(t *testing.T) {
	cfg := parse(t, small)
	if cfg.Limits.PerPerson != (order.Limit{Count: 2, Per: 24 * time.Hour}) || !cfg.KeepContacts.IsZero() || cfg.SMS != nil || cfg.Inbox != nil || cfg.Shops[0].SoftOptIn {
		t.Errorf("%+v", cfg)
	}
	cfg = parse(t, small+"inbox: {host: a.example, user: u, password: {env: MAIL_PASSWORD}}\n")
	if cfg.Inbox.Port != 993 || cfg.Inbox.Security != config.TLS || cfg.Inbox.Folder != "INBOX" {
		t.Errorf("%+v", cfg.Inbox)
	}
}

func TestAges(t *testing.T) {
	at := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{"24 months": "2024-03-31", "2 years": "2024-03-31", "90 days": "2025-12-31", "1 year": "2025-03-31"} {
		cfg := parse(t, small+"keep_contacts: "+text+"\n")
		if got := cfg.KeepContacts.Before(at).Format("2006-01-02"); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

const servers = `shops:
  - {name: buckles, recipe: testdata/shop.yaml, url: http://127.0.0.1:3000/, user: u, password: {env: BUCKLES_PASSWORD}, zone: UTC, visit: 15m}
email:
  from: Buckles <shop@buckles.example>
`

func TestSeveralAccounts(t *testing.T) {
	cfg := parse(t, servers+`  accounts:
    - {host: a.example, user: u, password: {env: MAIL_PASSWORD}, limit: 200 per 1h}
    - {host: b.example, security: tls, from: Other <other@b.example>}
`)
	e := cfg.Email
	if len(e.Accounts) != 2 || e.Host != "a.example" || e.Port != 587 || e.Limit != (order.Limit{Count: 200, Per: time.Hour}) || e.Sender != e.From {
		t.Fatalf("%+v", e)
	}
	if b := e.Accounts[1]; b.Port != 465 || b.Limit.Count != 0 || b.Sender.Addr.Reveal() != "other@b.example" || b.Sender.Name != "Other" {
		t.Errorf("%+v", b)
	}
	cfg = parse(t, servers+"  host: a.example\n  limit: 5 per day\n")
	if e := cfg.Email; len(e.Accounts) != 1 || e.Accounts[0] != e.Account || e.Limit.Count != 5 {
		t.Errorf("%+v", e)
	}
}

func TestAccountsThatAreWrong(t *testing.T) {
	for _, c := range []struct{ name, rest, want string }{
		{"both forms", "  host: a.example\n  accounts: [{host: b.example}]\n", `5:9: email.host: with accounts, each has its own; move host there`},
		{"none", "  accounts: []\n", `5:13: email.accounts: the list of accounts is empty; write at least one, or host: smtp.buckles.example instead`},
		{"one twice", "  accounts: [{host: b.example}, {host: B.example, port: 587}]\n", `5:33: email.accounts[1]: this is the account of email.accounts[0] once more; keep one`},
		{"no host", "  accounts: [{limit: 0 per 1h}]\n", `5:14: email.accounts[0]: "host" is missing; write the mail server, as host: smtp.buckles.example
5:22: email.accounts[0].limit: "0 per 1h" lets nothing through, ever; write for example 200 per 1h`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := both(t, servers+c.rest); got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestDKIM(t *testing.T) {
	dir := t.TempDir()
	put := func(name, kind string, der []byte, perm os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), perm); err != nil {
			t.Fatal(err)
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ed)
	if err != nil {
		t.Fatal(err)
	}
	put("rsa.pem", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), 0o600)
	put("ed.pem", "PRIVATE KEY", pkcs8, 0o600)
	put("open.pem", "PRIVATE KEY", pkcs8, 0o644)
	put("cert.pem", "CERTIFICATE", pkcs8, 0o600)
	put("bad.pem", "PRIVATE KEY", []byte(canary), 0o600)
	for _, c := range []struct{ name, dkim, want string }{
		{"rsa", `{domain: buckles.example, selector: mail, key_file: rsa.pem}`, ""},
		{"ed25519, the domain above", `{domain: example, selector: s1.mail, key_file: ed.pem}`, `is no domain`},
		{"ed25519", `{domain: Buckles.example, selector: s1.mail, key_file: ed.pem}`, ""},
		{"another domain", `{domain: other.example, selector: mail, key_file: ed.pem}`, "email.dkim.domain: no sender is of other.example, so nothing would be signed; write the domain of from"},
		{"read by others", `{domain: buckles.example, selector: mail, key_file: open.pem}`, "can be read by others; run: chmod 600"},
		{"a certificate", `{domain: buckles.example, selector: mail, key_file: cert.pem}`, "holds no private key in PEM form, RSA or Ed25519"},
		{"no key", `{domain: buckles.example, selector: mail, key_file: bad.pem}`, "holds no private key in PEM form, RSA or Ed25519"},
		{"not there", `{domain: buckles.example, selector: mail, key_file: none.pem}`, "does not exist"},
		{"no selector", `{domain: buckles.example, selector: "_x._domainkey", key_file: ed.pem}`, "is no selector; write what stands before ._domainkey"},
		{"nothing", `{}`, `email.dkim: "key_file" is missing`},
	} {
		t.Run(c.name, func(t *testing.T) {
			wd, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			src := strings.Replace(servers, "testdata/shop.yaml", filepath.Join(wd, "testdata/shop.yaml"), 1) + "  host: a.example\n  dkim: " + c.dkim + "\n"
			cfg, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(src), options(t))
			switch {
			case c.want == "" && err != nil:
				t.Fatal(err)
			case c.want == "" && (cfg.Email.DKIM.Domain != "buckles.example" || !filepath.IsAbs(cfg.Email.DKIM.KeyFile)):
				t.Errorf("%+v", cfg.Email.DKIM)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary)):
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
