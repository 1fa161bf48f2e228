package config_test

import (
	"strings"
	"testing"
)

const kannel = `
sms: {provider: kannel, url: "http://127.0.0.1:13013/cgi-bin/sendsms", user: u, password: {env: MAIL_PASSWORD}`

// What is said about the sections beside the shops, all of it and nothing else.
// Rest begins in line 5.
func TestWhatIsSaidAboutSections(t *testing.T) {
	for _, c := range []struct{ name, rest, want string }{
		{"limits", `limits: {per_person: 3 per week, min_gap: 90m}`, ""},
		{"limit without a time", `limits: {per_person: 2}`, `5:22: limits.per_person: "2" is not so many in a time; write for example 2 per 24h`},
		{"limit without a unit", `limits: {per_person: 2 per 24}`, `5:22: limits.per_person: "24" has no unit; write 24m`},
		{"limit of a second", `limits: {per_person: 2 per 5s}`, `5:22: limits.per_person: "5s" is not from 1m to 366d; write for example 2 per 24h`},
		{"a gap of months", `limits: {min_gap: 60d}`, `5:19: limits.min_gap: 60d is longer than any order stays open; write for example 2h`},

		{"age", `keep_contacts: 24 months`, ""},
		{"age in days", `keep_contacts: 90 days`, ""},
		{"age of nothing", `keep_contacts: 24`, `5:16: keep_contacts: "24" is no age; write for example 24 months, 2 years or 90 days`},
		{"age too short", `keep_contacts: 1 day`, `5:16: keep_contacts: "1 day" is not from 30 days to 100 years; open orders need their contacts, and leaving the key out keeps them`},

		{"levels", `buyers: {levels: [{name: regular, orders: 3}, {name: gold, orders: 3, spent: 1000 CNY}]}`, ""},
		{"lapsed", `buyers: {lapsed: 90d}`, ""},
		{"lapsed by the calendar", `buyers: {lapsed: 2 years}`, ""},
		{"lapsed without a unit", `buyers: {lapsed: 90}`, `5:18: buyers.lapsed: "90" is no time that something is ago; write for example 180d or 6 months`},
		{"lapsed tomorrow", `buyers: {lapsed: 24h}`, `5:18: buyers.lapsed: "24h" is not from a week to ten years; write for example 180d or 6 months`},
		{"lapsed in another life", `buyers: {lapsed: 12 years}`, `5:18: buyers.lapsed: "12 years" is not from a week to ten years; write for example 180d or 6 months`},
		{"lapsed in words", `buyers: {lapsed: half a year}`, `5:18: buyers.lapsed: "half a year" is no time that something is ago; write for example 180d or 6 months`},
		{"groups that are no one kind", `
buyers: {levels: [{name: gold, orders: 5}]}
reminders:
  exclude: ["buyer.kind == 'lapsed'", "'potentail' in buyer.kinds", "'potential' in buyer.kinds or buyer.lapsed or 'gold' in buyer.kinds"]`,
			`8:29: reminders.exclude[0]: buyer.kind is new, known or a level, and never "lapsed"; write buyer.lapsed
8:41: reminders.exclude[1]: there is no kind of buyer "potentail"; did you mean "potential"?`},
		{"a level called as a group", `buyers: {levels: [{name: Lapsed, orders: 5}, {name: customer, orders: 7}]}`,
			`5:26: buyers.levels[0].name: "Lapsed" is what nudged itself calls buyers; write another name
5:53: buyers.levels[1].name: "customer" is what nudged itself calls buyers; write another name`},
		{"levels that cannot be told apart", `buyers: {levels: [{name: regular, orders: 3}, {name: Regular, orders: 4}, {name: gold, orders: 3}]}`,
			`5:54: buyers.levels[1].name: "Regular" names another level already; every level has a name of its own
5:75: buyers.levels[2]: it asks for the same as level "regular"; a buyer can be of one only`},
		{"levels of nothing", `buyers: {levels: [{name: new, orders: 3}, {name: gold}, {name: silver, spent: 5}, {name: bronze, spent: 0 CNY}]}`,
			`5:26: buyers.levels[0].name: "new" is what nudged itself calls buyers; write another name
5:43: buyers.levels[1]: the level asks for nothing; write orders: 3 or spent: 1000 CNY, or both
5:79: buyers.levels[2].spent: "5" is no amount of money; write for example 1000 CNY
5:105: buyers.levels[3].spent: nothing spent is no level; write for example 1000 CNY, or leave it out`},

		{"inbox", `inbox: {host: imap.buckles.example, user: u, password: {env: MAIL_PASSWORD}, folder: Replies}`, ""},
		{"inbox of nobody", `inbox: {host: imap.buckles.example}`, `5:8: inbox: a mailbox needs user and password; write both`},
		{"inbox in clear", `inbox: {host: imap.buckles.example, user: u, password: {env: MAIL_PASSWORD}, security: none}`,
			`5:88: inbox.security: the password would travel to imap.buckles.example unencrypted; write tls or starttls`},

		{"kannel", kannel[1:] + `, number: digits, price: 0.05 CNY, opt_out: "Reply STOP", replies: {listen: "127.0.0.1:8087", secret: {env: LONG_SECRET}}}`, ""},
		{"kannel of another computer in clear", `sms: {provider: kannel, url: "http://sms.example/send", user: u, password: {env: MAIL_PASSWORD}}`,
			`5:30: sms.url: the password and your buyers' numbers would travel to sms.example unencrypted; write https://, or run the gateway on this computer`},
		{"replies from anywhere", kannel[1:] + `, replies: {listen: "0.0.0.0:8087", secret: {env: SIX_DIGITS}}}`,
			`5:131: sms.replies.listen: "0.0.0.0:8087" can be reached from other computers; write 127.0.0.1:8087
5:155: sms.replies.secret: whoever guesses it can write replies; take at least 16 letters and digits, without blanks`},
		{"replies without a port", kannel[1:] + `, replies: {listen: localhost, secret: {env: LONG_SECRET}}}`,
			`5:131: sms.replies.listen: "localhost" is no address with a port; write for example 127.0.0.1:8087`},
		{"twilio", `sms: {provider: twilio, user: AC0123456789abcdef0123456789abcdef, password: {env: MAIL_PASSWORD}, from: "+12025550147"}`, ""},
		{"twilio without much", `sms: {provider: twilio, user: me, password: {env: MAIL_PASSWORD}, number: digits}`,
			`5:6: sms: "from" is missing; write the number that texts come from, as from: "+12025550147"
5:31: sms.user: this is no account SID; it is AC and 32 letters and digits, from the first page of Twilio's console
5:75: sms.number: twilio makes no use of it; leave it out`},
		{"aliyun", `sms: {provider: aliyun, user: key, password: {env: MAIL_PASSWORD}, sign: 【扣子】, templates: {gentle: {code: SMS_1, text: "订单${number}", kind: notification}}}`, ""},
		{"aliyun without a text for a step", `sms: {provider: aliyun, user: key, password: {env: MAIL_PASSWORD}, sign: A, templates: {gentel: {code: SMS_1, kind: notice}}}
reminders: {steps: [{step: a, after: 1h, by: [sms], template: gentle}]}`,
			`5:89: sms.templates: there is no text "gentel"; did you mean "gentle"?
5:117: sms.templates.gentel.kind: "notice" is not known; write notification or promotion
6:63: reminders.steps[0].template: aliyun sends only texts that it has approved; write sms: {templates: {gentle: {code: SMS_…}}}`},
		{"aliyun by a number", `sms: {provider: aliyun, user: key, password: {env: MAIL_PASSWORD}, sign: A, from: "1069", templates: {gentle: {code: SMS_1}}, replies: {}}`,
			`5:83: sms.from: aliyun sends by sign, not from a number; leave it out
5:136: sms.replies: aliyun is asked what has come back, and nobody need listen; leave it out
5:136: sms.replies: "listen" is missing; write listen: 127.0.0.1:8087
5:136: sms.replies: "secret" is missing; write secret: {env: NAME}, {file: PATH} or {keyring: NAME}, the first part of the path that Kannel calls`},
		{"a price finer than a coin", kannel[1:] + `, price: 0.045 CNY}`,
			`warning: 5:120: sms.price: costs are counted in the smallest coin, so a part counts as 0.05 CNY; write that`},
		{"a gateway", `sms: {provider: http, http: {url: "https://sms.example/send?to={to_digits}", body: '{"text": "{text}", "sum": {"a": 1}}', headers: {Content-Type: application/json}, accept: '"ok"', id: 'id=(\d+)'}}`, ""},
		{"a gateway that is told nothing", `sms: {provider: http, url: "https://sms.example/", http: {url: "https://sms.example/send", headers: {"a b": c}, accept: "(", id: "x"}}`,
			`5:28: sms.url: a gateway of your own has its address under http; move it there
5:58: sms.http: the gateway would not learn whom to send what; write {to} and {text} in url or body
5:102: sms.http.headers: "a b" is no name of a header; write for example Content-Type
5:121: sms.http.accept: "(" is no regular expression; write for example ^OK
5:130: sms.http.id: "x" does not say where the id stands; put it in brackets, as ID: (\w+)`},
		{"a gateway with slips", `sms: {provider: http, http: {url: "https://{to}.example/send", body: "{texd} {sign} {text}"}}`,
			`5:35: sms.http.url: nothing may be put into the host's name; write the address of the gateway
5:70: sms.http.body: {texd} is not known; did you mean {text}?
5:70: sms.http.body: {sign} stands here, but sms has no key sign; write it`},
		{"a gateway with its password in the wrong place", `sms: {provider: http, http: {url: "https://sms.example/?to={to}&password=c4n4ry", body: '{"token": "c4n4ry", "text": "{text}"}', headers: {Authorization: Bearer c4n4ry}}}`,
			`5:35: sms.http.url: a password never stands in the config; put it under sms as password, and write {password} here, or {basic}
5:89: sms.http.body: a password never stands in the config; put it under sms as password, and write {password} here, or {basic}
5:155: sms.http.headers.Authorization: a password never stands in the config; put it under sms as password, and write {password} here, or {basic}`},
		{"a gateway with its password in the right place", `sms: {provider: http, user: u, password: {env: MAIL_PASSWORD}, http: {url: "https://sms.example/?to={to}&password={password}", body: '{"token": "{password}", "text": "{text}", "pwd": ""}', headers: {Authorization: "{basic}", X-Api-Key: "{password}"}}}`, ""},
		{"kannel with its password in the address", `sms: {provider: kannel, url: "http://127.0.0.1:13013/?password=c4n4ry", user: u, password: {env: MAIL_PASSWORD}}`,
			`5:30: sms.url: a password never stands in the config; put it under sms as password, and leave it out here`},
		{"no such provider", `sms: {provider: twillio}`, `5:17: sms.provider: "twillio" is not known; did you mean "twilio"?`},

		{"sequences", `
buyers: {levels: [{name: gold, orders: 5}]}
reminders:
  sequences:
    - {name: gold, buyers: [GOLD], steps: []}
    - {name: transfers, shops: [Buckles], payment: [bank transfer, 银行转账], steps: [{step: a, after: 20h, by: [email], template: gentle}]}
  steps: [{step: a, after: 1h, by: [email], template: gentle}]
  exclude: ['order.total > 5000', "buyer.kind == 'gold'"]`, ""},
		{"sequences of nobody", `
reminders:
  sequences:
    - {name: a, buyers: [gold], shops: [bukles], payment: ["-"], steps: []}
    - {name: A, buyers: [], shops: [buckles, buckles], steps: []}
    - {name: slow, steps: []}
    - {name: b}`,
			`8:26: reminders.sequences[0].buyers[0]: there is no kind of buyer "gold"; write one of new, known, potential, customer, lapsed, or the name of a level under buyers
8:41: reminders.sequences[0].shops[0]: there is no shop "bukles"; did you mean "buckles"?
8:60: reminders.sequences[0].payment[0]: "-" holds no word; write one of the payment method, as bank transfer
9:14: reminders.sequences[1].name: "A" names another sequence already; every sequence has a name of its own
9:25: reminders.sequences[1].buyers: the list is empty, so the sequence would be for no buyer at all; leave the key out for every one
9:46: reminders.sequences[1].shops[1]: "buckles" is written twice; keep one
10:14: reminders.sequences[2].name: "slow" is what nudged itself calls the reminders of bank transfers; write another name
11:7: reminders.sequences[3]: "steps" is missing; write the steps of these orders, or steps: [] if they get no reminders`},
		{"ways to a buyer", `
reminders: {steps: [
    {step: a, after: 1h, by: {all: [sms, sms]}, template: gentle},
    {step: b, after: 9h, by: {first: [email]}, template: gentle},
    {step: c, after: 20h, by: fax, template: gentle},
    {step: d, after: 30h, by: [fax], template: gentle}]}` + kannel + `}`,
			`7:42: reminders.steps[0].by.all[1]: "sms" is written twice; keep one
8:30: reminders.steps[1].by: "all" is missing; write by: {all: [sms, email]}
8:31: reminders.steps[1].by: there is no key "first"; known here: all
9:31: reminders.steps[2].by: found a single text; write a list: by: [email]
10:32: reminders.steps[3].by[0]: "fax" is no way to a buyer that nudged knows; write email or sms`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := both(t, shopOf("15m", "2d", "")+c.rest)
			if got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			}
			if strings.Contains(got, canary) {
				t.Error("a secret is in the message")
			}
		})
	}
}

