package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/recipe"
	"nudged/notify"
)

var update = flag.Bool("update", false, "write what is found into the want lines of testdata/bad")

// canary begins every secret of these tests, typed in the wrong place or not.
const canary = "c4n4ry"

func env(extra map[string]string) func(string) (string, bool) {
	vars := map[string]string{"BUCKLES_PASSWORD": canary + "-shop", "MAIL_PASSWORD": canary + "-mail", "HOME": "/home/seller", "LOCALAPPDATA": `C:\Users\seller`, "SIX_DIGITS": "123456", "LONG_SECRET": canary + "-0123456789"}
	for k, v := range extra {
		vars[k] = v
	}
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

var loadTexts = sync.OnceValues(func() (*notify.Texts, error) { return notify.LoadTexts("") })

func options(t testing.TB) config.Options {
	t.Helper()
	texts, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	return config.Options{Secrets: true, LookupEnv: env(nil), Texts: func(dir string) (*notify.Texts, error) {
		if dir != "" {
			return notify.LoadTexts(dir)
		}
		return texts, nil
	}}
}

// Every file of testdata/bad breaks one rule. What is said about it stands in
// its want lines, all of it and nothing else.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = config.Load(file, options(t))
			var problems config.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("no problems found: %v", err)
			}
			got := said(problems)
			if *update {
				rewrite(t, file, string(src), got)
				return
			}
			if want := wanted(string(src)); got != want {
				t.Errorf("said:\n%s\nwant:\n%s", got, want)
			}
			if strings.Contains(got, canary) {
				t.Errorf("a secret is in the message:\n%s", got)
			}
		})
	}
}

func said(problems config.Problems) string {
	wd, err := os.Getwd()
	if err != nil {
		return err.Error()
	}
	text := strings.ReplaceAll(problems.Error(), "testdata/bad/", "")
	text = strings.ReplaceAll(text, filepath.ToSlash(wd)+"/testdata/", "")
	builtin := strings.Join(recipe.Builtin(), ", ")
	text = strings.NewReplacer("built in are "+builtin+";", "built in are (all);", "write one of "+builtin+", or", "write one of (all), or").Replace(text)
	return strings.ReplaceAll(text, filepath.ToSlash(wd)+"/", "")
}

const wantMark = "# want: "

func wanted(src string) string {
	var out []string
	for line := range strings.Lines(src) {
		if text, ok := strings.CutPrefix(line, wantMark); ok {
			out = append(out, strings.TrimRight(text, "\n"))
		}
	}
	return strings.Join(out, "\n")
}

func rewrite(t *testing.T, file, src, got string) {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(src) {
		if !strings.HasPrefix(line, wantMark) {
			b.WriteString(line)
		}
	}
	for line := range strings.Lines(got) {
		b.WriteString(wantMark + strings.TrimRight(line, "\n") + "\n")
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

const small = `
shops:
  - name: buckles
    recipe: testdata/shop.yaml
    url: http://127.0.0.1:3000/
    user: 0123
    password: {env: BUCKLES_PASSWORD}
    zone: Asia/Shanghai
    visit: "*/10 8-23 * * *"
    auto_close: 2d
`

func parse(t *testing.T, src string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("config.yaml", []byte(src), options(t))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestDefaults(t *testing.T) {
	cfg := parse(t, small)
	s := cfg.Shops[0]
	if s.User != "0123" {
		t.Errorf("user %q: a number must stay as it was typed", s.User)
	}
	if s.Password.Reveal() != canary+"-shop" {
		t.Error("the password was not read from the environment")
	}
	if s.Language != "en" || s.Title != "buckles" || s.AutoClose != 48*time.Hour || s.Recipe == nil {
		t.Errorf("shop %+v", s)
	}
	if cfg.Reminders.Mode != config.Preview {
		t.Errorf("mode %q, want preview", cfg.Reminders.Mode)
	}
	if runtime.GOOS == "linux" && (cfg.Data != "/home/seller/.local/state/nudged" || cfg.Key != "/home/seller/.config/nudged/key") {
		t.Errorf("data %s, key %s", cfg.Data, cfg.Key)
	}
	if len(cfg.Warnings) > 0 {
		t.Errorf("warnings: %v", cfg.Warnings)
	}
	if _, ok := cfg.Shop("BUCKLES"); !ok {
		t.Error("a shop is not found by its name in capitals")
	}
}

func TestXDG(t *testing.T) {
	o := options(t)
	o.LookupEnv = env(map[string]string{"XDG_STATE_HOME": "/state", "XDG_CONFIG_HOME": "/conf"})
	cfg, err := config.Parse("config.yaml", []byte(small), o)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && (cfg.Data != "/state/nudged" || cfg.Key != "/conf/nudged/key") {
		t.Errorf("data %s, key %s", cfg.Data, cfg.Key)
	}
}

func TestEmailDefaults(t *testing.T) {
	for _, c := range []struct {
		lines string
		port  int
		sec   config.Security
	}{
		{"", 587, config.StartTLS},
		{"  security: tls\n", 465, config.TLS},
		{"  security: none\n", 25, config.NoTLS},
		{"  security: none\n  port: 2525\n", 2525, config.NoTLS},
	} {
		cfg := parse(t, small+"email:\n  host: 127.0.0.1\n  from: Buckles <Shop@buckles.example>\n"+c.lines)
		e := cfg.Email
		if e.Port != c.port || e.Security != c.sec {
			t.Errorf("%q: port %d, security %s", c.lines, e.Port, e.Security)
		}
		if e.From.Addr.Reveal() != "shop@buckles.example" || e.ReplyTo != e.From || e.Unsubscribe != e.From.Addr {
			t.Errorf("addresses %+v", e)
		}
	}
}

func TestWarnings(t *testing.T) {
	src := strings.NewReplacer("http://127.0.0.1:3000/", "http://buckles.example/", `"*/10 8-23 * * *"`, "20s").Replace(small) +
		"email: {host: smtp.buckles.example, from: shop@buckles.example, security: none}\n"
	cfg := parse(t, src)
	got := cfg.Warnings.Error()
	for _, want := range []string{
		"config.yaml:5:10: shops[0].url: the password travels to buckles.example unencrypted",
		"config.yaml:9:12: shops[0].visit: a visit every 20s is a burden on the shop",
		"email.security: names and orders travel to smtp.buckles.example unencrypted",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("warnings:\n%s\nwant %s", got, want)
		}
	}
}

func TestSecretFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not judged there")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "password")
	file := filepath.Join(dir, "config.yaml")
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	src := strings.Replace(small, "testdata/shop.yaml", filepath.Join(wd, "testdata/shop.yaml"), 1)
	src = strings.Replace(src, "{env: BUCKLES_PASSWORD}", "{file: password}", 1)
	if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		perm       os.FileMode
		want       string
	}{
		{"good", canary + " with blanks \r\n", 0o600, ""},
		{"read only", canary, 0o400, ""},
		{"readable by the group", canary, 0o640, "can be read by others; run: chmod 600"},
		{"readable by all", canary, 0o604, "can be read by others; run: chmod 600"},
		{"empty", "\n", 0o600, "is empty"},
		{"a big file", strings.Repeat(canary, 2000), 0o600, "over 4 KiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_ = os.Remove(path)
			if err := os.WriteFile(path, []byte(c.text), c.perm); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.perm); err != nil {
				t.Fatal(err)
			}
			cfg, err := config.Load(file, options(t))
			switch {
			case c.want == "" && err != nil:
				t.Fatal(err)
			case c.want == "" && cfg.Shops[0].Password.Reveal() != strings.TrimRight(c.text, "\r\n"):
				t.Error("the password is not the file's text without its line end")
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary)):
				t.Errorf("err %v, want %s", err, c.want)
			}
		})
	}
}

