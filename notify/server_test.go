package notify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nudged/notify"
)

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.8.8.8": true, "::1": true, "[::1]": true,
		"": false, "0.0.0.0": false, "10.0.0.1": false, "localhost.example": false, "127.0.0.1.example": false,
	} {
		if got := notify.Loopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

// A file that holds no certificate is an error that does not repeat what it holds.
func TestTLSWithoutACertificate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notify.TLS(path); err == nil || !strings.Contains(err.Error(), path+" holds no certificate") || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
	if cfg, err := notify.TLS(""); err != nil || cfg.RootCAs != nil {
		t.Errorf("%+v, %v", cfg, err)
	}
}
