package notify_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"nudged/notify"
	"nudged/store/order"
)

var (
	defined = regexp.MustCompile(`\{\{-?\s*define "([^"]+)"`)
	called  = regexp.MustCompile(`(?:template|say) "([^"]+)"`)
)

func namesIn(t *testing.T, file string, re *regexp.Regexp) []string {
	t.Helper()
	src, err := fs.ReadFile(notify.BuiltinTexts(), file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range re.FindAllStringSubmatch(string(src), -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A language that lacks a word would fail on the day that needs it.
func TestEveryLanguageHasAllWordsOfTheDigest(t *testing.T) {
	var layout, wanted []string
	for _, file := range []string{"digest.tmpl", "notice.tmpl"} {
		layout, wanted = append(layout, namesIn(t, file, defined)...), append(wanted, namesIn(t, file, called)...)
	}
	english := namesIn(t, "en/digest.tmpl", defined)
	for _, language := range []string{"en", "zh"} {
		words := namesIn(t, language+"/digest.tmpl", defined)
		if !slices.Equal(words, english) {
			t.Errorf("%s has other words than en:\n%q\n%q", language, words, english)
		}
		used := slices.Concat(wanted, namesIn(t, language+"/digest.tmpl", called))
		for _, name := range used {
			if !slices.Contains(words, name) && !slices.Contains(layout, name) {
				t.Errorf("%s: nobody defines %q", language, name)
			}
		}
		for _, name := range words {
			subject := strings.HasSuffix(name, "subject") || name == "lead" || name == "language" // asked for by the program
			if !subject && !slices.Contains(used, name) {
				t.Errorf("%s: nobody uses %q", language, name)
			}
		}
	}
}

func latin(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
}

// Each cause, kind and reason has words of its own in each language.
func TestTheDigestHasWordsForEverything(t *testing.T) {
	causes := []order.Cause{
		order.CausePaid, order.CauseClosed, order.CauseStatus, order.CauseNoContact, order.CauseSuppressed, order.CauseTooLate, order.CauseQuiet, order.CauseLook,
		order.CauseShop, order.CauseBudget, order.CauseSender, order.CauseText, order.CauseConfig, order.CauseBeforeEnabled, order.CauseZero, order.CauseTogether,
		order.CauseCrash, order.CauseStopping, order.CauseCondition, order.CausePayment, order.CauseTwice, order.CauseLimit, order.CauseSoldOut, order.CauseConsent,
		order.CauseBounce, order.CauseReplied, order.CauseCampaign,
	}
	for _, language := range []string{"en", "zh"} {
		holds := func(c order.Cause) string {
			f := notify.Facts{Language: language, From: evening.Add(-24 * time.Hour), To: evening, Mode: notify.Live, Holds: []notify.Hold{{Cause: c, Count: 7, Do: "-"}}}
			_, text, _, err := notify.RenderDigest(f)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		for _, c := range causes {
			text, bare := holds(c), string(c)
			if strings.Contains(text, "not go out "+bare+" (") || strings.Contains(text, "* 7 "+bare+"\n") || language == "zh" && strings.Contains(text, bare) {
				t.Errorf("%s: %q has no words:\n%s", language, c, text)
			}
		}
		f := quietDay()
		f.Language, f.Closed = language, busyDay().Closed
		for _, r := range notify.AllReasons() {
			f.Closed[0].Reasons = []notify.Reason{r}
			if _, text, _, err := notify.RenderDigest(f); err != nil || language == "zh" && strings.Contains(text, string(r)) {
				t.Errorf("%s: %q has no words: %v\n%s", language, r, err, text)
			}
		}
		for _, kind := range []string{notify.NeedRefused, notify.NeedTrial, notify.NeedWaits, notify.NeedLocked, notify.NeedLayout, notify.NeedMail, notify.NeedSMS, notify.NeedInbox} {
			_, text, _, err := notify.RenderNeed(notify.Need{Kind: kind, Recipe: "9"}, "", false, language)
			sentence := strings.Split(text, "\n")[2]
			if err != nil || len([]rune(sentence)) < 12 || language == "zh" && latin(strings.ReplaceAll(sentence, "nudged", "")) {
				t.Errorf("%s: %q has no words: %v\n%s", language, kind, err, text)
			}
		}
		for _, outcome := range []string{order.Refused, order.NeedsYou, order.Unavailable, order.LayoutChanged} {
			f := brokenShop()
			f.Language, f.Needs, f.Shops[1].Outcome = language, nil, outcome
			_, text, _, err := notify.RenderDigest(f)
			if err != nil || language == "zh" && strings.Contains(text, outcome) {
				t.Errorf("%s: %q has no words: %v\n%s", language, outcome, err, text)
			}
		}
	}
}

// The digest never tells a contact, and says by which ways there is one.
func TestTheDigestSaysHowABuyerCanBeReached(t *testing.T) {
	f := quietDay()
	for _, c := range []struct {
		ways []order.Channel
		step string
		want string
		stop order.Cause
	}{
		{[]order.Channel{order.ByEmail}, "", "sold out: yours to write", order.CauseSoldOut},
		{[]order.Channel{order.ByEmail}, "", "has answered: yours to write", order.CauseReplied},
		{[]order.Channel{order.ByEmail}, "", "not to be written to", order.CauseSuppressed},
		{[]order.Channel{order.ByEmail}, "", "no reminder to come · mail", order.CauseTooLate},
		{nil, "", "no contact: yours to write", ""},
		{[]order.Channel{order.ByEmail, order.BySMS}, "", "no reminder to come · mail, text message", ""},
		{nil, "last", "no contact: yours to write", ""}, // it will be left out
		{[]order.Channel{order.BySMS}, "last", "next: last, Sun 23:00 · text message", ""},
	} {
		f.Open[0].Ways, f.Open[0].NextStep, f.Open[0].Stopped = c.ways, c.step, c.stop
		if _, text, htm, err := notify.RenderDigest(f); err != nil || !strings.Contains(text, c.want) || !strings.Contains(htm, c.want) {
			t.Errorf("%q is missing: %v\n%s", c.want, err, text)
		}
	}
}

// A digest that somebody asks for in the middle of the day compares it with whole
// ones, and says so; a day of 23 hours is a whole one.
func TestADayThatIsNotOverIsToldSo(t *testing.T) {
	for hours, soFar := range map[int]bool{5: true, 23: false, 24: false, 25: false, 72: false} {
		f := quietDay()
		f.From = f.To.Add(time.Duration(-hours) * time.Hour)
		_, text, htm, err := notify.RenderDigest(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "Sat 21 Nov so far: 0 new") != soFar || strings.Contains(htm, "so far") != soFar {
			t.Errorf("%d hours:\n%s", hours, text)
		}
	}
}

// The picture must say what the numbers say.
func TestThePictureOfTheDays(t *testing.T) {
	f := quietDay()
	f.Days = f.Days[:3]
	f.Days[0] = notify.DayCount{Day: f.Days[0].Day, Recovered: 1000, Paid: 1, Closed: 500}
	f.Days[1] = notify.DayCount{Day: f.Days[1].Day}
	f.Days[2] = notify.DayCount{Day: f.Days[2].Day, New: 3, Closed: 750}
	_, text, htm, err := notify.RenderDigest(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"█▁▁  1,000 paid after a reminder", "▆▁█  1,250 closed unpaid", "▁▁█  3 new unpaid", "█▁▁  1 paid without one"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	var heights []string
	for _, m := range regexp.MustCompile(`class="bar-(\w+)"[^>]*height:(\d+)px`).FindAllStringSubmatch(htm, -1) {
		heights = append(heights, m[1]+" "+m[2])
	}
	if want := []string{"closed 31", "paid 3", "recovered 63", "closed 47"}; !slices.Equal(heights, want) { // 1501 orders are 96 pixels
		t.Errorf("heights %q, want %q", heights, want)
	}
}

// Sums of several currencies stand in one order all over the digest.
func TestTheDigestKeepsOneOrderOfCurrencies(t *testing.T) {
	f := quietDay()
	eur := order.Money{Minor: 1000, Currency: "EUR"}
	f.AtRisk, f.NewCount, f.Cost = sums(cny(56700), eur), 2, sums(eur, cny(200))
	f.Recovered = []notify.OrderLine{f.Open[0], f.Open[0], f.Open[0]}
	f.Recovered[0].Total, f.Recovered[1].Total = eur, eur
	_, text, _, err := notify.RenderDigest(f)
	if err != nil || strings.Contains(text, "€10.00 + CNY") || strings.Contains(text, "€20.00 + CNY") || !strings.Contains(text, "CNY 567.00 + €20.00") {
		t.Errorf("%v\n%s", err, text)
	}
}
