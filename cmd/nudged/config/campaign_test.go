package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/notify"
)

// twoShops are a config with a shop in English and one in Chinese.
const twoShops = `
shops:
  - {name: buckles, recipe: testdata/shop.yaml, url: "https://buckles.example/admin/", order_link: "https://pay.buckles.example/o/{id}", user: u, password: {env: BUCKLES_PASSWORD}, zone: Asia/Shanghai, visit: 15m, soft_opt_in: true, address: 1 Belt Street}
  - {name: belts, recipe: testdata/shop.yaml, url: "https://belts.example/admin/", link_hosts: [www.belts.example], user: u, password: {env: BUCKLES_PASSWORD}, zone: Asia/Shanghai, visit: 15m, language: zh, soft_opt_in: true, address: 上海}
email: {host: smtp.buckles.example, user: u, password: {env: MAIL_PASSWORD}, from: shop@buckles.example}
inbox: {host: imap.buckles.example, user: u, password: {env: MAIL_PASSWORD}}
digest: {at: "0 21 * * *", to: [me@buckles.example], zone: Asia/Shanghai}
quiet: {from: "21:00", to: "09:00"}
buyers: {levels: [{name: gold, orders: 9}], lapsed: 6 months}
`

var aTuesday = time.Date(2026, time.November, 24, 4, 0, 0, 0, time.UTC) // noon in Shanghai

func configOf(t testing.TB, src string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("config.yaml", []byte(src), options(t))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// campaignSaid is what a file of a campaign is told, warnings last.
func campaignSaid(t testing.TB, cfg *config.Config, file, src string) (*config.Campaign, string) {
	t.Helper()
	texts, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.ParseCampaign(file, []byte(src), cfg, texts, aTuesday)
	var problems config.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, strings.TrimPrefix(p.String(), file+":"))
	}
	for _, p := range c.Warnings {
		lines = append(lines, "warning: "+strings.TrimPrefix(p.String(), file+":"))
	}
	return c, strings.Join(lines, "\n")
}

