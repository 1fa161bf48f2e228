package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"nudged/cmd/nudged/config"
)

// head is a shop whose orders are closed after two days; its last line is left
// open for more keys of the shop.
const head = `shops:
  - {name: buckles, recipe: testdata/shop.yaml, url: http://127.0.0.1:3000/, user: u, password: {env: BUCKLES_PASSWORD}, zone: Asia/Shanghai, visit: VISIT, auto_close: CLOSE, SHOP}
email: {host: 127.0.0.1, security: none, from: Buckles <shop@buckles.example>}
digest: {at: "0 21 * * *", to: [me@buckles.example]}
`

// both loads a config and gives everything that is said about it, with the file
// left out: problems first, then warnings.
func both(t *testing.T, src string) string {
	t.Helper()
	cfg, err := config.Parse("config.yaml", []byte(src), options(t))
	var problems config.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, strings.TrimPrefix(p.String(), "config.yaml:"))
	}
	for _, p := range cfg.Warnings {
		lines = append(lines, "warning: "+strings.TrimPrefix(p.String(), "config.yaml:"))
	}
	return strings.Join(lines, "\n")
}

// shopOf fills the head.
func shopOf(visit, closes, more string) string {
	if more == "" {
		more = "region: CN"
	}
	return strings.NewReplacer("VISIT", visit, "CLOSE", closes, "SHOP", more).Replace(head)
}

// Every step that can never go out is said, with the line, and no other one.
func TestStepsThatCanNeverGoOut(t *testing.T) {
	for _, c := range []struct {
		name          string
		visit, closes string
		rest          string // after line 4; steps begin in line 6
		want          string
	}{
		{"usual", `"*/10 8-23 * * *"`, "2d", `
reminders: {steps: [{step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 20h, by: [email], template: helpful},
    {step: c, before_close: 6h, by: [email], template: closing}]}
quiet: {from: "21:00", to: "09:00"}`, ""},

		{"the shop closes at 30 minutes, step after 1 hour", "10m", "30m", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle}]}`,
			`7:22: reminders.steps[0].after: at "buckles" orders are closed after 30m, so this step can never fire; write less than 30m`},
		{"the same within the time", "10m", "30m", `
reminders: {steps: [
    {step: a, after: 10m, by: [email], template: gentle}]}`, ""},
		{"just within the time", "10m", "30m", `
reminders: {steps: [
    {step: a, after: 29m, by: [email], template: gentle}]}`, ""},

		{"visits every hour, closed after 30 minutes", "1h", "30m", `
