package extract_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

func TestMoneyAsPeopleWriteIt(t *testing.T) {
	comma, dot := &recipe.Money{Decimal: ","}, &recipe.Money{Decimal: "."}
	cents, minor := &recipe.Money{Divide: 100}, &recipe.Money{Minor: true}
	for _, tc := range []struct {
		text      string
		how       *recipe.Money
		iso, home string
		want      string
	}{
		{"282.20€", nil, "", "", "282.20 EUR"},
		{"€282.20", nil, "", "", "282.20 EUR"},
		{"1,672.56€", nil, "", "", "1672.56 EUR"},
		{"1.672,56 €", nil, "", "", "1672.56 EUR"},
		{"1 672,56 €", nil, "", "", "1672.56 EUR"},
		{"1 672,56 €", nil, "", "", "1672.56 EUR"},
		{"CHF 1’672.56", nil, "", "", "1672.56 CHF"},
		{"1'672.5", nil, "CHF", "", "1672.50 CHF"},
		{"282 €", nil, "", "", "282.00 EUR"},
		{"12,- €", nil, "", "", "12.00 EUR"},
		{"12.– CHF", nil, "", "", "12.00 CHF"},
		{"USD 5", nil, "", "EUR", "5.00 USD"},
		{"5 usd", nil, "", "EUR", "error"},
		{"¥4,103.64", nil, "", "", "4103.64 CNY"},
		{"¥4,103", nil, "JPY", "", "4103 JPY"},
		{"¥4,103", nil, "", "JPY", "4103 JPY"},
		{"4103円", nil, "", "", "4103 JPY"},
		{"￥１２３．５０", nil, "", "", "123.50 CNY"},
		{"123.50元", nil, "", "CNY", "123.50 CNY"},
		{"$71.97", nil, "", "AUD", "71.97 AUD"},
		{"$71.97", nil, "", "EUR", "71.97"},
		{"US$71.97", nil, "", "AUD", "71.97 USD"},
		{"R$ 1.234,50", nil, "", "", "1234.50 BRL"},
		{"₹1,23,456.00", nil, "", "", "123456.00 INR"},
		{"zł 5,05", nil, "", "", "5.05 PLN"},
		{"5,05 zł", nil, "", "", "5.05 PLN"},
		{"1 234 567,89 руб.", nil, "", "", "1234567.89 RUB"},
		{"71.97", nil, "", "USD", "71.97 USD"},
		{"-71.97 €", nil, "", "", "-71.97 EUR"},
		{"−€71.97", nil, "", "", "-71.97 EUR"},
		{"($71.97)", nil, "USD", "", "-71.97 USD"},
		{"71.97-", nil, "EUR", "", "-71.97 EUR"},
		{"$1,234", nil, "USD", "", "1234.00 USD"},
		{"1.234.567", nil, "EUR", "", "1234567.00 EUR"},
		{"1.234 €", nil, "", "", "error"},
		{"1.234 €", comma, "", "", "1234.00 EUR"},
		{"1.234 €", dot, "", "", "1.23 EUR"},
		{"12.50", comma, "EUR", "", "error"},
		{"0.125", nil, "USD", "", "0.13 USD"},
		{"1.234", nil, "KWD", "", "error"},
		{"1.234", dot, "KWD", "", "1.234 KWD"},
		{"1,234", nil, "JPY", "", "1234 JPY"},
		{"99.50", nil, "JPY", "", "100 JPY"},
		{"2000", cents, "USD", "", "20.00 USD"},
		{"5", cents, "USD", "", "0.05 USD"},
		{"123450", cents, "JPY", "", "1235 JPY"},
		{"2000", minor, "JPY", "", "2000 JPY"},
		{"2000", minor, "KWD", "", "2.000 KWD"},
		{"€0.00", nil, "", "", "0.00 EUR"},
		{"$71.97 $0.00", nil, "", "USD", "error"},
		{"3 x 5.00", nil, "", "USD", "error"},
		{"free", nil, "", "USD", "error"},
		{"", nil, "", "USD", "error"},
		{"12 34", nil, "", "USD", "error"},
		{"KSh 500", nil, "", "", "500.00 KES"},
		{"Xx 500", nil, "", "", "error"},
		{"1.5k", nil, "", "EUR", "error"},
		{"K 1.50", nil, "", "PGK", "1.50 PGK"},
		{"100.000 ₫", nil, "", "", "100000 VND"}, // there are no dong but whole ones
		{"₫1.250.000", nil, "", "", "1250000 VND"},
		{"$12.990", nil, "", "CLP", "12990 CLP"},
		{"$12.990", nil, "", "USD", "error"},
		{"1,234", nil, "", "KWD", "error"}, // may be little more than one dinar
		{"1,234", nil, "", "USD", "1234.00 USD"},
		{"د.ك73.670", nil, "", "EUR", "error"},
		{"د.ك73.670", dot, "", "EUR", "73.670 KWD"},
		{"73.67 د.إ", nil, "", "EUR", "73.67 AED"},
		{".د.ب 73.67", nil, "", "", "73.670 BHD"},
		{"73.67 د.م.", nil, "", "", "73.67 MAD"},
		{"﷼73.67", nil, "", "YER", "73.67 YER"},
		{"R1,234.50", nil, "", "EUR", "1234.50 ZAR"},
		{"₦12,500.00", nil, "", "EUR", "12500.00 NGN"},
		{"৳ 1,234.00", nil, "", "", "1234.00 BDT"},
		{"S/73.67", nil, "", "", "73.67 PEN"},
		{"B/.73.67", nil, "", "", "73.67 PAB"},
		{"Bs.73.67", nil, "", "VES", "73.67 VES"},
		{"Bs.73.67", nil, "", "EUR", "73.67"},
		{"5.000 CFA", nil, "", "XOF", "5000 XOF"},
		{"$71.97", nil, "", "XCD", "71.97 XCD"},
		{"Fr 7.500", nil, "", "RWF", "7500 RWF"},
		{"Fr. 75.10", nil, "", "EUR", "75.10 CHF"},
		{"₨73.67", nil, "", "MUR", "73.67 MUR"},
		{"12345678901234567890", nil, "USD", "", "error"},
		{strings.Repeat("9", 100_000), nil, "USD", "", "error"},
	} {
		got, err := extract.ParseMoney(tc.text, false, tc.how, tc.iso, tc.home)
		text := got.String()
		if err != nil {
			text = "error"
		}
		if text != tc.want {
			t.Errorf("%.40q with %+v %s %s is %s (%v), want %s", tc.text, tc.how, tc.iso, tc.home, text, err, tc.want)
		}
	}
}

func TestMoneyOfJSONNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"1234.5": "1234.50 EUR", "12.345": "12.35 EUR", "-3": "-3.00 EUR", "0": "0.00 EUR", "1e300": "error", "1E999999999": "error",
	} {
		m, err := extract.ParseMoney(text, true, nil, "EUR", "")
		got := m.String()
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s is %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestTimes(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	for _, tc := range []struct {
		text string
		how  *recipe.Date
		want string // in UTC, "" for an error
	}{
		{"2026-11-17T23:43:00+00:00", nil, "2026-11-17T23:43:00Z"},
		{"2026-11-17T23:43:00.123Z", nil, "2026-11-17T23:43:00.123Z"},
		{"2026-11-17 23:43:00", nil, "2026-11-17T15:43:00Z"},
		{"2026-11-17", nil, "2026-11-16T16:00:00Z"},
		{"17/11/2026", &recipe.Date{Layouts: []string{"02/01/2006"}}, "2026-11-16T16:00:00Z"},
		{"Nov 17, 2026 9:05 pm", &recipe.Date{Layouts: []string{"02/01/2006", "Jan 2, 2006 3:04 pm"}}, "2026-11-17T13:05:00Z"},
		{"1795298422", &recipe.Date{Epoch: recipe.EpochSecond}, "2026-11-21T22:00:22Z"},
		{"1795298422000", &recipe.Date{Epoch: recipe.EpochMilli}, "2026-11-21T22:00:22Z"},
		{"1795298422000", &recipe.Date{Epoch: recipe.EpochSecond}, ""},
		{"17/11/2026", nil, ""},
		{"31/02/2026", &recipe.Date{Layouts: []string{"02/01/2006"}}, ""},
		{"0000-00-00 00:00:00", nil, ""},
		{"0001-01-01", nil, ""},
		{"9999-12-31", nil, ""},
		{"yesterday", nil, ""},
		{"", nil, ""},
	} {
		at, dayOnly, err := extract.ParseTime(tc.text, tc.how, shanghai, readAt)
		got := ""
		if err == nil {
			got = at.UTC().Format(time.RFC3339Nano)
		}
		if got != tc.want {
			t.Errorf("%q is %q (%v), want %q", tc.text, got, err, tc.want)
		}
		if want := tc.text == "2026-11-17" || tc.text == "17/11/2026" && tc.how != nil; err == nil && dayOnly != want {
			t.Errorf("%q: a day without a time %v, want %v", tc.text, dayOnly, want)
		}
	}
}

func TestPhones(t *testing.T) {
	for _, tc := range []struct{ text, region, want string }{
		{"+86 138 0013 8058", "", "+8613800138058"},
		{"138-0013-8058", "CN", "+8613800138058"},
		{"１３８００１３８０５８", "CN", "+8613800138058"},
		{"+44 20 7946 0018", "US", "+442079460018"},
		{"020 7946 0022 ext. 12", "GB", "+442079460022"},
		{"0049-30-901820-60", "GB", "+493090182060"},
		{"(555) 010-0064", "US", "+15550100064"},
		{"+15550100060", "", "+15550100060"},
		{"tel:+442079460018", "", "+442079460018"},
		{"138****8058", "CN", ""},
		{"***", "CN", ""},
		{"138••••8058", "CN", ""},
		{"13800138000转1234", "CN", ""},
		{"13800138058", "", ""},
		{"13800138058", "GB", ""},
		{"00000000000", "CN", ""},
		{"12345678", "GB", ""},
		{"1234567890", "US", ""},
		{"123", "CN", ""},
		{"n/a", "CN", ""},
		{"+8110000000022200", "CN", ""},
		{"", "CN", ""},
		{strings.Repeat("1", 100_000), "CN", ""},
	} {
		if got := extract.ParsePhone(tc.text, tc.region); got.Reveal() != tc.want {
			t.Errorf("%.40q in %q is %q, want %q", tc.text, tc.region, got.Reveal(), tc.want)
		}
	}
}

func TestEmails(t *testing.T) {
	for text, want := range map[string]string{
		"buyer@example.com":                 "buyer@example.com",
		" Buyer@Example.COM ":               "buyer@example.com",
		"mailto:buyer@example.com":          "buyer@example.com",
		"o'brien+order52@mail.example":      "o'brien+order52@mail.example",
		"用户@例子.公司":                          "用户@例子.公司",
		"b***@example.com":                  "",
		"buyer@localhost":                   "",
		"buyer@[127.0.0.1]":                 "",
		"Anna <buyer@example.com>":          "",
		"a@b.example, c@d.example":          "",
		"a@b.example\r\nBcc: x@y.example":   "",
		`"a b"@example.com`:                 "",
		"@example.com":                      "",
		"none":                              "",
		"":                                  "",
		strings.Repeat("a", 300) + "@b.com": "",
	} {
		if got := extract.ParseEmail(text).Reveal(); got != want {
			t.Errorf("%.60q is %q, want %q", text, got, want)
		}
	}
}

func TestQuantities(t *testing.T) {
	for text, want := range map[string]int{"3": 3, "× 3": 3, "x12": 12, "3.00": 3, "3 pcs": 3, "0": 0, "1.5": -1, "-1": -1, "many": -1, "99999999999": -1, "": -1} {
		got, err := extract.Quantity(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

func TestCleanMakesTextHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"  a \u00a0\t b\r\nBcc: x ":      "a b Bcc: x",
		"a\x00b\x07c\x1b[31md":           "abc[31md",
		"a\u202eb\u200bc\ufeffd":         "abcd",
		"a\xff\xfeb":                     "ab",
		"<script>alert(1)</script>":      "<script>alert(1)</script>",
		"ЯнВ 山田 👩\u200d👩":                "ЯнВ 山田 👩\u200d👩",
		strings.Repeat("é", 100_000):     strings.Repeat("é", 500),
		strings.Repeat(" \n", 50_000):    "",
		strings.Repeat("a ", 50_000)[2:]: strings.TrimSpace(strings.Repeat("a ", 250)),
	} {
		if got := extract.Clean(text, 500); got != want {
			t.Errorf("%.40q becomes %.60q, want %.60q", text, got, want)
		}
	}
}

func TestMaskTakesContactsOut(t *testing.T) {
	for text, want := range map[string]string{
		"write to anna@example.com now":      "write to ***@*** now",
		"call +86 138 0013 8058!":            "call ***!",
		"call (555) 010-0064":                "call ***",
		"2026-11-17 23:43":                   "2026-11-17 23:43",
		"17.11.2026":                         "17.11.2026",
		"order 74, $1,995.34":                "order 74, $1,995.34",
		"user%40example.com":                 "***@***",
		"１３８００１３８０５８":                        "***",
		"The user anna@b.example is unknown": "The user ***@*** is unknown",
	} {
		if got := extract.Mask(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func FuzzMoney(f *testing.F) {
	for _, s := range []string{"282.20€", "1.234,50", "¥4,103", "-5", "(5)", "1e5", "R$ 1.234,50", "１２", "1'234.5"} {
		f.Add(s, false, ".", "USD")
		f.Add(s, true, "", "")
	}
	f.Fuzz(func(t *testing.T, text string, number bool, decimal, iso string) {
		if decimal != "." && decimal != "," {
			decimal = ""
		}
		if len(iso) != 3 {
			iso = ""
		}
		m, err := extract.ParseMoney(text, number, &recipe.Money{Decimal: decimal}, iso, "EUR")
		if err != nil && m != (order.Money{}) {
			t.Errorf("%q: an error and %v", text, m)
		}
		if iso != "" && err == nil && m.Currency != iso {
			t.Errorf("%q: %v, the shop says %s", text, m, iso)
		}
	})
}

func FuzzDate(f *testing.F) {
	f.Add("2026-11-17T23:43:00+00:00", "02/01/2006", int8(0))
	f.Add("17/11/2026", "02/01/2006", int8(0))
	f.Add("1795298422", "", int8(1))
	f.Fuzz(func(t *testing.T, text, layout string, kind int8) {
		how := &recipe.Date{Layouts: []string{layout}}
		switch kind {
		case 1:
			how = &recipe.Date{Epoch: recipe.EpochSecond}
		case 2:
			how = &recipe.Date{Epoch: recipe.EpochMilli}
		}
		at, _, err := extract.ParseTime(text, how, nil, readAt)
		if err == nil && (at.Year() < 1990 || at.Year() > 2200) {
			t.Errorf("%q is %v", text, at)
		}
	})
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"+86 138 0013 8058", "138****8058", "020 7946 0022 ext. 12", "tel:+1;ext=5", "13800138000转1234", "+81100000000AAA00"} {
		f.Add(s, "CN")
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		got := extract.ParsePhone(text, region).Reveal()
		if got == "" {
			return
		}
		if got[0] != '+' || len(got) > 16 || strings.ContainsFunc(got[1:], func(r rune) bool { return r < '0' || r > '9' }) {
			t.Errorf("%q is %q", text, got)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("a\r\nb\x00\u202e", 5)
	f.Fuzz(func(t *testing.T, text string, most int) {
		got := extract.Clean(text, most)
		if utf8.RuneCountInString(got) > max(most, 0) || !utf8.ValidString(got) {
			t.Errorf("%q at %d becomes %q", text, most, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) && r != ' ' }) {
			t.Errorf("%q keeps what it should lose: %q", text, got)
		}
	})
}
