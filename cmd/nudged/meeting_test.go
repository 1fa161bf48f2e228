package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A first contact that comes to nothing leaves nobody signed in.
func TestNoProfileIsLeft(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "browser", "shop")
	if err := os.MkdirAll(filepath.Join(profile, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	m := &meeting{initCmd: initCmd{Keyring: true}, s: &session{}, profile: profile}
	if err := m.run(); err == nil {
		t.Fatal("there is no keyring")
	}
	if _, err := os.Stat(profile); !os.IsNotExist(err) {
		t.Errorf("the profile is left: %v", err)
	}
}
