package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/demoshop"
	"nudged/notify"
	"nudged/store/order"
)

const (
	canaryPassword = "c4n4ry-password-9a7b"
	canaryPhone    = "+12025550147"
	canaryEmail    = "c4n4ry-buyer@buyers.example"
)

// The whole pipeline in all its moods, everything that it writes collected: the
// password must be nowhere, the buyer's phone and address only where they serve.
func TestNoSecretLeaks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var mu sync.Mutex
	var offset time.Duration
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(offset) }
	shop, err := demoshop.Start(t.Context(), demoshop.Options{Password: canaryPassword, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	mails, err := startSink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shop.Close(); mails.Close() })
	cfg := canaryConfig(t, dir, shop, mails)
	out := &lockedWriter{w: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a, err := openApp(t.Context(), cfg, appOptions{Now: now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	say := func(err error) {
		if err != nil {
			fmt.Fprintf(out, "error: %v %+v %q\n", err, err, err)
		}
	}
	flow := func() {
		if s, ok := a.spider.(interface{ Again(shop string) }); ok {
			s.Again("demo") // each mood is to be seen, also after one that bids to wait
		}
		say(errors.Join(a.db.ClearRefusal(t.Context(), "demo"), a.met(t.Context(), "demo")))
		_, err := a.flow(t.Context(), cfg.Shops[0], true)
		say(err)
	}

	flow()
	ahead := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); offset += d }
	ahead(2 * time.Minute) // the shop's times have no fractions: what comes now is surely later
	bought := shop.Add(demoshop.Order{Name: "Cora Nary", Email: canaryEmail, Phone: canaryPhone, Payment: "Card"})
	flow()
	for _, kind := range []demoshop.Kind{demoshop.ChangedColumn, demoshop.EmptyTable, demoshop.Garbage, demoshop.Cut, demoshop.LoginInstead} {
		shop.Break(demoshop.Fault{Kind: kind})
		flow()
		shop.Mend()
	}
	shop.Break(demoshop.Fault{Kind: demoshop.ChangedColumn, Path: "/admin/orders/" + bought.ID})
	_, err = a.Look(t.Context(), "demo", bought.ID)
	say(err)
	shop.Mend()
	ahead(61 * time.Minute)
	flow()
	say(a.sendDigest(t.Context(), now().Add(-24*time.Hour), now()))
	for _, args := range [][]string{{"orders", "--limit", "0"}, {"orders", "--json"}, {"why", bought.ID}, {"why", bought.ID, "--json"}, {"remind", "--dry-run"}, {"remind", "--dry-run", "--full"}, {"remind", "--dry-run", "--json"}, {"crawl", "--json"}, {"digest"},
		{"orders", "--csv", "--columns", "all"}, {"buyers"}, {"buyers", "--json"}, {"buyers", "--csv", "--columns", "all"}, {"buyers", "show", bought.ID}, {"buyers", "show", bought.ID, "--json"}, {"buyers", "show", "Cora"},
		{"shops"}, {"shops", "--json"},
	} {
		command := args
		run(t.Context(), append(command, "-v"), world{
			stdin: strings.NewReader(""), stdout: out, stderr: out, now: now, app: a,
			file:      func(string, []byte) error { return errors.New("no files here") },
			lookupEnv: func(string) (string, bool) { return "", false },
		})
	}
	wrong := a.cfg.Shops[0]
	wrong.Password = order.Secret(canaryPassword + "x")
	shop.ExpireSessions()
	_, err = a.flow(t.Context(), wrong, false)
	say(err)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	judgeLeaks(t, dir, fmt.Sprint(out.w), mails.caught())
}

func canaryConfig(t *testing.T, dir string, shop *demoshop.Shop, mails *sink) *config.Config {
	t.Helper()
	text := fmt.Sprintf(`shops:
  - {name: demo, recipe: ./shop.yaml, url: '%s', user: seller, password: {file: password}, zone: UTC, visit: 10m, region: US}
reminders: {mode: live, steps: [{step: first, after: 1h, by: [email], template: gentle}]}
email: {host: 127.0.0.1, port: %d, security: none, from: Demo <shop@demo.example>}
digest: {at: "0 21 * * *", to: [me@demo.example]}
data: data
key_file: keys/key
`, shop.URL, mails.port)
	for name, body := range map[string]string{"config.yaml": text, "shop.yaml": string(demoshop.FormRecipe()), "password": canaryPassword} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(filepath.Join(dir, "config.yaml"), config.Options{Secrets: true, Texts: notify.LoadTexts})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func judgeLeaks(t *testing.T, dir, said string, mails []caught) {
	t.Helper()
	// The test is worth something only if it went through all of it.
	for _, want := range []string{"refused the sign-in", "is not what the recipe describes", "msg=sent", "digest sent"} {
		if !strings.Contains(said, want) {
			t.Errorf("the run never came to %q", want)
		}
	}
	digits := strings.TrimPrefix(canaryPhone, "+1")
	secret := []string{canaryPassword, canaryPhone, digits, "202 555 0147", "202-555-0147", "(202) 555-0147", canaryEmail}
	seek := func(where, text string, words ...string) {
		for _, w := range words {
			if i := strings.Index(text, w); i >= 0 {
				t.Errorf("%s holds %q: …%.200q", where, w, text[max(0, i-100):])
			}
		}
	}
	seek("the log and what was printed", said, secret...)
	toBuyer := 0
	for _, m := range mails {
		l, err := m.open()
		if err != nil {
			t.Fatal(err)
		}
		whole := string(m.Raw) + l.Text + l.HTML
		if m.To == canaryEmail {
			toBuyer++
			seek("the buyer's mail", whole, canaryPassword, canaryPhone, digits)
			continue
		}
		seek("a mail to "+m.To, whole, secret...)
	}
	if toBuyer != 1 {
		t.Errorf("%d mails to the buyer, want 1", toBuyer)
	}
	saved := 0
	err := filepath.WalkDir(filepath.Join(dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(path, "saved") {
			saved++
			seek(path, string(body), secret...)
			if info, err := d.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
			}
		}
		seek(path, string(body), canaryPassword)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if saved == 0 {
		t.Error("no page was saved, so nothing was proven about saved pages")
	}
}
