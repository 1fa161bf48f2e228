package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var updateDemo = flag.Bool("update-demo", false, "TestDemo writes what the demo prints to testdata/demo.txt")

// TestDemo is the whole program at work: demo shops, the real browser, the real
// store and mails to a sink, for three weeks. What it prints is the same wherever
// it runs.
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
	printed := strings.ReplaceAll(out.String(), dir, "DIR")
	if *updateDemo {
		if err := writeFile("testdata/demo.txt", []byte(printed)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/demo.txt")
	if err != nil || printed != string(want) {
		t.Errorf("%v; the demo prints\n%s", err, printed)
	}
	for _, f := range append(demoFiles(), demoFile{name: "digest-zh"}) {
		html, err := os.ReadFile(filepath.Join(dir, f.name+".html"))
		if err != nil {
			t.Fatal(err)
		}
		if len(html) < 1000 || strings.Contains(string(html), "<script") {
			t.Errorf("%s.html: %d bytes, or a script of the shop in it", f.name, len(html))
		}
	}
	for _, c := range []struct {
		file string
		want []string
	}{
		{"digest.html", []string{"Mina Sato", "Does the lamp come with a UK plug?", "Victor Lang", "again", "#21"}},
		{"digest-zh.html", []string{"沈月", `lang="zh`}},
		{"reminder-first.eml", []string{"List-Unsubscribe: <mailto:", "To: "}},
		{"campaign.html", []string{"Harbour Goods", "7 Quay Street"}},
		{"campaign-zh.html", []string{"清平茶舍", "杭州市清平路 7 号"}},
		{"needs-you.html", []string{"nudged login harbour"}},
		{"reply.html", []string{"Emily Carter"}},
	} {
		body, err := os.ReadFile(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(string(body), want) {
				t.Errorf("%s does not hold %q", c.file, want)
			}
		}
		if strings.Contains(string(body), graceEmail) {
			t.Errorf("%s went to the buyer who had paid", c.file)
		}
	}
}
