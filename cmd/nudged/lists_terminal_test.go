package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

// onTerminal types a command into an app that is open, as on a terminal of that
// width.
func (b *bench) onTerminal(width int, args ...string) (status int, out, said string) {
	b.t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(b.t.Context(), args, world{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, file: writeFile, now: b.now, tty: true, width: width, app: b.app,
		lookupEnv: func(string) (string, bool) { return "", false },
	})
	return status, stdout.String(), stderr.String()
}

// shopful is a shop with what makes lists hard: wide characters, hostile names,
// several currencies, people with several orders.
func shopful(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, t.TempDir(), testConfig(t, t.TempDir(), "pw", tail+"buyers: {levels: [{name: regular, orders: 2}]}\n", "a", "b"), newFakeShops(t), &fakeMail{})
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	now := b.now()
	one := func(shop, id string, status order.Status, days int, minor int64, currency, name, mail string) order.Order {
		at := now.AddDate(0, 0, -days)
		return order.Order{
			Shop: shop, ID: id, Number: "N-" + id, Status: status, StatusText: string(status), Created: at, Seen: at, Looked: at,
			Total: order.Money{Minor: minor, Currency: currency}, Lines: []order.Line{{Title: "=1+1 mug \x1b[2J", Quantity: 2}},
			Buyer: order.Buyer{Name: name, Email: order.Email(mail)}, Payment: "Bank transfer",
		}
	}
	for shop, orders := range map[string][]order.Order{
		"a": {
			one("a", "1", order.Unpaid, 0, 2000, "EUR", "王小明王小明王小明王小明王小明", "wang@buyers.example"),
			one("a", "2", order.Paid, 3, 5000, "EUR", "Ann\u202e Lee", "ann@buyers.example"),
			one("a", "3", order.Paid, 400, 7000, "EUR", "Bo", "bo@buyers.example"),
		},
		"b": {
			one("b", "4", order.Paid, 2, 900, "JPY", "Ann Lee", "ANN@buyers.example"),
			one("b", "5", order.ClosedUnpaid, 10, 100, "EUR", "Ann Lee", "ann@buyers.example"),
			one("b", "6", order.Unknown, 20, 0, "", "", ""),
		},
	} {
		v := order.Visit{Shop: shop, Kind: order.Scan, At: now, Ended: now, Orders: orders, Complete: true, Outcome: order.OK}
		if _, err := b.db.Record(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if _, err := b.db.Enable(t.Context(), shop, now); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Every list fits the terminal: wide characters count as two, and nothing that a
// buyer wrote moves the cursor.
func TestListsFitTheTerminal(t *testing.T) {
	t.Parallel()
	b := shopful(t)
	for _, width := range []int{80, 120, 200} {
		for _, args := range [][]string{
			{"orders"}, {"orders", "--columns", "number,name,lines,payment,total"}, {"orders", "--contacts"}, {"buyers"}, {"shops"}, {"buyers", "show", "Ann Lee"},
		} {
			status, out, said := b.onTerminal(width, args...)
			if status != exitDone {
				t.Fatalf("%v: exit code %d: %s", args, status, said)
			}
			for line := range strings.Lines(out) {
				line = strings.TrimRight(line, "\n")
				if w := table.Width(line); w > width && !strings.HasPrefix(line, "  ") {
					t.Errorf("%v on %d columns: %q is %d wide", args, width, line, w)
				}
				if strings.ContainsAny(line, "\x1b\u202e\r\t") {
					t.Errorf("%v: a control character reaches the terminal: %q", args, line)
				}
			}
		}
	}
}

// A page of a person adds up what two shops know, each currency for itself.
func TestAPersonsPage(t *testing.T) {
	t.Parallel()
	b := shopful(t)
	at := b.now().AddDate(0, 0, -1)
	r := order.Reminder{Key: order.ReminderKey{Order: order.Key{Shop: "b", ID: "5"}, Step: "first", Channel: order.ByEmail}, State: order.Planned, Planned: at, Due: at}
	if err := b.db.Plan(t.Context(), []order.Reminder{r}); err != nil {
		t.Fatal(err)
	}
	if err := b.db.Begin(t.Context(), r.Key, "", at, order.Limit{}); err != nil {
		t.Fatal(err)
	}
	r.State, r.Changed = order.Sent, at
	if err := b.db.Settle(t.Context(), r, order.Event{At: at, Key: r.Key, State: order.Sent}); err != nil {
		t.Fatal(err)
	}
	status, out, said := b.onTerminal(160, "buyers", "show", "b/N-4")
	if status != exitDone {
		t.Fatalf("exit code %d: %s", status, said)
	}
	wants(t, out,
		"Ann Lee\n", "  Contact        a***@buyers.example\n", "  Kind           regular; also customer, known\n",
		"  Orders         3 in a, b: 2 paid, 1 closed unpaid\n", "2 orders, 900 JPY + 50.00 EUR", "first by email",
		"  Written to     yes\n", "  Offers         not asked", "a/N-2", "b/N-4", "b/N-5",
	)
	if strings.Contains(out, "ann@") || strings.Contains(strings.ToLower(out), "wang") {
		t.Errorf("it tells too much:\n%s", out)
	}
	for _, c := range []struct {
		who    string
		status int
		says   string
	}{
		{"ann@buyers.example", exitDone, ""}, {"Lee", exitDone, ""}, {"N-1", exitDone, ""},
		{"b/N-6", exitFailed, "no contact is on record"}, {"N-99", exitFailed, "nobody called"}, {" ", exitUsage, "nobody is named"},
	} {
		status, _, said := b.onTerminal(100, "buyers", "show", c.who)
		if status != c.status || !strings.Contains(said, c.says) {
			t.Errorf("%q: exit code %d: %s", c.who, status, said)
		}
	}
}

// What a list of people chooses.
func TestPeopleAreChosen(t *testing.T) {
	t.Parallel()
	b := shopful(t)
	for _, c := range []struct {
		args string
		want string
	}{
		{"", "王 Ann Bo"},
		{"--kind regular", "Ann"}, {"--kind lapsed", "Bo"}, {"--kind potential", "王"}, {"--kind customer", "Ann Bo"}, {"--kind customer --kind potential", "王 Ann Bo"},
		{"--shop b", "Ann"}, {"--since 1d", "王"}, {"--until 300d", "Bo"}, {"--since 30d --until 1d", "Ann"},
		{"--min 60", "Ann Bo"}, {"--min 60EUR", "Bo"}, {"--min 1EUR --max 60EUR", "Ann"}, {"--min 500JPY", "Ann"}, {"--contact bo@buyers.example", "Bo"},
		{"--sort spent", "Bo Ann 王"}, {"--sort orders", "Ann 王 Bo"}, {"--sort last_order --reverse", "Bo Ann 王"}, {"--reverse", "Bo Ann 王"},
		{"--sort name --limit 2", "Ann Bo"}, {"--if buyer.paid>=2", "Ann"}, {"--if last.total<30", "王"},
	} {
		args := append([]string{"buyers", "--columns", "name"}, strings.Fields(c.args)...)
		status, out, said := b.onTerminal(0, args...)
		if status != exitDone {
			t.Errorf("%s: exit code %d: %s", c.args, status, said)
			continue
		}
		var got []string
		for line := range strings.Lines(out) {
			name := strings.Fields(line)[0]
			if strings.HasPrefix(name, "王") {
				name = "王"
			}
			got = append(got, name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.args, got, c.want)
		}
	}
}

// The next message of an order; a step that the config does not have goes out
// never.
func TestAnOrdersNextMessage(t *testing.T) {
	t.Parallel()
	b := shopful(t)
	key := order.Key{Shop: "a", ID: "1"}
	next := func() string {
		_, out, said := b.onTerminal(0, "orders", "--shop", "a", "--status", "unpaid", "--columns", "next")
		return out + said
	}
	old := order.Reminder{Key: order.ReminderKey{Order: key, Step: "old", Channel: order.ByEmail}, Planned: b.now().Add(time.Hour)}
	if err := b.db.Plan(t.Context(), []order.Reminder{old}); err != nil {
		t.Fatal(err)
	}
	if got := next(); got != "none: no longer in the config\n" {
		t.Errorf("%q", got)
	}
	if _, err := b.db.Enable(t.Context(), "a", b.now().Add(-48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := b.plan(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	reminders, err := b.db.Reminders(key)
	if err != nil || len(reminders) < 2 {
		t.Fatal(reminders, err)
	}
	planned := slices.MinFunc(slices.DeleteFunc(reminders, func(r order.Reminder) bool { return r.Key.Step == "old" }),
		func(x, y order.Reminder) int { return x.Due.Compare(y.Due) })
	want := planned.Key.Step + " by email, " + shortMoment(planned.Due.In(zoneOf(b.cfg, "a")), b.now())
	if got := next(); got != want+"\n" {
		t.Errorf("%q, want %q", got, want)
	}
}
