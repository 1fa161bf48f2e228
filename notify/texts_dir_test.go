package notify_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// dirOf makes a directory of texts: "en/gentle.tmpl" to its content.
func dirOf(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOwnTextReplacesParts(t *testing.T) {
	texts, err := notify.LoadTexts(dirOf(t, map[string]string{
		"en/gentle.tmpl":  `{{define "sms"}}Hi {{.Name}}, order {{.Number}} waits. STOP to opt out{{end}}`,
		"en/letter.tmpl":  `{{define "greeting"}}Dear {{if .Name}}{{.Name}}{{else}}customer{{end}},{{end}}`,
		"en/notes.txt":    `not a text`,
		".git/config":     `no language`,
		"en/.gentle.tmpl": `{{broken`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	m, err := texts.Write(shopIn("en"), writingFor(anOrder(), "en", "gentle", order.ByEmail))
	if err != nil || !strings.HasPrefix(m.Text, "Dear Ada Lovelace,\n\nThank you for your order") || !strings.Contains(m.HTML, "Dear Ada Lovelace,</p>") {
		t.Errorf("%v: %s", err, m.Text)
	}
	w := writingFor(anOrder(), "en", "gentle", order.BySMS)
	if m, err = texts.Write(shopIn("en"), w); err != nil || m.Text != "Hi Ada Lovelace, order B-20261121-17 waits. STOP to opt out" {
		t.Errorf("%v: %s", err, m.Text)
	}
	// Never "Hi ,": the text does not say what to do without a name.
	w.Order.Buyer.Name = "***"
	if m, err = texts.Write(shopIn("en"), w); !errors.Is(err, notify.ErrMissing) || !strings.Contains(err.Error(), "name of the buyer") {
		t.Errorf("without a name: %v, %q", err, m.Text)
	}
	if m, err = texts.Write(shopIn("zh"), writingFor(anOrder(), "zh", "gentle", order.ByEmail)); err != nil || !strings.Contains(m.Text, "您好：") {
		t.Errorf("the other language has changed: %v, %s", err, m.Text)
	}
}

func TestOwnTextAndLanguage(t *testing.T) {
	letter := readBuiltin(t, "en/letter.tmpl")
	texts, err := notify.LoadTexts(dirOf(t, map[string]string{
		"de/letter.tmpl": strings.NewReplacer(`"language"}}en`, `"language"}}de`, "Hello {{.Name}},", "Guten Tag {{.Name}},").Replace(letter),
		"de/kurz.tmpl": `{{define "subject"}}Ihre Bestellung {{.Number}}{{end}}{{define "lead"}}Ihre Bestellung ist noch offen, bis {{.Closes}}.{{end}}{{define "ask"}}Fragen?{{end}}
{{define "text"}}{{template "text-open" .}}{{template "text-order" .}}{{template "text-ask" .}}{{template "text-foot" .}}{{end}}
{{define "html"}}{{template "html-open" .}}{{template "html-order" .}}{{template "html-ask" .}}{{template "html-foot" .}}{{end}}`,
		"en/plain.tmpl": `{{define "subject"}}Order {{.Number}}{{end}}{{define "text"}}{{range .Items}}{{.Title}}
{{end}}{{end}}{{define "html"}}<p>{{.Shop}}</p>{{end}}`,
		"en/club.tmpl": `{{define "class"}}marketing{{end}}{{define "subject"}}Club{{end}}{{define "text"}}{{.Address}}{{end}}{{define "html"}}{{.Address}}{{end}}`,
		"en/deal.tmpl": `{{define "sms"}}{{.Offer}}{{end}}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(texts.Languages(), " "); got != "de en zh" {
		t.Errorf("languages are %s", got)
	}
	if got := strings.Join(texts.Names("de"), " "); got != "kurz" {
		t.Errorf("German has %s", got)
	}
	m, err := texts.Write(shopIn("de"), writingFor(anOrder(), "de", "kurz", order.ByEmail))
	if err != nil || !strings.Contains(m.Text, "Guten Tag Ada Lovelace,") || !strings.Contains(m.Text, "bis 2026-11-23 12:00 (UTC+08:00).") || !strings.Contains(m.HTML, `lang="de"`) {
		t.Errorf("%v: %s", err, m.Text)
	}
	if _, err := texts.Write(shopIn("de"), writingFor(anOrder(), "de", "kurz", order.BySMS)); err == nil || !strings.Contains(err.Error(), `no {{define "sms"}}`) {
		t.Errorf("an SMS without words: %v", err)
	}
	if _, err := texts.Write(shopIn("en"), writingFor(anOrder(), "en", "plain", order.ByEmail)); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]notify.Class{"plain": notify.Service, "club": notify.Marketing, "deal": notify.Marketing} {
		if class, _ := texts.Class("en", name); class != want {
			t.Errorf("%s is %s, want %s", name, class, want)
		}
	}
}

func readBuiltin(t testing.TB, name string) string {
	t.Helper()
	f, err := notify.BuiltinTexts().Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := f.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// A copy of the built-in texts is a directory that loads, and says the same.
func TestCopyOfBuiltinTexts(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"letter", "gentle", "helpful", "closing", "soldout", "offer", "again", "instock", "news", "regulars", "second"} {
		for _, language := range []string{"en", "zh"} {
			files[language+"/"+name+".tmpl"] = readBuiltin(t, language+"/"+name+".tmpl")
		}
	}
	copied, err := notify.LoadTexts(dirOf(t, files))
	if err != nil {
		t.Fatal(err)
	}
	everyText(t, func(t *testing.T, texts *notify.Texts, language, name string) {
		w := writingFor(orderFor(language, name), language, name, order.ByEmail)
		a, err := texts.Write(shopIn(language), w)
		if err != nil {
			t.Fatal(err)
		}
		b, err := copied.Write(shopIn(language), w)
		if err != nil || a.Text != b.Text || a.HTML != b.HTML || a.Class != b.Class {
			t.Errorf("the copy says something else: %v", err)
		}
	})
}

func TestOwnTextsThatAreWrong(t *testing.T) {
	both := func(text string) string {
		return `{{define "subject"}}S{{end}}` + "\n" + `{{define "text"}}` + text + `{{end}}{{define "html"}}x{{end}}`
	}
	for name, c := range map[string]struct {
		file, src string
		want      []string
	}{
		"unclosed":      {"en/a.tmpl", "{{define \"text\"}}\nHello {{.Name\n{{end}}", []string{"a.tmpl:3: ", "has no }}"}},
		"no end":        {"en/a.tmpl", "{{define \"sms\"}}\n{{if .Link}}x{{end}}", []string{"a.tmpl:2: ", "has no {{end}}"}},
		"an end more":   {"en/a.tmpl", "{{define \"sms\"}}x{{end}}\n\n{{end}}", []string{"a.tmpl:3: ", "one {{end}} too many"}},
		"twice":         {"en/a.tmpl", `{{define "sms"}}x{{end}}{{define "sms"}}y{{end}}`, []string{"a.tmpl:1", "keep one"}},
		"function":      {"en/a.tmpl", "\n{{define \"sms\"}}{{printf \"%99999d\" 1}}{{end}}", []string{"a.tmpl:2: ", `"printf" not defined`, "a text may use need, and"}},
		"html":          {"en/a.tmpl", `{{define "sms"}}{{html .Name}}{{end}}`, []string{`"html" not defined`}},
		"js":            {"en/a.tmpl", `{{define "sms"}}{{js .Name}}{{end}}`, []string{`"js" not defined`}},
		"call":          {"en/a.tmpl", `{{define "sms"}}{{call .Name}}{{end}}`, []string{`"call" not defined`}},
		"file":          {"en/a.tmpl", `{{define "sms"}}{{readFile "/etc/passwd"}}{{end}}`, []string{`"readFile" not defined`}},
		"variable":      {"en/a.tmpl", `{{define "sms"}}{{$Name}}{{end}}`, []string{"a.tmpl:1", "with a dot, as {{.Shop}}"}},
		"fact":          {"en/a.tmpl", both("Hello\n{{.Numbr}}"), []string{"a.tmpl:3:", "no fact .Numbr; did you mean .Number?", ".Closes"}},
		"hidden fact":   {"en/a.tmpl", both("{{if .Marketing}}{{if not .Marketing}}{{.Prcie}}{{end}}{{end}}"), []string{"a.tmpl:2:", "no fact .Prcie"}},
		"item's fact":   {"en/a.tmpl", both("{{.Title}}"), []string{"a.tmpl:2:", "no fact .Title here", "{{range .Items}}"}},
		"method":        {"en/a.tmpl", both("{{.Items.Len}}"), []string{"no fact .Len"}},
		"outside":       {"en/a.tmpl", "Hello {{.Name}}\n{{define \"sms\"}}x{{end}}", []string{"a.tmpl:1:", "outside of {{define", "would never be shown"}},
		"one half":      {"en/a.tmpl", "{{define \"subject\"}}x{{end}}{{define \"text\"}}x{{end}}", []string{`defines "text" and not "html"`, "define both"}},
		"other half":    {"en/gentle.tmpl", `{{define "html"}}x{{end}}`, []string{`defines "html" and not "text"`}},
		"itself":        {"en/a.tmpl", "\n{{define \"sms\"}}{{template \"sms\" .}}{{end}}", []string{"a.tmpl:2:", "shows itself"}},
		"in a circle":   {"en/a.tmpl", `{{define "a"}}{{template "b" .}}{{end}}{{define "b"}}{{template "a" .}}{{end}}`, []string{"shows itself"}},
		"billion":       {"en/a.tmpl", billion(), []string{"could become longer than"}},
		"endless":       {"en/a.tmpl", `{{define "sms"}}{{range 1000000000}}x{{end}}{{end}}`, []string{"a.tmpl:1:", "{{range}} runs over .Items"}},
		"number":        {"en/a.tmpl", `{{define "sms"}}{{range .More}}x{{end}}{{end}}`, []string{"{{range}} runs over .Items"}},
		"undefined":     {"en/a.tmpl", both(`{{template "footr" .}}`), []string{"a.tmpl:2:", `{{template "footr"}} is not defined`}},
		"no letter":     {"de/a.tmpl", both(`{{template "text-open" .}}`), []string{`{{template "greeting"}} is not defined`, "letter.tmpl"}},
		"never":         {"en/a.tmpl", both(`{{need "moon phase" ""}}`), []string{"a.tmpl", "could never be shown", "moon phase"}},
		"class":         {"en/a.tmpl", `{{define "class"}}promo{{end}}`, []string{"a.tmpl:1:", `class "promo" is not known`, "service or marketing"}},
		"class lowered": {"en/offer.tmpl", `{{define "class"}}service{{end}}`, []string{"offer.tmpl:1:", "is marketing"}},
		"offer hidden":  {"en/a.tmpl", `{{define "class"}}service{{end}}{{define "sms"}}{{.Offer}}{{end}}`, []string{"is marketing"}},
		"bad html":      {"en/a.tmpl", `{{define "text"}}x{{end}}{{define "html"}}<a href={{if .Link}}"{{.Link}}{{end}}>x</a>{{end}}`, []string{"a.tmpl"}},
		"language":      {"english/a.tmpl", "x", []string{`"english" is no language`, "en, zh"}},
		"name":          {"en/My Text.tmpl", "x", []string{"small letters"}},
		"place":         {"a.tmpl", "x", []string{"move it to"}},
		"digest":        {"en/digest.tmpl", "x", []string{"digest cannot be changed"}},
		"bytes":         {"en/a.tmpl", "{{define \"sms\"}}\xff\xfe{{end}}", []string{"not UTF-8"}},
		"large":         {"en/a.tmpl", strings.Repeat("x", 70<<10), []string{"at most 64 KiB"}},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := notify.LoadTexts(dirOf(t, map[string]string{c.file: c.src}))
			if err == nil {
				t.Fatal("it loads")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
			for _, inner := range []string{"template: ", "notify.letter", "reflect"} {
				if strings.Contains(err.Error(), inner) {
					t.Errorf("the error speaks of the inside: %v", err)
				}
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// billion is a text that doubles thirty times.
func billion() string {
	var b strings.Builder
	b.WriteString(`{{define "n0"}}ha{{end}}`)
	for i := range 30 {
		fmt.Fprintf(&b, `{{define "n%d"}}{{template "n%d" .}}{{template "n%d" .}}{{end}}`, i+1, i, i)
	}
	return b.String()
}

// Everything that is wrong is told at once.
func TestOwnTextsTellAll(t *testing.T) {
	_, err := notify.LoadTexts(dirOf(t, map[string]string{
		"en/a.tmpl": `{{define "sms"}}{{.Foo}} {{.Baz}}{{end}}`, "en/b.tmpl": `{{define "sms"}}{{.Bar}}{{end}}`,
	}))
	for _, want := range []string{".Foo", ".Bar", ".Baz"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told: %v", want, err)
		}
	}
	if _, err := notify.LoadTexts(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "create it") {
		t.Errorf("a directory that is not there: %v", err)
	}
}

// Whatever stands in a seller's file, loading it ends, and what it made writes or
// refuses.
func FuzzOwnText(f *testing.F) {
	f.Add(readBuiltin(f, "en/gentle.tmpl"))
	f.Add(readBuiltin(f, "zh/letter.tmpl"))
	f.Add(billion())
	f.Add(`{{define "sms"}}{{with .Items}}{{range .}}{{end}}{{end}}{{index .Items 99}}{{len .Name}}{{end}}`)
	f.Add(`{{define "sms"}}{{range $i, $x := .Items}}{{range $.SoldOut}}{{$x.Title}}{{break}}{{end}}{{continue}}{{else}}{{end}}{{end}}`)
	f.Fuzz(func(t *testing.T, src string) {
		began := time.Now()
		texts, err := notify.LoadTexts(dirOf(t, map[string]string{"en/gentle.tmpl": src}))
		if err != nil {
			return
		}
		for _, channel := range []order.Channel{order.ByEmail, order.BySMS} {
			m, err := texts.Write(shopIn("en"), writingFor(hostileOrder(), "en", "gentle", channel))
			if err == nil && len(m.Text)+len(m.HTML) > 600<<10 {
				t.Errorf("%d bytes", len(m.Text)+len(m.HTML))
			}
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
