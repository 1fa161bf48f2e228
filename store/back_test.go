package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

func back(t testing.TB, db *store.DB, b order.Back) order.Answered {
	t.Helper()
	got, err := db.Back(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// sentOne is a database with one message out to Ann, by e-mail, and one of hers
// in another shop by SMS before it.
func sentOne(t testing.TB) (db *store.DB, mail, sms order.ReminderKey) {
	t.Helper()
	db = openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", "+8613800138000"), of("b", "2", "", "+8613800138000"), of("a", "9", "bob@example.com", "+8613911139111"))
	mail, sms = rkey("a", "1", "x"), rkey("b", "2", "x")
	sms.Channel = order.BySMS
	for _, k := range []order.ReminderKey{sms, mail} {
		if err := send(t, db, k, at(-time.Hour), order.Sent, order.Limit{}); err != nil {
			t.Fatal(err)
		}
	}
	return db, mail, sms
}

const (
	mailID = "1.x@shop.example"
	smsID  = "2.x@shop.example"
)

func suppressed(t testing.TB, db *store.DB, contact string) bool {
	t.Helper()
	b := order.Buyer{Email: order.Email(contact)}
	if !strings.Contains(contact, "@") {
		b = order.Buyer{Phone: order.Phone(contact)}
	}
	yes, _, err := db.Suppressed(b)
	if err != nil {
		t.Fatal(err)
	}
	return yes
}

func TestWhatCameBackFindsItsMessage(t *testing.T) {
	token := func(db *store.DB) string { return db.Token(order.Buyer{Email: "ann@example.com"}) }
	db, mail, sms := sentOne(t)
	none, ann := order.ReminderKey{}, order.Key{Shop: "a", ID: "1"}
	if token(db) == "" || token(db) == db.Token(order.Buyer{Email: "bob@example.com"}) || db.Token(order.Buyer{Phone: "+8613800138000"}) != "" {
		t.Errorf("token %q", token(db))
	}
	if mark := must(db.Fingerprint("unsubscribe", "ann@example.com")); token(db) != mark[:20] {
		t.Errorf("token %q is not the one that letters had until now", token(db))
	}
	for name, tc := range map[string]struct {
		b        order.Back
		reminder order.ReminderKey
		order    order.Key
	}{
		"by message":              {order.Back{State: order.Delivered, Message: "<" + mailID + ">"}, mail, ann},
		"by message of an SMS":    {order.Back{State: order.Delivered, Channel: order.BySMS, Message: smsID, Phone: "+1"}, sms, sms.Order},
		"message of the other":    {order.Back{State: order.Delivered, Channel: order.BySMS, Message: mailID}, none, order.Key{}},
		"by token":                {order.Back{State: order.OptedOut, Channel: order.ByEmail, Token: token(db)}, mail, ann},
		"by token, other message": {order.Back{State: order.OptedOut, Channel: order.ByEmail, Token: token(db), Message: "x@y"}, mail, ann},
		"by sender":               {order.Back{State: order.Replied, Channel: order.ByEmail, Email: " Ann@Example.com"}, mail, ann},
		"by number":               {order.Back{State: order.Replied, Channel: order.BySMS, Phone: "+86 138 0013 8000"}, sms, sms.Order},
		"by number without plus":  {order.Back{State: order.Replied, Channel: order.BySMS, Phone: "8613800138000"}, sms, sms.Order},
		"unknown message":         {order.Back{State: order.Replied, Message: "x@y", Email: "ann@example.com"}, none, ann},
		"person without message":  {order.Back{State: order.Replied, Email: "bob@example.com"}, none, order.Key{Shop: "a", ID: "9"}},
		"nobody":                  {order.Back{State: order.Replied, Email: "eve@example.com"}, none, order.Key{}},
		"nothing":                 {order.Back{State: order.Bounced}, none, order.Key{}},
		"token of nobody":         {order.Back{State: order.Replied, Token: strings.Repeat("ab", 10)}, none, order.Key{}},
		"broken token":            {order.Back{State: order.Replied, Token: "xyz"}, none, order.Key{}},
	} {
		tc.b.Ref = name
		got := back(t, db, tc.b)
		if !got.New || got.Reminder != tc.reminder || got.Order != tc.order {
			t.Errorf("%s: %+v", name, got)
		}
		again := back(t, db, tc.b)
		if want := got; again.New || again.Reminder != want.Reminder || again.Order != want.Order || again.Suppressed != want.Suppressed {
			t.Errorf("%s again: %+v", name, again)
		}
	}
	if all, err := db.Backs(t.Context(), at(0), at(time.Second)); err != nil || len(all) != 14 {
		t.Errorf("%d on record, %v", len(all), err)
	}
}

func TestStatesOfWhatCameBack(t *testing.T) {
	d, b, r, o := order.Delivered, order.Bounced, order.Replied, order.OptedOut
	for _, tc := range []struct {
		first order.State
		come  []order.State
		at    []int // minutes; nil: one after the other
		want  order.State
		lines string
	}{
		{order.Sent, []order.State{d}, nil, d, "sent delivered"},
		{order.Lost, []order.State{d}, nil, d, "unknown delivered"},
		{order.Lost, []order.State{b}, nil, b, "unknown bounced"},
		{order.Sent, []order.State{d, d}, nil, d, "sent delivered"},
		{order.Sent, []order.State{b, b}, nil, b, "sent bounced"},
		{order.Sent, []order.State{d, b}, nil, b, "sent delivered bounced"},
		{order.Sent, []order.State{b, d}, []int{2, 1}, b, "sent bounced delivered"},
		{order.Sent, []order.State{d, b}, []int{2, 1}, d, "sent delivered bounced"},
		{order.Sent, []order.State{b, d}, nil, d, "sent bounced delivered"},
		{order.Sent, []order.State{r, d}, nil, r, "sent replied delivered"},
		{order.Sent, []order.State{o, d, b, r}, nil, o, "sent opted out delivered bounced replied"},
		{order.Sent, []order.State{d, r, o}, nil, o, "sent delivered replied opted out"},
		{order.Sent, []order.State{r, r}, nil, r, "sent replied replied"},
		{order.Failed, []order.State{d}, nil, d, "failed delivered"},
		{order.Failed, []order.State{b}, nil, order.Failed, "failed bounced"},
		{order.Parked, []order.State{r}, nil, r, "parked replied"},
		{order.Skipped, []order.State{d}, nil, order.Skipped, "skipped delivered"},
	} {
		db := openNew(t)
		recordAllOf(t, db, of("a", "1", "ann@example.com", ""))
		k := rkey("a", "1", "x")
		if err := send(t, db, k, at(-time.Hour), tc.first, order.Limit{}); err != nil {
			t.Fatal(err)
		}
		for i, s := range tc.come {
			minute := i
			if tc.at != nil {
				minute = tc.at[i]
			}
			back(t, db, order.Back{State: s, Ref: string(rune('a' + i)), Message: mailID, At: at(time.Duration(minute-30) * time.Minute)})
		}
		if got := one(t, db, k); got.State != tc.want {
			t.Errorf("%s then %v at %v: %s, want %s", tc.first, tc.come, tc.at, got.State, tc.want)
		}
		events, err := db.LedgerOf(k.Order)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range events {
			lines = append(lines, string(e.State))
		}
		if got := strings.Join(lines, " "); got != tc.lines {
			t.Errorf("%s then %v: ledger %q, want %q", tc.first, tc.come, got, tc.lines)
		}
		if due := dueSteps(t, db, "", at(time.Hour), 0); (due != "") != (tc.want == order.Failed) {
			t.Errorf("%s then %v: due %q", tc.first, tc.come, due)
		}
	}
}

func TestOptOutsAndBouncesSuppress(t *testing.T) {
	const mail, phone = "ann@example.com", "+8613800138000"
	for name, tc := range map[string]struct {
		b    order.Back
		want []string
	}{
		"message":                    {order.Back{State: order.OptedOut, Message: mailID, Email: "else@example.com"}, []string{mail, phone}},
		"token":                      {order.Back{State: order.OptedOut, Token: "ann"}, []string{mail, phone}},
		"number":                     {order.Back{State: order.OptedOut, Channel: order.BySMS, Phone: phone}, []string{mail, phone}},
		"sender of a mail":           {order.Back{State: order.OptedOut, Channel: order.ByEmail, Email: mail}, []string{mail}},
		"sender, wrong message":      {order.Back{State: order.OptedOut, Channel: order.ByEmail, Email: mail, Message: "x@y"}, []string{mail}},
		"stranger":                   {order.Back{State: order.OptedOut, Email: "eve@example.com"}, []string{"eve@example.com"}},
		"nobody":                     {order.Back{State: order.OptedOut, Token: "nonsense"}, nil},
		"final bounce":               {order.Back{State: order.Bounced, Final: true, Message: mailID, Email: mail}, []string{mail, phone}},
		"final, without address":     {order.Back{State: order.Bounced, Final: true, Message: mailID}, nil},
		"final, without number":      {order.Back{State: order.Bounced, Final: true, Message: smsID}, []string{mail, phone}},
		"final of an SMS":            {order.Back{State: order.Bounced, Final: true, Message: smsID, Phone: phone}, []string{mail, phone}},
		"final, of another":          {order.Back{State: order.Bounced, Final: true, Message: mailID, Email: "else@example.com"}, nil},
		"final, message not ours":    {order.Back{State: order.Bounced, Final: true, Message: "x@y", Email: mail}, nil},
		"final, without message":     {order.Back{State: order.Bounced, Final: true, Email: mail}, nil},
		"bounce that may get better": {order.Back{State: order.Bounced, Message: mailID, Email: mail}, nil},
		"reply":                      {order.Back{State: order.Replied, Message: mailID, Words: "STOP"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			db, _, _ := sentOne(t)
			if tc.b.Token == "ann" {
				tc.b.Token = strings.ToUpper(db.Token(order.Buyer{Email: mail}))
			}
			tc.b.Ref = name
			if got := back(t, db, tc.b); got.Suppressed != (tc.want != nil) {
				t.Errorf("%+v", got)
			}
			for _, c := range []string{mail, phone, "eve@example.com", "else@example.com", "bob@example.com", "+8613911139111"} {
				if got := suppressed(t, db, c); got != slices.Contains(tc.want, c) {
					t.Errorf("%s suppressed: %v", c, got)
				}
			}
		})
	}
}

// A gateway may report before its own answer was settled.
func TestReportsThatAreFasterThanTheAnswer(t *testing.T) {
	db := openNew(t)
	recordAllOf(t, db, of("a", "1", "ann@example.com", "+8613800138000"))
	k := rkey("a", "1", "x")
	plan(t, db, planned(k, at(0)))
	if err := db.Begin(t.Context(), k, "", at(0), order.Limit{}); err != nil {
		t.Fatal(err)
	}
	early := back(t, db, order.Back{State: order.Bounced, Final: true, Ref: "1", Message: mailID, Email: "ann@example.com"})
	if early.Reminder != (order.ReminderKey{}) || early.Suppressed {
		t.Errorf("%+v", early)
	}
	if got := back(t, db, order.Back{State: order.Replied, Ref: "2", Email: "ann@example.com"}); got.Reminder != k {
		t.Errorf("%+v", got)
	}
	back(t, db, order.Back{State: order.Delivered, Ref: "3", Message: "of.another@shop.example"})
	if r := one(t, db, k); r.State != order.Sending {
		t.Fatalf("moved while it is handed over: %+v", r)
	}
	if err := db.Settle(t.Context(), order.Reminder{Key: k, State: order.Sent}, order.Event{Message: "<" + mailID + ">"}); err != nil {
		t.Fatal(err)
	}
	if r := one(t, db, k); r.State != order.Replied {
		t.Errorf("%+v", r)
	}
	if !suppressed(t, db, "ann@example.com") || !suppressed(t, db, "+8613800138000") {
		t.Error("the early bounce suppresses nobody")
	}
	got, err := db.BacksOf(k.Order)
	if err != nil || len(got) != 2 || got[0].Message != mailID || got[0].Answered.Reminder != k || !got[0].Answered.Suppressed {
		t.Errorf("%+v %v", got, err)
	}
	if events, err := db.LedgerOf(k.Order); err != nil || len(events) != 3 || events[0].Message != mailID {
		t.Errorf("%+v %v", events, err)
	}
}

func TestBackRefusesNonsense(t *testing.T) {
	db, _, _ := sentOne(t)
	for name, b := range map[string]order.Back{
		"no state": {Ref: "1"}, "a state of ours": {Ref: "1", State: order.Sent}, "no reference": {State: order.Replied},
	} {
		if got, err := db.Back(t.Context(), b); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if all, err := db.Backs(t.Context(), time.Time{}, time.Time{}); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestHandedAreWithoutReport(t *testing.T) {
	db, mail, sms := sentOne(t)
	old := rkey("a", "9", "old")
	old.Channel = order.BySMS
	if err := send(t, db, old, at(-9*time.Hour), order.Lost, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	check := func(channel order.Channel, since time.Time, want ...order.ReminderKey) {
		t.Helper()
		got, err := db.Handed(t.Context(), channel, since)
		if err != nil {
			t.Fatal(err)
		}
		var keys []order.ReminderKey
		for _, h := range got {
			keys = append(keys, h.Key)
			if h.Key == sms && (h.Phone != "+8613800138000" || h.Message != smsID || !h.At.Equal(at(-time.Hour))) {
				t.Errorf("%+v", h)
			}
		}
		if !slices.Equal(keys, want) {
			t.Errorf("%v, want %v", keys, want)
		}
	}
	check(order.BySMS, at(-24*time.Hour), old, sms)
	check(order.BySMS, at(-2*time.Hour), sms)
	check(order.ByEmail, at(-2*time.Hour), mail)
	back(t, db, order.Back{State: order.Delivered, Ref: "1", Message: smsID, Cost: order.Money{Minor: 5, Currency: "CNY"}})
	check(order.BySMS, at(-2*time.Hour))
	if events, err := db.LedgerOf(sms.Order); err != nil || len(events) != 2 || events[1].Cost != (order.Money{Minor: 5, Currency: "CNY"}) {
		t.Errorf("%+v %v", events, err)
	}
}
