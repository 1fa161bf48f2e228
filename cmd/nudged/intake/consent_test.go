package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/intake"
	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

func TestAnswersAreRead(t *testing.T) {
	o := intake.Options{Columns: []string{"Newsletter=consent"}, Consent: order.Consent{Source: "till", Wording: "offers", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}}
	for want, words := range map[string]string{
		"yes": "yes|Ja|OK|oui|sí|SI|aktiv|wahr|TRUE|1|x|✓|是|已同意|Subscribed|opted_in",
		"no":  "no|Nein|NO|non|falsch|FALSE|0|✗|否|不同意|退订|已退订|未订阅|无|Unsubscribed|NOT_SUBSCRIBED|abgemeldet|opted out",
		"-":   "|-|n/a| ",
		"?":   "vielleicht|pending|ja, am Telefon|2025-01-02|?|是否",
	} {
		for _, w := range strings.Split(words, "|") {
			p, err := intake.Buyers.Plan(&sheet.Book{Sheets: []sheet.Sheet{{Rows: []sheet.Row{
				{Number: 1, Cells: cellsOf("Email|Newsletter")}, {Number: 2, Cells: texts([]string{"a@example.com", w})},
			}}}}, o)
			if err != nil {
				t.Fatal(err)
			}
			r := readAll(t, p)
			got := strings.Fields(answersOf(r))[0]
			if got == "-" && len(r.Bad) == 1 && r.Bad[0].Kept && strings.HasSuffix(r.Bad[0].Why, "is neither a yes nor a no; the row goes in without it") {
				got = "?"
			}
			if got != want || len(r.Bad) > 0 != (want == "?") {
				t.Errorf("%q: %s, want %s; said %s", w, got, want, said(r))
			}
		}
	}
}

// answersOf are what the people of a list said.
func answersOf(r *intake.Reading) string {
	var out []string
	for _, p := range r.People {
		said := "-"
		if p.Consent.Withdrawn {
			said = "no"
		} else if !p.Consent.At.IsZero() {
			said = "yes"
		}
		if at := p.Consent.At; !at.IsZero() {
			said += at.Format(" 2006-01-02 15:04")
		}
		out = append(out, said)
	}
	return strings.Join(out, ", ")
}

func TestAnswersOfAList(t *testing.T) {
	rule := order.Consent{Source: "till", Wording: "offers please"}
	dated := rule
	dated.At = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rule             order.Consent
		list, want, said string
	}{
		"three answers": {
			dated, "E-Mail,Newsletter\na@example.com,ja\nb@example.com,nein\nc@example.com,\nd@example.com,vielleicht\n",
			"yes 2024-01-01 00:00, no, -, -", "line 5, column B (Newsletter): \"vielleicht\" is neither a yes nor a no; the row goes in without it\n",
		},
		"a no has the day of its row, to the end": {
			dated, "E-Mail,Newsletter,Einwilligung am\na@example.com,ja,01.03.2025\nb@example.com,nein,02.03.2025\nc@example.com,nein,02.03.2025 10:20\nd@example.com,nein,bald\n",
			"yes 2025-03-01 00:00, no 2025-03-02 23:59, no 2025-03-02 10:20, no", "",
		},
		"days alone": {
			rule, "E-Mail,Newsletter seit\na@example.com,01.03.2025\nb@example.com,\nc@example.com,-\nd@example.com,abgemeldet\n",
			"yes 2025-03-01 00:00, -, -, no", "",
		},
		"days in Chinese":              {rule, "邮箱,同意日期\na@example.com,2025年3月1日\nb@example.com,\n", "yes 2025-03-01 00:00, -", ""},
		"days in English":              {rule, "Email,Consent on\na@example.com,2025-03-01\nb@example.com,no\nc@example.com,2025-03-04\n", "yes 2025-03-01 00:00, no, yes 2025-03-04 00:00", ""},
		"a title of answers over days": {rule, "Email,Newsletter\na@example.com,2025-03-01\nb@example.com,\n", "yes 2025-03-01 00:00, -", ""},
		"who left": {
			dated, "Email,Unsubscribed at\na@example.com,\nb@example.com,2025-03-01\nc@example.com,no\nd@example.com,yes\n",
			"yes 2024-01-01 00:00, no 2025-03-01 23:59, yes 2024-01-01 00:00, no", "",
		},
		"who left, in words": {dated, "Email,Newsletter,Abgemeldet\na@example.com,ja,\nb@example.com,ja,ja\nc@example.com,ja,nein\n", "yes 2024-01-01 00:00, no, yes 2024-01-01 00:00", ""},
		"all of them":        {dated, "Email\na@example.com\n", "yes 2024-01-01 00:00", ""},
		"only a no":          {order.Consent{}, "Email,Newsletter\na@example.com,no\nb@example.com,\n", "no, -", ""},
	} {
		r := reads(t, intake.Buyers, intake.Options{Consent: c.rule}, c.list)
		if got := answersOf(r); got != c.want || said(r) != c.said {
			t.Errorf("%s: %s, want %s; said %s", name, got, c.want, said(r))
		}
	}
}