func TestSecretsAreNotReadWhenNotWanted(t *testing.T) {
	o := options(t)
	o.Secrets = false
	o.LookupEnv = func(name string) (string, bool) { return "/home/seller", name == "HOME" || name == "LOCALAPPDATA" }
	cfg, err := config.Parse("config.yaml", []byte(small), o)
	if err != nil || cfg.Shops[0].Password != "" {
		t.Fatalf("err %v", err)
	}
	if _, err := config.Parse("config.yaml", []byte(strings.Replace(small, "{env: BUCKLES_PASSWORD}", "oops", 1)), o); err == nil {
		t.Error("a password in clear must be a problem all the same")
	}
}

func TestMissingSecretsCanBeToldApart(t *testing.T) {
	o := options(t)
	o.LookupEnv = func(name string) (string, bool) { return "/home/seller", name == "HOME" || name == "LOCALAPPDATA" }
	_, err := config.Parse("config.yaml", []byte(small), o)
	var problems config.Problems
	if !errors.As(err, &problems) || len(problems) != 1 || !problems[0].Secret {
		t.Fatalf("problems %+v", problems)
	}
}

func TestNoFile(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), options(t))
	if err == nil || !strings.Contains(err.Error(), "nudged init") {
		t.Fatalf("err %v", err)
	}
}

func TestDurations(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "15m": 15 * time.Minute, "48h": 48 * time.Hour, "2d": 48 * time.Hour, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute,
	} {
		if got, err := config.ParseDuration(s); err != nil || got != want {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "15", "h", "1 h", "-1h", "1w", "24 months", "1e3h", "999999d", "１h", strings.Repeat("1h", 10000)} {
		if d, err := config.ParseDuration(s); err == nil {
			t.Errorf("%.20q gave %s", s, d)
		}
	}
}

// A file that was read by mistake, or by an attacker's hand, never panics, and
// never gets a secret into a message.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(small))
	f.Add([]byte(shopOf("15m", "2d", "") + whole))
	f.Add([]byte(small + "sms: {provider: aliyun, templates: {gentle: {code: a, params: {b: c}}}}\nemail: {accounts: [{limit: 2 per 1h}], dkim: {key_file: x}}\n"))
	o := options(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		cfg, err := config.Parse("config.yaml", src, o)
		if cfg == nil {
			t.Fatal("no config")
		}
		if err != nil && (strings.Contains(err.Error(), canary+"-shop") || strings.Contains(err.Error(), canary+"-mail")) {
			t.Fatalf("a secret is in the message: %v", err)
		}
		if err == nil && len(cfg.Shops) == 0 {
			t.Fatal("no problem and no shop")
		}
	})
}