// All that is said about the file of a campaign, and nothing else.
func TestWhatIsSaidAboutCampaigns(t *testing.T) {
	cfg := configOf(t, twoShops)
	const good = "to: buyer.potential\ntext: news\noffer: New belts.\n"
	for _, c := range []struct{ name, src, want string }{
		{"little", good, ""},
		{"all", `name: autumn
to: last.status == "closed_unpaid" and "gold" in buyer.kinds and "Buckles" != last.payment and last.shop == "belts"
shops: [Buckles]
text: again
offer: Free shipping.
link: https://pay.buckles.example/again?from=mail
by: [email]
from: 2026-12-01
until: 2026-12-05 18:00
rate: 20 per hour
not_within: 7d`, ""},
		{"everybody", "to: \"true\"\ntext: news\noffer: New belts.\n", ""},

		{"nothing", "", " the file is empty; `nudged campaign new NAME --like again` writes one"},
		{"only comments", "# to: everybody\n", " the file is empty; `nudged campaign new NAME --like again` writes one"},
		{"a list", "- to: buyer.potential", "1:1: found a list; write keys and values here: name, to, shops, text, offer, link, by, from, until, rate, not_within"},
		{"no YAML", "to: [", "2:1: this is not YAML: did not find expected node content"},
		{"nearly nothing", "shops: [buckles]", "1:1: \"to\" is missing; write who gets it, as to: buyer.potential\n1:1: \"text\" is missing; write the text to send, as text: news"},
		{"unknown keys", good + "link_to: x\nform: 2026-12-01\ntext: news\n",
			"4:1: there is no key \"link_to\"; known here: name, to, shops, text, offer, link, by, from, until, rate, not_within\n5:1: there is no key \"form\"; did you mean \"from\"?\n6:1: the key \"text\" is written twice; keep one"},
		{"another name", good + "name: winter", `4:7: name: a campaign is called as its file, and this is "autumn"; leave the name out, or call the file "winter.yaml"`},

		{"segment without sense", "to: buyer.spend > 3\ntext: news\noffer: A.", `1:5: to: buyer.spend is not known; did you mean buyer.spent?`},
		{"segment of a step", "to: 'buyer.potential and order.total > 3'\ntext: news\noffer: A.", `1:26: to: order.total is not known; known are ` + strings.Join(notify.SegmentNames(), ", ")},
		{"segment of no answer", "to: last.total\ntext: news\noffer: A.", `1:5: to: expected yes or no, but got number`},
		{"segment of nobody", `to: "'glod' in buyer.kinds or buyer.kind == 'lapsed' or last.shop == 'bukles'"
text: news
offer: A.`, `1:7: to: there is no kind of buyer "glod"; did you mean "gold"?
1:46: to: buyer.kind is new, known or a level, and never "lapsed"; write buyer.lapsed
1:71: to: there is no shop "bukles"; did you mean "buckles"?`},
		{"segment of an unknown status", "to: last.status == \"cancelled\"\ntext: news\noffer: A.", `1:20: to: "cancelled" is no last.status; known are unpaid, paid, closed_unpaid, closed_refunded, other, unknown`},
		{"has without words", "to: has(\"\")\ntext: news\noffer: A.", `1:5: to: put a word between the quotes, as in has("belt")`},
		{"a placeholder in the offer", "to: buyer.potential\ntext: news\noffer: 'Hello {name}, a belt.'", `3:8: offer: "{name}" is not filled in; write the words themselves`},
		{"braces in the offer", "to: buyer.potential\ntext: news\noffer: 'Take {{ .Code }} now'", `3:8: offer: "{{ .Code }}" is not filled in; write the words themselves`},
		{"a past begin", good + "from: 2026-11-23", `warning: 4:7: from: this is past, so it goes out as soon as you send it`},
		{"a begin today", good + "from: 2026-11-24", ""},
		{"days without a unit", good + "not_within: 30", `4:13: not_within: "30" has no unit; write 30d`},
		{"no segment", "to:\ntext: news\noffer: A.", `1:4: "to" is missing; write who gets it, as to: buyer.potential`},

		{"no such shop", good + "shops: [bukles]", `4:9: shops[0]: there is no shop "bukles"; did you mean "buckles"?`},
		{"no shop", good + "shops: []", `4:8: shops: the list is empty, so the campaign would be for no shop at all; leave the key out for every one`},

		{"no such text", "to: buyer.potential\ntext: new\noffer: A.", "2:7: text: there is no text \"new\" in en; did you mean \"news\"?\n2:7: text: there is no text \"new\" in zh; did you mean \"news\"?"},
		{"a text about an open order", "to: buyer.potential\ntext: gentle\n", `2:7: text: the text "gentle" is about an open order and not for a campaign; there are again, instock, news, regulars, second`},
		{"an offer on an open order", "to: buyer.potential\ntext: offer\noffer: A.", `2:7: text: the text "offer" is about an open order and not for a campaign; there are again, instock, news, regulars, second`},
		{"no offer", "to: buyer.potential\ntext: news\n", `2:7: text: the text "news" is nothing without an offer; write offer: what you want to tell`},
		{"an empty offer", "to: buyer.potential\ntext: news\noffer:\n", `3:7: offer: the text "news" is nothing without an offer; write offer: what you want to tell`},
		{"a long offer", "to: buyer.potential\ntext: second\noffer: " + strings.Repeat("o", 301), `3:8: offer: 301 characters are too many; write at most 300
warning: 2:7: text: the text "second" goes only to people whose last order is paid; write last.status == "paid" under to`},
		{"a text about a closed order", "to: buyer.potential\ntext: again\n", `warning: 2:7: text: the text "again" goes only to people whose last order is closed_unpaid; write last.status == "closed_unpaid" under to`},

		{"a foreign link", good + "link: https://bit.ly/x", `4:7: link: bit.ly is no host of the shop "buckles", "belts"; add it there to link_hosts if it is yours, or write a campaign for each shop`},
		{"a link of one shop", good + "link: https://buckles.example/new/", `4:7: link: buckles.example is no host of the shop "belts"; add it there to link_hosts if it is yours, or write a campaign for each shop`},
		{"a link of the shop", good + "shops: [belts]\nlink: https://WWW.belts.example/new/", ""},
		{"a link with a token", good + "shops: [belts]\nlink: https://belts.example/?access_token=c4n4ry", `5:7: link: the parameter "access_token" looks like a sign-in token, which everybody who gets the message could use; leave it out`},
		{"a link with a password", good + "link: https://me:c4n4ry@buckles.example/", `4:7: link: the address holds a user name, which everybody who gets the message could read; leave it out`},
		{"a script", good + "link: javascript:alert(1)", `4:7: link: this is no web address; write for example https://buckles.example/new/`},

		{"by fax", good + "by: [fax, email, email]", `4:6: by[0]: "fax" is no way to a buyer that nudged knows; write email or sms
4:18: by[2]: "email" is written twice; keep one`},
		{"by nothing", good + "by: []", `4:5: by: no way to the buyer is named; write by: [email]`},
		{"by SMS without a gateway", good + "by: [sms, email]", `4:6: by[0]: the campaign goes out by sms, but the config has no sms section; write one`},

		{"past", good + "until: 2026-11-23", `4:8: until: this is past, so nobody would get it; write a later day, or leave it out for two weeks from now`},
		{"today", good + "until: 2026-11-24", ""},
		{"backwards", good + "from: 2026-12-02\nuntil: 2026-12-01", `5:8: until: it would end before it begins; write a day after from`},
		{"no day", good + "from: tomorrow\nuntil: 24.12.2026", `4:7: from: "tomorrow" is no day; write for example 2026-12-24, or 2026-12-24 09:00
5:8: until: "24.12.2026" is no day; write for example 2026-12-24, or 2026-12-24 09:00`},
		{"at night", good + "from: 2026-12-01 22:00\nuntil: 2026-12-02 07:30", `5:8: until: from begin to end there are quiet hours, so nobody would get it; write a later end`},
		{"at night and a little more", good + "from: 2026-12-01 22:00\nuntil: 2026-12-02 09:30", ""},

		{"rates", good + "rate: 100\nnot_within: 30", `4:7: rate: "100" is not so many in a time; write for example 100 per 1h
5:13: not_within: "30" has no unit; write 30d`},
		{"all at once", "to: buyer.potentiel\nshops: [belt]\ntext: nws\nlink: x\nby: [post]\nfrom: soon\nrate: many\nnot_within: long\n",
			`1:5: to: buyer.potentiel is not known; did you mean buyer.potential?
2:9: shops[0]: there is no shop "belt"; did you mean "belts"?
3:7: text: there is no text "nws" in en; did you mean "news"?
3:7: text: there is no text "nws" in zh; did you mean "news"?
4:7: link: "x" does not begin with https://; write the whole address
5:6: by[0]: "post" is no way to a buyer that nudged knows; write email or sms
6:7: from: "soon" is no day; write for example 2026-12-24, or 2026-12-24 09:00
7:7: rate: "many" is not so many in a time; write for example 100 per 1h
8:13: not_within: "long" is not a length of time; write for example 90s, 15m, 48h or 2d`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, got := campaignSaid(t, cfg, "autumn.yaml", c.src); got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			} else if strings.Contains(got, canary) {
				t.Error("a secret is in the message")
			}
		})
	}
}

