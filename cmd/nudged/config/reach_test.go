package config_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nudged/cmd/nudged/config"
	"nudged/notify"
)

const (
	oneStep = `[{step: a, after: 1h, by: [email], template: gentle}]`
	levels  = `
buyers: {levels: [{name: regular, orders: 2}, {name: gold, orders: 9}, {name: rich, spent: 900 CNY}]}
reminders:
  sequences:
`
)

// A sequence that a former one leaves no order is said, and no other one.
func TestSequencesThatNoOrderComesTo(t *testing.T) {
	const none = `no order comes to this sequence, since all are taken by sequence "a" above; put this one first`
	for _, c := range []struct{ name, sequences, want string }{
		{"all, then some", "    - {name: a, steps: S}\n    - {name: b, buyers: [new], steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"some, then all", "    - {name: a, buyers: [new], steps: S}\n    - {name: b, steps: S}\n", ""},
		{"all, then a payment that is made by hand", "    - {name: a, steps: S}\n    - {name: b, payment: [bank transfer], steps: S}\n", ""},
		{"all, then a payment", "    - {name: a, steps: S}\n    - {name: b, payment: [WeChat], steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"a payment, then a part of its words", "    - {name: a, payment: [WeChat Pay], steps: S}\n    - {name: b, payment: [WeChat], steps: S}\n", ""},
		{"a payment, then more words of it", "    - {name: a, payment: [wechat], steps: S}\n    - {name: b, payment: [WeChat Pay], steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"one payment of two", "    - {name: a, payment: [wechat], steps: S}\n    - {name: b, payment: [WeChat Pay, Alipay], steps: S}\n", ""},
		{"payment on delivery", "    - {name: a, payment: [cash on delivery], steps: S}\n",
			"9:26: reminders.sequences[0].payment: orders that are paid on delivery get no reminders, so no order comes to this sequence; leave it out"},
		{"cash, which may be an app's name", "    - {name: a, payment: [cash], steps: S}\n", ""},
		{"known, then a level", "    - {name: a, buyers: [known], steps: S}\n    - {name: b, buyers: [gold], steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"a level, then known", "    - {name: a, buyers: [gold], steps: S}\n    - {name: b, buyers: [known], steps: S}\n", ""},
		{"one level, then another", "    - {name: a, buyers: [gold], steps: S}\n    - {name: b, buyers: [rich], steps: S}\n    - {name: c, buyers: [regular, new], steps: S}\n", ""},
		{"customers, then lapsed ones", "    - {name: a, buyers: [customer], steps: S}\n    - {name: b, buyers: [lapsed], steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"lapsed customers, then all", "    - {name: a, buyers: [lapsed], steps: S}\n    - {name: b, buyers: [customer], steps: S}\n", ""},
		{"customers, then a level", "    - {name: a, buyers: [Customer], steps: S}\n    - {name: b, buyers: [gold], steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"lapsed customers, then a level", "    - {name: a, buyers: [lapsed], steps: S}\n    - {name: b, buyers: [gold], steps: S}\n", ""},
		{"a level, then customers", "    - {name: a, buyers: [gold], steps: S}\n    - {name: b, buyers: [customer], steps: S}\n", ""},
		{"who never paid, then known", "    - {name: a, buyers: [potential], steps: S}\n    - {name: b, buyers: [known], steps: S}\n", ""},
		{"known, then who never paid", "    - {name: a, buyers: [known], steps: S}\n    - {name: b, buyers: [potential], steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"customers, then who never paid", "    - {name: a, buyers: [customer], steps: S}\n    - {name: b, buyers: [potential], steps: S}\n", ""},
		{"all but who got their money back", "    - {name: a, buyers: [new, potential, customer], steps: S}\n    - {name: b, buyers: [known], steps: S}\n", ""},
		{"every kind, then all", "    - {name: a, buyers: [new, known], steps: S}\n    - {name: b, steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"every kind by two, then all", "    - {name: a, buyers: [new], steps: S}\n    - {name: b, buyers: [known], steps: S}\n    - {name: c, steps: S}\n",
			`11:14: reminders.sequences[2].name: no order comes to this sequence, since all are taken by sequence "a" and sequence "b" above; put this one first`},
		{"one shop, then all", "    - {name: a, shops: [buckles], steps: S}\n    - {name: b, steps: S}\n", ""},
		{"all shops, then all", "    - {name: a, shops: [buckles, belts], steps: S}\n    - {name: b, steps: S}\n", "10:14: reminders.sequences[1].name: " + none},
		{"all, and plain steps", "    - {name: a, steps: S}\n  steps: S\n",
			`10:10: reminders.steps: no order is left for these steps, since all are taken by sequence "a"; leave the steps out, or say there for which orders it is`},
		{"some, and plain steps", "    - {name: a, buyers: [known], steps: S}\n  steps: S\n", ""},
		{"no reminders for some", "    - {name: a, buyers: [gold], steps: []}\n  steps: S\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			second := "  - {name: belts, recipe: testdata/shop.yaml, url: http://127.0.0.1:3001/, user: u, password: {env: BUCKLES_PASSWORD}, zone: UTC, visit: 15m}\nemail:"
			src := strings.Replace(shopOf("15m", "2d", ""), "email:", second, 1) + levels[1:] + strings.ReplaceAll(c.sequences, "S}", oneStep+"}")
			src = strings.ReplaceAll(src, "steps: S\n", "steps: "+oneStep+"\n")
			want := strings.ReplaceAll(c.want, "\n", "\n")
			if got := both(t, src); got != want {
				t.Errorf("said:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestMarketingNeedsConsentAndAnAddress(t *testing.T) {
	const (
		offer   = "reminders: {steps: [{step: a, after: 1h, by: [email], template: offer, offer: Free shipping.}]}\n"
		consent = `warning: 5:79: reminders.steps[0].offer: this is marketing: at "buckles" only buyers get it who are on record as having agreed (nudged buyers consent); soft_opt_in: true for the shop says that all its buyers may get it`
		address = `5:79: reminders.steps[0].offer: this is marketing, and such a mail must name a postal address; write address: for the shop "buckles"`
	)
	for _, c := range []struct{ name, shop, rest, want string }{
		{"both", "soft_opt_in: true, address: 1 Belt Street", offer, ""},
		{"no consent", "address: 1 Belt Street", offer, consent},
		{"no address", "soft_opt_in: true", offer, address},
		{"neither", "", offer, address + "\n" + consent},
		{"by sms no address is needed", "soft_opt_in: true", strings.Replace(offer, "[email]", "[sms]", 1) + kannel[1:] + "}\n", ""},
		{"a service text needs nothing", "", strings.NewReplacer("offer, offer: Free shipping.", "gentle").Replace(offer), ""},
		{"an offer that no text shows", "", strings.NewReplacer("template: offer", "template: gentle").Replace(offer),
			`5:80: reminders.steps[0].offer: the text "gentle" shows no offer; write template: offer, or leave the offer out`},
		{"a marketing text without an offer", "address: 1 Belt Street", strings.NewReplacer("offer, offer: Free shipping.", "offer").Replace(offer),
			strings.NewReplacer("5:79", "5:65", "offer:", "template:").Replace(consent)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := both(t, shopOf("15m", "2d", c.shop)+c.rest); got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// The seller's own texts are known to steps, and what is wrong in them is said.
func TestOwnTexts(t *testing.T) {
	dir := t.TempDir()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src := strings.NewReplacer("testdata/shop.yaml", filepath.Join(wd, "testdata/shop.yaml")).Replace(shopOf("15m", "2d", "")) +
		"reminders: {texts: DIR, steps: [{step: a, after: 1h, by: [sms], template: mine}]}\n" + kannel[1:] + "}\n"
	load := func(texts string) string {
		t.Helper()
		_, err := config.Parse(filepath.Join(dir, "config.yaml"), []byte(strings.ReplaceAll(src, "DIR", texts)), options(t))
		if err != nil {
			return strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
		}
		return ""
	}
	put("texts/en/mine.tmpl", `{{define "sms"}}{{.Shop}}: order {{.Number}} is still open.{{end}}`)
	if got := load("./texts"); got != "" {
		t.Error(got)
	}
	if got, want := load("./none"), "config.yaml:5:20: reminders.texts: there is no directory none; make it, or leave the key out"; !strings.Contains(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
	put("broken/en/mine.tmpl", `{{define "sms"}}{{.Shpo}}{{end}}`)
	put("broken/en/other.tmpl", `{{define "sms"}}{{.Nam}}{{end}}`)
	got := load("./broken")
	for _, want := range []string{"config.yaml:5:20: reminders.texts: ", "mine.tmpl:1:", "other.tmpl:1:"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// A language of the seller's own is one for buyers; the digest has others.
func TestALanguageOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "xx"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(notify.BuiltinTexts(), "en/*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(notify.BuiltinTexts(), name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "en/digest.tmpl" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, "xx", filepath.Base(name)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src := shopOf("15m", "2d", "language: xx") + "reminders: {texts: DIR, steps: [{step: a, after: 1h, by: [email], template: gentle}]}\n"
	src = strings.ReplaceAll(src, "DIR", dir)
	if got := both(t, src); got != "" {
		t.Error(got)
	}
	want := `4:64: digest.language: there is no digest in "xx"; write en or zh`
	if got := both(t, strings.Replace(src, "me@buckles.example]", "me@buckles.example], language: xx", 1)); got != want {
		t.Errorf("said:\n%s\nwant:\n%s", got, want)
	}
	// Where nobody has texts of that language either, the mend is the same.
	if got := both(t, strings.Replace(src, "me@buckles.example]", "me@buckles.example], language: fr", 1)); got != strings.Replace(want, "xx", "fr", 1) {
		t.Errorf("said:\n%s", got)
	}
}