reminders: {steps: [
    {step: a, after: 5m, by: [email], template: gentle}]}`,
			`2:150: shops[0].visit: orders are closed after 30m, but visits come every 1h, so most are never seen open; visit at least every 10m`},

		{"the same, and a step after an hour", "1h", "30m", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle}]}`,
			`2:150: shops[0].visit: orders are closed after 30m, but visits come every 1h, so most are never seen open; visit at least every 10m
7:22: reminders.steps[0].after: at "buckles" orders are closed after 30m, so this step can never fire; write less than 30m`},

		{"visits by day, a step before the close by night", `"0 9-20 * * *"`, "13h", `
reminders: {steps: [
    {step: a, before_close: 1h, by: [email], template: closing}]}
quiet: {from: "21:00", to: "09:00"}`, ""},
		{"one visit a day, just before quiet hours", `"30 20 * * *"`, "6h", `
reminders: {steps: [
    {step: a, before_close: 2h, by: [email], template: closing}]}
quiet: {from: "21:00", to: "09:00"}`, `2:150: shops[0].visit: orders are closed after 6h, but visits come every 1d, so most are never seen open; visit at least every 2h`},
		{"one visit a day, within quiet hours, closed before they end", `"30 22 * * *"`, "10h", `
reminders: {steps: [
    {step: a, after: 5h, by: [email], template: gentle}]}
quiet: {from: "21:00", to: "09:00"}`, `2:150: shops[0].visit: orders are closed after 10h, but visits come every 1d, so most are never seen open; visit at least every 3h20m
7:22: reminders.steps[0].after: at "buckles" this step always falls into quiet hours, so it can never fire; move it, or visit at other hours`},
		{"the same, closed after they end", `"30 22 * * *"`, "16h", `
reminders: {steps: [
    {step: a, after: 5h, by: [email], template: gentle}]}
quiet: {from: "21:00", to: "09:00"}`,
			`warning: 2:150: shops[0].visit: orders are closed after 16h, but visits come every 1d, so 33 % of them are never seen open; visit at least every 5h20m`},

		{"max_lateness is shorter than any visit takes", `"0 */12 * * *"`, "2d", `
reminders: {steps: [
    {step: a, after: 10m, by: [email], template: gentle, max_lateness: 1m}]}`, ""}, // an order just before a visit
		{"a visit a week, a step after an hour", `"0 12 * * 1"`, "30d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle}]}`, ""},

		{"two steps together", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 2h, by: [email], template: helpful}]}`,
			`7:22: reminders.steps[0].after: at "buckles" step "a" can never go out: step "b" comes within 2h of it and takes its place; move one of them, or write limits: {min_gap: 1h}`},
		{"the same with less of a gap", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 2h, by: [email], template: helpful}]}
limits: {min_gap: 1h}`, ""},
		{"two steps at one time", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 1h, by: [email], template: helpful}]}`,
			`7:22: reminders.steps[0].after: at "buckles" step "a" can never go out: step "b" comes within 2h of it and takes its place; move one of them`},
		{"one or the other, as conditions say", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle, if: order.total > 100},
    {step: b, after: 1h, by: [email], template: helpful, if: order.total <= 100}]}`, ""},
		{"a condition on the later one only", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 1h, by: [email], template: helpful, if: order.total > 100}]}`, ""},
		{"a condition on the earlier one only", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle, if: order.total > 100},
    {step: b, after: 1h, by: [email], template: helpful}]}`,
			`7:22: reminders.steps[0].after: at "buckles" step "a" can never go out: step "b" comes within 2h of it and takes its place; move one of them`},
		{"together by the close", "15m", "12h", `
reminders: {steps: [
    {step: a, after: 9h, by: [email], template: gentle},
    {step: b, before_close: 2h, by: [email], template: closing}]}`,
			`7:22: reminders.steps[0].after: at "buckles" step "a" can never go out: step "b" comes within 2h of it and takes its place; move one of them, or write limits: {min_gap: 1h}`},
		{"together after a short night only", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 5h, by: [email], template: helpful}]}
quiet: {from: "22:00", to: "08:00"}`, ""},
		{"together after a long night, mostly", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 4h, by: [email], template: helpful}]}
quiet: {from: "13:00", to: "10:00"}`,
			`warning: 7:22: reminders.steps[0].after: at "buckles" step "a" seldom goes out: mostly step "b" comes within 2h of it and takes its place; move one of them`},

		{"the usual limit and three steps", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 8h, by: [email], template: gentle},
    {step: c, after: 15h, by: [email], template: gentle}]}`,
			`warning: 9:22: reminders.steps[2].after: at "buckles" limits.per_person (2 per 24h) always stops this step: it is used up by step "a" and step "b" before; write limits: {per_person: 3 per 24h}, or leave a step out`},
		{"the same with more of a limit", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 8h, by: [email], template: gentle},
    {step: c, after: 15h, by: [email], template: gentle}]}
limits: {per_person: 3 per 24h}`, ""},
		{"the limit waits within max_lateness", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 8h, by: [email], template: gentle},
    {step: c, after: 22h, by: [email], template: gentle}]}`, ""},
		{"one message in thirty days", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle},
    {step: b, after: 20h, by: [email], template: gentle},
    {step: c, after: 40h, by: [email], template: gentle}]}
limits: {per_person: 1 per 30d}`,
			`warning: 8:22: reminders.steps[1].after: at "buckles" limits.per_person (1 per 30d) always stops this step: it is used up by step "a" before; write limits: {per_person: 2 per 30d}, or leave a step out
warning: 9:22: reminders.steps[2].after: at "buckles" limits.per_person (1 per 30d) always stops this step: it is used up by step "a" before; write limits: {per_person: 3 per 30d}, or leave a step out`},
		{"one message in thirty days, but the first may not go", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle, if: order.total > 100},
    {step: b, after: 20h, by: [email], template: gentle, if: order.total <= 100}]}