// An error in a condition is said at the very character.
func TestConditionsAreSaidWhereTheyStand(t *testing.T) {
	const empty = "the condition is empty; write one, as order.total > 20, or leave the key out"
	for _, c := range []struct{ name, value, want string }{
		{"good", `order.total > 20`, ""},
		{"good, in quotes", `'"first order" in reason'`, ""},
		{"a kind that exists", `buyer.kind == "gold"`, ""},
		{"a shop that exists", `shop.name == "buckles"`, ""},
		{"empty", ``, "8:4: reminders.exclude[0]: " + empty},
		{"empty, in quotes", `""`, "8:6: reminders.exclude[0]: " + empty},
		{"a list", `[a]`, "8:6: reminders.exclude[0]: found a list; write one text"},
		{"plain", `order.totl > 20`, "8:6: reminders.exclude[0]: order.totl is not known; did you mean order.total?"},
		{"in quotes", `"order.total > 20 and byer.paid > 2"`, "8:28: reminders.exclude[0]: byer.paid is not known; did you mean buyer.paid?"},
		{"behind a blank", `" byer.paid > 2"`, "8:8: reminders.exclude[0]: byer.paid is not known; did you mean buyer.paid?"},
		{"behind what is escaped", `"\"x\" == byer.name"`, "8:6: reminders.exclude[0]: byer.name is not known; did you mean buyer.name?"},
		{"behind Chinese", `"order.payment == '微信支付' and byer.paid > 2"`, "8:35: reminders.exclude[0]: byer.paid is not known; did you mean buyer.paid?"},
		{"on two lines", "|\n      order.total > 20 and\n      byer.paid > 2", "8:6: reminders.exclude[0]: byer.paid is not known; did you mean buyer.paid?"},
		{"a kind that does not exist", `buyer.kind == "glod"`, `8:21: reminders.exclude[0]: there is no kind of buyer "glod"; did you mean "gold"?`},
		{"a shop that does not exist", `shop.name == "buckels"`, `8:20: reminders.exclude[0]: there is no shop "buckels"; did you mean "buckles"?`},
		{"a step that does not exist", `step.name == "x"`, `8:20: reminders.exclude[0]: there is no step "x"; there are a`},
		{"not yes or no", `order.total`, "8:6: reminders.exclude[0]: expected yes or no, but got number"},
		{"too long", strings.Repeat("(", 600), "8:6: reminders.exclude[0]: 600 characters are too many for a condition; write at most 500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := shopOf("15m", "2d", "") + "buyers: {levels: [{name: gold, orders: 5}]}\nreminders:\n  exclude:\n  -  " + c.value +
				"\n  steps: [{step: a, after: 1h, by: [email], template: gentle}]\n"
			if got := both(t, src); got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
	src := shopOf("15m", "2d", "") + "reminders: {steps: [{step: 催, after: 1h, by: [email], template: gentle, if: order.total > byer.paid}]}\n"
	if got, want := both(t, src), "5:91: reminders.steps[0].if: byer.paid is not known; did you mean buyer.paid?"; got != want {
		t.Errorf("behind Chinese keys: %s, want %s", got, want)
	}
}
