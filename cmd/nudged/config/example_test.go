package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"nudged/cmd/nudged/config"
)

// inComment is a line of the example that works once its # is taken away.
var inComment = regexp.MustCompile(`(?m)^( *)# (( {2})*(- |[a-z_]+:( |$)).*)$`)

// Whoever takes a # away in the example gets a config that is right.
func TestWhatTheExampleCommentsOutWorks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not judged there")
	}
	text, err := os.ReadFile("../../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"buckles-codes", "sms-password", "sms-secret", "mail-one", "mail-two"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("JBSWY3DPEHPK3PXP"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "texts"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n\n")
	src := inComment.ReplaceAllString(body, "$1$2")
	// What names files of other kinds, and what stands for something else.
	for _, key := range []string{"ca_file:", "dkim:", "data:", "key_file: ~", "path:", "by:", "A step"} {
		src = regexp.MustCompile(`(?m)^ *`+key+`.*\n`).ReplaceAllString(src, "")
	}
	one, several, found := strings.Cut(src, "  accounts:\n")
	if !found {
		t.Fatal("the example shows no accounts")
	}
	first, second, rest := cut3(several)
	o := options(t)
	o.LookupEnv = env(map[string]string{"BUCKLES_MAIL_PASSWORD": "m"})
	for name, src := range map[string]string{
		"one account":      one + rest,
		"several accounts": regexp.MustCompile(`(?m)^  (host|port|user|password|security|limit):.*\n`).ReplaceAllString(one, "") + "  accounts:\n" + first + second + rest,
	} {
		cfg, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(src), o)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, src)
		}
		if len(cfg.Reminders.Sequences) != 1 || len(cfg.Levels) != 2 || cfg.Lapsed == 0 || cfg.SMS == nil || cfg.SMS.Replies == nil || cfg.Inbox == nil || !cfg.Shops[0].SoftOptIn || len(cfg.Reminders.Exclude) != 1 {
			t.Errorf("%s: not all of it was read: %+v", name, cfg)
		}
		for _, w := range cfg.Warnings {
			t.Errorf("%s: %s", name, w)
		}
	}
}

// The same for what the section sms has for other providers.
func TestWhatTheExampleShowsOfOtherProvidersWorks(t *testing.T) {
	text, err := os.ReadFile("../../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	aliyun := regexp.MustCompile(`# aliyun: +(templates: .*)`).FindStringSubmatch(string(text))
	others := regexp.MustCompile(`# others: +(http: .*)\n# +# +(.*)`).FindStringSubmatch(string(text))
	if aliyun == nil || others == nil {
		t.Fatal("the example does not show them")
	}
	for _, keys := range []string{"provider: aliyun, sign: A, " + aliyun[1], "provider: http, " + others[1] + " " + others[2]} {
		if got := both(t, small+"sms: {user: u, password: {env: MAIL_PASSWORD}, "+keys+"}\n"); got != "" {
			t.Errorf("%s: %s", keys, got)
		}
	}
}

// cut3 cuts off the first two lines.
func cut3(s string) (first, second, rest string) {
	lines := strings.SplitAfterN(s, "\n", 3)
	if len(lines) < 3 {
		return s, "", ""
	}
	return lines[0], lines[1], lines[2]
}
