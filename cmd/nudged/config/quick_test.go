package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"nudged/cmd/nudged/config"
	"nudged/notify"
)

// A quick load finds mistakes of writing as any other, and leaves out only what is
// found by trying: a step that comes too late for its shop.
func TestAQuickLoad(t *testing.T) {
	dir := t.TempDir()
	load := func(text string, quick bool) error {
		name := filepath.Join(dir, "config.yaml")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(name, config.Options{Quick: quick, Texts: notify.LoadTexts})
		return err
	}
	const late = `shops:
  - {name: a, recipe: woocommerce, url: "https://a.example/", user: u, password: {env: PW}, zone: UTC, visit: 10m, auto_close: 1h}
reminders: {mode: live, steps: [{step: first, after: 48h, by: [email], template: gentle}]}
email: {host: mail.example, from: Shop <shop@a.example>, user: u, password: {env: PW}}
digest: {at: "0 21 * * *", to: [me@a.example]}
`
	if err := load(late, false); err == nil {
		t.Error("a step that always comes too late is no mistake")
	}
	if err := load(late, true); err != nil {
		t.Errorf("a quick load asks whether steps are in time: %v", err)
	}
	if err := load(late+"remindrs: {}\n", true); err == nil {
		t.Error("a quick load passes over a key that does not exist")
	}
}