// What the config lacks for a campaign is said with the file of the campaign.
func TestCampaignNeedsOfTheConfig(t *testing.T) {
	const (
		news   = "to: buyer.potential\ntext: news\noffer: New belts.\n"
		aliyun = "sms: {provider: aliyun, user: key, password: {env: MAIL_PASSWORD}, sign: A, templates: {gentle: {code: SMS_1}}}\n"
	)
	for _, c := range []struct {
		name, src, want string
		mend            *strings.Replacer
	}{
		{"an address", news, `2:7: text: a campaign is marketing, and such a mail must name a postal address; write address: in the config for the shop "buckles", "belts"`,
			strings.NewReplacer(", address: 1 Belt Street", "", ", address: 上海", "")},
		{"an address in the mail alone", news + "by: [sms]\n", "", strings.NewReplacer(", address: 1 Belt Street", "", ", address: 上海", "", "quiet:", kannel[1:]+"}\nquiet:")},
		{"consent", news, `warning: 2:7: text: a campaign is marketing: at "buckles" only people get it who are on record as having agreed (nudged buyers consent); soft_opt_in: true for the shop says that all its buyers may get it`,
			strings.NewReplacer("soft_opt_in: true, address: 1 Belt", "address: 1 Belt")},
		{"an approved text", news + "by: [sms]\n", `2:7: text: aliyun sends only texts that it has approved; write sms: {templates: {news: {code: SMS_…, kind: promotion}}} in the config`,
			strings.NewReplacer("quiet:", aliyun+"quiet:")},
		{"mail", news, `1:1: "by" is missing; write by: [sms], or an email section into the config`,
			strings.NewReplacer("email: {host: smtp.buckles.example, user: u, password: {env: MAIL_PASSWORD}, from: shop@buckles.example}\n", "", "inbox: {host: imap.buckles.example, user: u, password: {env: MAIL_PASSWORD}}\n", "", `digest: {at: "0 21 * * *", to: [me@buckles.example], zone: Asia/Shanghai}`+"\n", "")},
	} {
		if _, got := campaignSaid(t, configOf(t, c.mend.Replace(twoShops)), "campaigns/autumn.yaml", c.src); got != c.want {
			t.Errorf("%s: said:\n%s\nwant:\n%s", c.name, got, c.want)
		}
	}
	if _, got := campaignSaid(t, configOf(t, twoShops), "campaigns/my autumn.yaml", news); got != `1:1: the file gives the campaign its name, and "my autumn" cannot be one; call it by letters, digits, - and _, at most 30` {
		t.Errorf("a file with a blank: %s", got)
	}
}