limits: {per_person: 1 per 30d}`, ""},
		{"a limit that lets nothing through", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: [email], template: gentle}]}
limits: {per_person: 0 per 24h}`, `8:22: limits.per_person: "0 per 24h" lets nothing through, ever; write for example 2 per 24h`},
		{"all ways, and a limit of one", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: {all: [sms, email]}, template: gentle}]}
limits: {per_person: 1 per 24h}
sms: {provider: kannel, url: "http://127.0.0.1:13013/", user: u, password: {env: MAIL_PASSWORD}}`,
			`warning: 7:30: reminders.steps[0].by: at "buckles" limits.per_person (1 per 24h) never lets this step go by all its ways; write limits: {per_person: 2 per 24h}, or by: [sms, email] for the first usable one`},
		{"all ways, within the limit", "15m", "2d", `
reminders: {steps: [
    {step: a, after: 1h, by: {all: [sms, email]}, template: gentle}]}
sms: {provider: kannel, url: "http://127.0.0.1:13013/", user: u, password: {env: MAIL_PASSWORD}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := both(t, shopOf(c.visit, c.closes, "")+c.rest); got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// A file of very many shops and sequences is not tried without end, and says so.
func TestNotAllOfVeryManyAreTried(t *testing.T) {
	var b strings.Builder
	b.WriteString("email: {host: 127.0.0.1, security: none, from: shop@buckles.example}\ndigest: {at: '0 21 * * *', to: [me@buckles.example]}\nshops:\n")
	for i := range 120 {
		fmt.Fprintf(&b, "  - {name: s%d, recipe: testdata/shop.yaml, url: http://127.0.0.1:3000/, user: u, password: {env: BUCKLES_PASSWORD}, zone: UTC, visit: %dm, auto_close: 2d}\n", i, i+1)
	}
	b.WriteString("reminders:\n  sequences:\n")
	for i := range 30 {
		fmt.Fprintf(&b, "    - {name: q%d, payment: [p%dx], steps: [", i, i)
		for k := range 20 {
			fmt.Fprintf(&b, "{step: a%d, after: %dm, by: [email], template: gentle},", k, k+1)
		}
		b.WriteString("]}\n")
	}
	got := both(t, b.String())
	if !strings.Contains(got, "there are too many different shops and sequences to try all their steps") {
		t.Errorf("%.500s", got)
	}
}

// Whoever lets mails go out should know that nobody reads what comes back.
func TestMailsThatNobodyReads(t *testing.T) {
	const warning = `warning: 3:8: email: nobody reads the mails that come back: answers, undelivered mails and "no more messages"; ` +
		`write an inbox section, or see to them yourself with: nudged buyers suppress CONTACT`
	for rest, want := range map[string]string{
		"mode: live": warning, "mode: preview": "",
		"mode: live}\ninbox: {host: imap.buckles.example, user: u, password: {env: MAIL_PASSWORD}": "",
	} {
		steps := "reminders: {steps: [{step: a, after: 1h, by: [email], template: gentle}], "
		if got := both(t, shopOf("10m", "2d", "")+steps+rest+"}\n"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", rest, got, want)
		}
	}
}

func TestTextThatNoOpenOrderCanGet(t *testing.T) {
	for name, want := range map[string]string{
		"gentle": "",
		"again":  `5:65: reminders.steps[0].template: the text "again" is not for an order that is open and can be delivered, so this step could never go out; write another one`,
	} {
		steps := "reminders: {steps: [{step: a, after: 1h, by: [email], template: " + name + "}], mode: preview}\n"
		shop := shopOf("10m", "2d", `soft_opt_in: true, address: "1 Belt Street"`)
		if got := both(t, shop+steps); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}
