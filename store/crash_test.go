package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/store"
	"nudged/store/order"
)

// crashEnv makes the test binary the victim of TestKilledAtAnyMoment: it names
// the database that it works on.
const crashEnv = "NUDGED_TEST_CRASH_DB"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		fmt.Println("failed", victim(context.Background(), path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// victim works until it is killed, and says on its standard output what it was
// told is safe. Steps are named after the process, so that no two runs share one.
func victim(ctx context.Context, path string) error {
	db, err := store.Open(ctx, path, store.Options{Key: key(7)})
	if err != nil {
		return err
	}
	lost, err := db.Recover(ctx, noon)
	if err != nil {
		return err
	}
	for _, r := range lost {
		fmt.Println("lost", r.Key.Order.ID)
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("%d-%d", os.Getpid(), i)
		fmt.Println("try", id)
		if err := oneOrder(ctx, db, id); err != nil {
			return err
		}
	}
}

func oneOrder(ctx context.Context, db *store.DB, id string) error {
	o := unpaid("s", id, noon)
	if _, err := db.Record(ctx, scanOf("s", noon, o)); err != nil {
		return err
	}
	fmt.Println("recorded", id)
	k := rkey("s", id, "first")
	if err := db.Plan(ctx, []order.Reminder{planned(k, noon)}); err != nil {
		return err
	}
	fmt.Println("planned", id)
	if err := db.Begin(ctx, k, "", noon, order.Limit{}); err != nil {
		return err
	}
	fmt.Println("begun", id)
	if err := db.Settle(ctx, order.Reminder{Key: k, State: order.Sent}, order.Event{At: noon, Message: id + "@x"}); err != nil {
		return err
	}
	fmt.Println("sent", id)
	if _, err := db.Back(ctx, optOut(id)); err != nil {
		return err
	}
	fmt.Println("answered", id)
	return nil
}

// optOut is the answer to the message to an order.
func optOut(id string) order.Back {
	return order.Back{State: order.OptedOut, Ref: "answer to " + id, Message: id + "@x", Words: "stop"}
}

// Killed at any moment, the file is whole and holds all that was acknowledged.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel() // it waits for the disk
	path := filepath.Join(t.TempDir(), "data", "nudged.db")
	said := map[string]string{} // id: the last thing that was said of it
	const kills = 10
	for _, n := range rand.Perm(kills) { // spread over all lengths, so that the victim gets something done in each run
		killOnce(t, path, said, n*8+rand.IntN(8))
		checkAfterKill(t, path, said)
	}
	count := map[string]int{}
	for _, what := range said {
		count[what]++
	}
	t.Logf("after %d kills: %v", kills, count)
	if count["answered"] < kills {
		t.Errorf("the victim got little done: %v", count)
	}
}

func killOnce(t *testing.T, path string, said map[string]string, lines int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// After so many lines and a moment more, so that a busy machine changes nothing;
	// 0 lines hits the opening.
	listen(t, out, said, lines, func() {
		time.AfterFunc(time.Duration(rand.IntN(3000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
	})
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) {
		t.Fatalf("the victim ended with %v", err)
	}
}

func listen(t *testing.T, out io.Reader, said map[string]string, lines int, then func()) {
	t.Helper()
	in := bufio.NewReader(out)
	for n := 0; ; n++ {
		if n == lines {
			then()
		}
		line, err := in.ReadString('\n')
		if err != nil { // a line cut by the kill was never said
			return
		}
		what, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		if what == "failed" {
			t.Fatalf("the victim: %s", id)
		}
		said[id] = what
	}
}

func checkAfterKill(t *testing.T, path string, said map[string]string) {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && len(said) == 0 {
		return // killed before there was a database
	}
	db, err := store.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	states := map[string][]order.State{
		"planned": {order.Planned, order.Sending}, "begun": {order.Sending, order.Sent, order.Lost}, "sent": {order.Sent, order.OptedOut},
		"lost": {order.Lost}, "answered": {order.OptedOut},
	}
	for id, what := range said {
		k := rkey("s", id, "first")
		if what == "try" {
			continue
		}
		if o := get(t, db, k.Order); o.Buyer.Email != order.Email("ann"+id+"@example.com") {
			t.Errorf("%s was %s; its contact is %q", id, what, o.Buyer.Email.Reveal())
		}
		if want := states[what]; want != nil {
			checkState(t, db, k, want)
		}
		if what == "sent" || what == "answered" {
			checkAnswer(t, db, k, what == "answered")
		}
	}
}

func checkState(t *testing.T, db *store.DB, k order.ReminderKey, want []order.State) {
	t.Helper()
	got := one(t, db, k).State
	ok := false
	for _, s := range want {
		ok = ok || s == got
	}
	events, err := db.LedgerOf(k.Order)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[order.State]int{order.Sent: 1, order.Lost: 1, order.OptedOut: 2}
	if !ok || len(events) != lines[got] {
		t.Errorf("%s is %s, want one of %v; %d lines in the ledger", k, got, want, len(events))
	}
}

// checkAnswer reads the mailbox again after the kill: the answer is there once, with
// all that follows from it.
func checkAnswer(t *testing.T, db *store.DB, k order.ReminderKey, told bool) {
	t.Helper()
	kept := one(t, db, k).State == order.OptedOut
	if yes := suppressed(t, db, "ann"+k.Order.ID+"@example.com"); yes != kept || told && !kept {
		t.Errorf("%s: answered %v, kept %v, suppressed %v", k, told, kept, yes)
	}
	if got := back(t, db, optOut(k.Order.ID)); got.New == kept || got.Reminder != k || !got.Suppressed {
		t.Errorf("%s: read again: %+v", k, got)
	}
	all, err := db.BacksOf(k.Order)
	if err != nil || len(all) != 1 || all[0].Words != "stop" {
		t.Errorf("%s: on record %+v, %v", k, all, err)
	}
	checkState(t, db, k, []order.State{order.OptedOut})
}
