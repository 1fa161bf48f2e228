package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDemo is the whole program at work: the demo shop, the real browser, the
// real store and mails to a sink.
func TestDemo(t *testing.T) {
	needBrowser(t)
	t.Parallel()
	dir := t.TempDir()
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"demo", "--out", dir}, world{
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now, file: writeFile, lookupEnv: os.LookupEnv,
	})
	if status != exitDone {
		t.Fatalf("exit code %d\n%s\n%s", status, out.String(), errs.String())
	}
	for _, want := range []string{
		"demoshop/DS-1042\tunpaid", "demoshop/DS-1038\tclosed_unpaid", "demoshop/DS-1035\tclosed_refunded",
		"reminder \"first\" by email skipped: the order is paid", "The shop was sent nothing that writes",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo does not say %q:\n%s", want, out.String())
		}
	}
	for _, name := range []string{"reminder-1", "reminder-2", "digest"} {
		html, err := os.ReadFile(filepath.Join(dir, name+".html"))
		if err != nil {
			t.Fatal(err)
		}
		if len(html) < 1000 || strings.Contains(string(html), "<script") {
			t.Errorf("%s.html: %d bytes, or a script of the shop in it", name, len(html))
		}
		if _, err := os.Stat(filepath.Join(dir, name+".eml")); err != nil {
			t.Error(err)
		}
	}
	for _, m := range []string{"reminder-1.eml", "reminder-2.eml"} {
		raw, err := os.ReadFile(filepath.Join(dir, m))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "grace@") {
			t.Errorf("%s went to the buyer who had paid", m)
		}
		if !strings.Contains(string(raw), "List-Unsubscribe: <mailto:") {
			t.Errorf("%s has no List-Unsubscribe", m)
		}
	}
}
