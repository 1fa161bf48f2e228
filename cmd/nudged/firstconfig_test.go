package main

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/demoshop"
	"nudged/notify"
)

// parseFirst reads what init writes; the secrets are where it says.
func parseFirst(t *testing.T, text string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string][]byte{"own.yaml": demoshop.FormRecipe(), "a-password": []byte("x\n"), "a-totp": []byte("JBSWY3DPEHPK3PXP\n"), "mail-password": []byte("y\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"HOME": "/home/seller", "LOCALAPPDATA": `C:\seller`}
	cfg, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(text), config.Options{
		Secrets: true, LookupEnv: func(n string) (string, bool) { v, ok := env[n]; return v, ok }, Texts: notify.LoadTexts,
	})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(cfg.Warnings) > 0 {
		t.Errorf("warnings: %v", cfg.Warnings)
	}
	return cfg
}

var commented = regexp.MustCompile(`(?m)^(\s*)# (.*)$`)

// uncomment does to the parts about mail what the text tells the seller to do.
func uncomment(text string) string {
	before, after, _ := strings.Cut(text, "  # steps:\n")
	return before + commented.ReplaceAllString("  # steps:\n"+after, "$1$2")
}

func TestWhatTheFirstContactWritesIsRight(t *testing.T) {
	for name, f := range map[string]firstShop{
		"plain":  {Name: "a", Recipe: "./own.yaml", URL: "https://a.example/admin/", User: "boss", Password: "{file: a-password}", Zone: "Europe/Berlin", Closes: true},
		"all":    {Name: "a", Recipe: "woocommerce", URL: "https://a.example/wp-admin/", User: "boss@a.example", Password: "{file: a-password}", TOTP: "{file: a-totp}", Zone: "UTC", Currency: "EUR", AutoClose: "48h", Closes: true},
		"names":  {Name: "商店", Recipe: "./own.yaml", URL: "https://a.example/a%20b/?x=#y", User: `"o'Neill": #1 {x}`, Password: "{file: a-password}", Zone: "America/Argentina/Buenos_Aires", Closes: true},
		"truthy": {Name: "yes", Recipe: "./own.yaml", URL: "https://a.example/", User: "0123", Password: "{file: a-password}", Zone: "UTC", Closes: true},
	} {
		t.Run(name, func(t *testing.T) {
			f.URL, _, _ = strings.Cut(f.URL, "?")
			text, err := f.text()
			if err != nil {
				t.Fatal(err)
			}
			cfg := parseFirst(t, string(text))
			s := cfg.Shops[0]
			if s.Name != f.Name || s.User != f.User || s.Zone.String() != f.Zone || s.RecipeName != f.Recipe || s.Password.Reveal() != "x" || s.Currency != f.Currency {
				t.Errorf("%+v in\n%s", s, text)
			}
			if cfg.Reminders.Mode != config.Preview || len(cfg.Reminders.Steps) != 0 {
				t.Errorf("reminders: %+v", cfg.Reminders)
			}
			if f.Recipe != "./own.yaml" {
				return // whose close time would have to be written
			}
			cfg = parseFirst(t, uncomment(string(text)))
			if len(cfg.Reminders.Steps) != 3 || cfg.Email == nil || cfg.Digest == nil {
				t.Errorf("with mail: %+v", cfg.Reminders)
			}
		})
	}
}

func TestTheFirstConfigSaysWhatItDoesNotKnow(t *testing.T) {
	f := firstShop{Name: "a", Recipe: "vendure", URL: "https://a.example/", User: "u", Password: "{file: p}", Zone: "UTC"}
	text, err := f.text()
	if err != nil || !strings.Contains(string(text), "this shop does not show when it closes an order") {
		t.Errorf("%v:\n%s", err, text)
	}
}

func TestShopNames(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.buckles.example/wp-admin/": "buckles", "https://admin.buckles.example/": "buckles", "https://127.0.0.1:3000/": "shop",
		"http://localhost/": "shop", "https://shop.example/": "example", "https://[::1]/": "shop", "https://münchen.example/": "münchen", "": "shop",
		"https://a_b-c.example/": "a_b-c", "https://" + strings.Repeat("x", 60) + ".example/": strings.Repeat("x", 40),
	} {
		if got := shopNameOf(address); got != want {
			t.Errorf("%s is called %q, want %q", address, got, want)
		}
	}
}

func TestTheZoneOfThisComputerIsOne(t *testing.T) {
	for tz, want := range map[string]string{"Asia/Shanghai": "Asia/Shanghai", "nonsense/zone": ""} {
		got := zoneHere(func(name string) (string, bool) { return tz, name == "TZ" })
		if _, err := time.LoadLocation(got); err != nil || want != "" && got != want {
			t.Errorf("TZ=%s: %q, %v", tz, got, err)
		}
	}
}

func TestAKeptPasswordIsNotLeftAloneOrOverwritten(t *testing.T) {
	dir := t.TempDir()
	m := &meeting{s: &session{cli: &cli{Config: filepath.Join(dir, "config.yaml")}}, password: "c4n4ry"}
	m.first.Name = "a"
	if err := os.WriteFile(filepath.Join(dir, "a-password"), []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.places()
	made, err := m.keep()
	if err != nil || len(made) != 1 || filepath.Base(made[0]) != "a-password-2" || m.first.Password != "{file: a-password-2}" {
		t.Errorf("%q, %v, %+v", made, err, m.first)
	}
	if info, err := os.Stat(made[0]); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info, err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "a-password")); string(text) != "older" {
		t.Errorf("a file that was there was overwritten")
	}
	ring := &fakeRing{kept: map[string]string{}}
	m.Keyring, m.totp = true, "JBSW"
	m.s.keys = ring
	m.places()
	made, err = m.keep()
	if err != nil || len(made) != 0 || ring.kept["a"] != "c4n4ry" || ring.kept["a-totp"] != "JBSW" {
		t.Errorf("%v, %v, %v", made, ring.kept, err)
	}
	if m.first.Password != "{keyring: a}" || m.first.TOTP != "{keyring: a-totp}" {
		t.Errorf("%+v", m.first)
	}
}

type fakeRing struct{ kept map[string]string }

func (f *fakeRing) Get(name string) (string, error) {
	s, ok := f.kept[name]
	if !ok {
		return "", config.ErrNotInKeyring
	}
	return s, nil
}

func (f *fakeRing) Set(name, secret string) error {
	f.kept[name] = secret
	return nil
}
