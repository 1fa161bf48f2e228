package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCodeIsDrawnOrLeftAsAPicture(t *testing.T) {
	var out bytes.Buffer
	s := &session{world: world{stderr: &out}}
	file := filepath.Join(t.TempDir(), "saved", "code.png")
	s.showCode(file, []byte("png"), "https://shop.example/login?token=1")
	if drawn := out.String(); strings.Count(drawn, "\n") < 15 || !strings.ContainsAny(drawn, "▀▄█") {
		t.Errorf("no code is drawn:\n%s", drawn)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a picture is left though the code was drawn")
	}
	out.Reset()
	s.showCode(file, []byte("png"), "")
	if !strings.Contains(out.String(), file) {
		t.Errorf("said %q", out.String())
	}
	if info, err := os.Stat(file); err != nil || info.Size() != 3 {
		t.Errorf("%v", err)
	}
}
