package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
)

func TestKeyring(t *testing.T) {
	src := strings.Replace(small, "{env: BUCKLES_PASSWORD}", "{keyring: buckles}", 1)
	for _, c := range []struct {
		name    string
		keyring func(string) (string, error)
		want    string
	}{
		{"kept", func(name string) (string, error) { return canary + name, nil }, ""},
		{"not kept", func(string) (string, error) { return "", config.ErrNotInKeyring }, "nudged init --keyring puts a password there"},
		{"not reached", func(string) (string, error) { return "", errors.New("no D-Bus here") }, "the keyring cannot be reached (no D-Bus here); write {file: PATH}"},
		{"empty", func(string) (string, error) { return "", nil }, "is empty"},
		{"none", nil, "there is no keyring here; write {file: PATH}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t)
			o.Keyring = c.keyring
			cfg, err := config.Parse("config.yaml", []byte(src), o)
			var problems config.Problems
			switch {
			case c.want == "" && (err != nil || cfg.Shops[0].Password.Reveal() != canary+"buckles"):
				t.Errorf("not read: %v", err)
			case c.want != "" && (!errors.As(err, &problems) || len(problems) != 1 || !problems[0].Secret || !strings.Contains(err.Error(), c.want)):
				t.Errorf("problems %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheSecretOfCodesIsTakenAsItIsPasted(t *testing.T) {
	for pasted, want := range map[string]string{
		"jbsw y3dp ehpk 3pxp": "JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP====": "JBSWY3DPEHPK3PXP", "jbsw-y3dp-ehpk-3pxp": "JBSWY3DPEHPK3PXP",
	} {
		o := options(t)
		o.LookupEnv = env(map[string]string{"CODES": pasted})
		cfg, err := config.Parse("config.yaml", []byte(small+"    totp: {env: CODES}\n"), o)
		if err != nil || cfg.Shops[0].TOTP.Reveal() != want {
			t.Errorf("%q: %v", pasted, err)
		}
	}
}

// A recipe of testdata with something of it replaced, as a file beside a config.
func changed(t *testing.T, old, with string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%q is not in the recipe: %v", old, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(strings.Replace(string(text), old, with, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestARecipeThatTypesCodesNeedsTheirSecret(t *testing.T) {
	dir := changed(t, `password: "{password}"}}`, `password: "{password}", code: "{totp}"}}`)
	src := strings.Replace(small, "testdata/shop.yaml", "own.yaml", 1)
	_, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(src), options(t))
	if err == nil || !strings.Contains(err.Error(), "types one-time codes and needs their secret; write totp:") {
		t.Errorf("%v", err)
	}
}

func TestTheRecipeSaysWhenTheShopCloses(t *testing.T) {
	dir := changed(t, "schema: 1\n", "schema: 1\nauto_close: 30m\n")
	src := strings.Replace(small, "testdata/shop.yaml", "own.yaml", 1)
	for from, want := range map[string]time.Duration{"    auto_close: 2d\n": 48 * time.Hour, "": 30 * time.Minute} {
		text := strings.Replace(src, "    auto_close: 2d\n", from, 1)
		cfg, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(text), options(t))
		if err != nil || cfg.Shops[0].AutoClose != want {
			t.Errorf("%q: %v, %v", from, cfg.Shops[0].AutoClose, err)
		}
	}
}

func TestWhereAPersonSignsInNoPasswordIsWanted(t *testing.T) {
	src := strings.NewReplacer("testdata/shop.yaml", "testdata/person.yaml", "    user: 0123\n", "", "    password: {env: BUCKLES_PASSWORD}\n", "").Replace(small)
	cfg := parse(t, src)
	if s := cfg.Shops[0]; s.Recipe.SignIn.Person == nil || s.Password != "" || s.User != "" {
		t.Errorf("%+v", s)
	}
}
