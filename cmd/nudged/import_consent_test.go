package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

func TestAnswersAreRead(t *testing.T) {
	for want, words := range map[answer]string{
		answerYes:     "yes|Ja|OK|oui|sí|SI|aktiv|wahr|TRUE|1|x|✓|是|已同意|Subscribed|opted_in",
		answerNo:      "no|Nein|NO|non|falsch|FALSE|0|✗|否|不同意|退订|已退订|未订阅|无|Unsubscribed|NOT_SUBSCRIBED|abgemeldet|opted out",
		answerNone:    "|-|n/a| ",
		answerUnclear: "vielleicht|pending|ja, am Telefon|2025-01-02|?|是否",
	} {
		for _, w := range strings.Split(words, "|") {
			if got := answerOf(w); got != want {
				t.Errorf("%q: %d, want %d", w, got, want)
			}
		}
	}
}

// answersOf are what the people of a list said.
func answersOf(r *reader) string {
	var out []string
	for _, p := range r.people() {
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
	rule := consentRule{source: "till", wording: "offers please"}
	dated := rule
	dated.at = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rule             consentRule
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
		"only a no":          {consentRule{}, "Email,Newsletter\na@example.com,no\nb@example.com,\n", "no, -", ""},
	} {
		r := reads(t, &importPlan{kind: buyersList(), consent: c.rule}, c.list)
		if err := r.proved(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := answersOf(r); got != c.want || said(r) != c.said {
			t.Errorf("%s: %s, want %s; said %s", name, got, c.want, said(r))
		}
	}
}

// Without any proof at all, nothing is taken in before the seller has said it.
func TestAYesWithoutProof(t *testing.T) {
	r := reads(t, &importPlan{kind: buyersList()}, "Email,Newsletter,Wann\na@example.com,yes,2025-03-01\nb@example.com,no,\n")
	err := r.proved()
	if code(err) != exitUsage {
		t.Fatal(err)
	}
	for _, want := range []string{"--consent-date", `--map "Wann=consent_date"`, "--consent-source", "--consent-wording", `--map "Newsletter=-"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

// A second row of a person would overwrite the first one each time.
func TestAPersonStandsInAListTwice(t *testing.T) {
	rule := consentRule{source: "till", wording: "offers", at: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
	r := reads(t, &importPlan{kind: buyersList(), consent: rule, region: "DE"}, `Email,Phone,Orders,Newsletter
ann@example.com,,3,yes
Ann@Example.com,,5,no
,0171 2345678,1,
,+491712345678,1,
,+49 171 2345678,2,
bob@example.com,x,y,no
bob@example.com,,4,
`)
	var got []string
	for _, p := range r.people() {
		got = append(got, fmt.Sprint(p.at.row, p.Past.Orders, p.Consent.Withdrawn))
	}
	if s := strings.Join(got, ", "); s != "2 3 true, 4 1 false, 8 4 false" || r.remarks.repeated != 1 {
		t.Errorf("%s, %+v", s, r.remarks)
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
	r := reads(t, &importPlan{kind: ordersList(), currency: "EUR"}, `Order,Status,Date,Total
20241122001,paid,2025-03-04,10
20241122001,paid,2025-03-04,11
2,paid,31-12-2025-10-20,10
3,paid,+4917112345678,10
4,paid,2025-03-04,12.34.56.78.90
5,paid,2025-03-04,10
`)
	_ = r.orders()
	want := `line 3, column D (Total): order "20241122001" stands in line 2 already, with another total
line 4, column C (Date): "31-12-2025-10-20" is no date that can be read
line 5, column C (Date): "***" is no date that can be read
line 6, column D (Total): "12.34.56.78.90" is no amount that can be read
`
	if got := said(r); got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	if got := r.understood(0, r.sheets[0].rows[0]); got != "20241122001" {
		t.Errorf("shown as %s", got)
	}
}

func TestTitlesOfTotals(t *testing.T) {
	for _, title := range []string{"实付款", "订单应付金额", "应付金额", "总价"} {
		rows := [][]sheet.Value{cellsOf("1|交易成功|2026-11-22|¥1,299.00"), cellsOf("2|交易成功|2026-11-22|12")}
		if got := ordersList().guess([]string{"订单编号", "订单状态", "创建时间", title}, rows); got[3] != fieldTotal {
			t.Errorf("%s: %q", title, got)
		}
	}
}

// Old unpaid orders are history, and the seller is told so.
func TestUnpaidOrdersOfAListAreCounted(t *testing.T) {
	r := reads(t, &importPlan{kind: ordersList(), currency: "EUR"}, "Order,Status,Date,Total\n1,offen,2025-03-04,10\n2,paid,2025-03-04,10\n")
	if n := len(r.orders()); n != 2 || r.remarks.unpaid != 1 {
		t.Errorf("%d orders, %+v", n, r.remarks)
	}
	if got := r.understood(1, r.sheets[0].rows[0]); got != "offen = unpaid, kept as history" {
		t.Error(got)
	}
	var a answers
	if a.add(order.Consent{}); a.String() != "" {
		t.Error(a)
	}
}

func TestTheKindOfListIsAskedFor(t *testing.T) {
	for line, want := range map[string]bool{
		"import kunden.xlsx": true, "-c x.yaml import --dry-run Kunden.CSV": true, "import order x.csv": true,
		"import": false, "import buyers kunden.xlsx": false, "orders x.csv": false, "import nope": false,
	} {
		if err := whichList(strings.Fields(line)); (err != nil) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}