// Without any proof at all, nothing is taken in before the seller has said it.
func TestAYesWithoutProof(t *testing.T) {
	p := planned(t, intake.Buyers, intake.Options{}, "Email,Newsletter,Wann\na@example.com,yes,2025-03-01\nb@example.com,no,\n")
	_, err := p.Read()
	for _, want := range []string{"--consent-date", `--map "Wann=consent_date"`, "--consent-source", "--consent-wording", `--map "Newsletter=-"`} {
		if !strings.Contains(asks(t, err), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

// A second row of a person would overwrite the first one each time.
func TestAPersonStandsInAListTwice(t *testing.T) {
	rule := order.Consent{Source: "till", Wording: "offers", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
	r := reads(t, intake.Buyers, intake.Options{Consent: rule, Region: "DE"}, `Email,Phone,Orders,Newsletter
ann@example.com,,3,yes
Ann@Example.com,,5,no
,0171 2345678,1,
,+491712345678,1,
,+49 171 2345678,2,
bob@example.com,x,y,no
bob@example.com,,4,
`)
	var got []string
	for _, p := range r.People {
		got = append(got, fmt.Sprint(p.At.Row, p.Past.Orders, p.Consent.Withdrawn))
	}
	if s := strings.Join(got, ", "); s != "2 3 true, 4 1 false, 8 4 false" || r.Repeated != 1 {
		t.Errorf("%s, %d rows say the same", s, r.Repeated)
	}
	for _, want := range []string{"line 3: this person is in the list already, in line 2; the row is left out, but for the no to offers\n", "line 6: this person is in the list already, in line 4; the row is left out\n"} {
		if !strings.Contains(said(r), want) {
			t.Errorf("not said: %s\n%s", want, said(r))
		}
	}
}

// What is wrong with a date or a number is shown, also if it has the digits of a
// phone number; what is sure to be one is not.
func TestDigitsThatAreNoPhoneAreShown(t *testing.T) {
	p := planned(t, intake.Orders, intake.Options{Currency: "EUR"}, `Order,Status,Date,Total
20241122001,paid,2025-03-04,10
20241122001,paid,2025-03-04,11
2,paid,31-12-2025-10-20,10
3,paid,+4917112345678,10
4,paid,2025-03-04,12.34.56.78.90
5,paid,2025-03-04,10
`)
	r := readAll(t, p)
	want := `line 3, column D (Total): order "20241122001" stands in line 2 already, with another total
line 4, column C (Date): "31-12-2025-10-20" is no date that can be read
line 5, column C (Date): "***" is no date that can be read
line 6, column D (Total): "12.34.56.78.90" is no amount that can be read
`
	if got := said(r); got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	if columns, _ := p.Columns(1); columns[0].Sample[0] != "20241122001" {
		t.Errorf("shown as %s", columns[0].Sample)
	}
}

func TestTitlesOfTotals(t *testing.T) {
	for _, title := range []string{"实付款", "订单应付金额", "应付金额", "总价"} {
		p := planned(t, intake.Orders, intake.Options{}, "订单编号|订单状态|创建时间|"+title+"\n1|交易成功|2026-11-22|¥1,299.00\n2|交易成功|2026-11-22|12\n")
		if got := fieldsOf(p); got[3] != "total" || !p.Holds("total") || p.Holds("email") {
			t.Errorf("%s: %q", title, got)
		}
	}
}

// Old unpaid orders are history, and the seller is told so.
func TestUnpaidOrdersOfAListAreCounted(t *testing.T) {
	p := planned(t, intake.Orders, intake.Options{Currency: "EUR"}, "Order,Status,Date,Total\n1,offen,2025-03-04,10\n2,paid,2025-03-04,10\n")
	if r := readAll(t, p); len(r.Orders) != 2 || r.Unpaid != 1 {
		t.Errorf("%d orders, %d unpaid", len(r.Orders), r.Unpaid)
	}
	if columns, _ := p.Columns(1); columns[1].Sample[0] != "offen = unpaid, kept as history" {
		t.Error(columns[1].Sample)
	}
}
