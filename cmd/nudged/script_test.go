package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nudged/crawler/browser"
	"nudged/crawler/demoshop"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nudged": func() { os.Exit(mainCode()) }})
}

// patience is how long a test waits for what has to come: a busy machine starts a
// program with a browser in a minute.
const patience = 3 * time.Minute

// TestScripts types what an operator types and reads what an operator sees. The
// program is a process of its own; the demo shop and a mail sink run here.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"shop":   shopCmd,
			"exits":  exitsCmd,
			"await":  awaitCmd,
			"mails":  mailsCmd,
			"mailed": mailedCmd,
			"config": configCmd,
			"web":    webCmd,
			"calls":  callsCmd,
		},
		Condition: func(cond string) (bool, error) {
			if cond != "chrome" {
				return false, fmt.Errorf("there is no condition %q", cond)
			}
			_, err := browser.Find("")
			if err != nil && strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), cond) {
				return false, err
			}
			return err == nil, nil
		},
		RequireExplicitExec: true,
	})
}

type fixture struct {
	shop *demoshop.Shop
	sink *sink
}

const fixtureKey = "fixture"

func setUp(env *testscript.Env) error {
	ctx, cancel := context.WithCancel(context.Background())
	env.Defer(cancel)
	shop, err := demoshop.Start(ctx, demoshop.Options{Password: "c4n4ry-password", Tame: true})
	if err != nil {
		return err
	}
	k, err := startSink(ctx)
	if err != nil {
		return err
	}
	env.Defer(func() { shop.Close(); k.Close() })
	// A socket's path is short: the working directory of a script is not.
	data, err := os.MkdirTemp("", "nd")
	if err != nil {
		return err
	}
	env.Defer(func() { os.RemoveAll(data) })
	env.Values[fixtureKey] = &fixture{shop, k}
	if err := os.WriteFile(env.WorkDir+"/shop.yaml", demoshop.FormRecipe(), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(env.WorkDir+"/want.yaml", example, 0o600); err != nil {
		return err
	}
	env.Setenv("DATA", data)
	env.Setenv("SHOP_URL", shop.URL)
	env.Setenv("SHOP_USER", shop.User())
	env.Setenv("SHOP_PASSWORD", shop.Password())
	env.Setenv("WRONG_PASSWORD", "c4n4ry-wrong")
	env.Setenv("SMTP_PORT", strconv.Itoa(k.port))
	listen, err := freeAddress()
	if err != nil {
		return err
	}
	env.Setenv("LISTEN", listen)
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/conf")
	return nil
}

// freeAddress is one that a script may listen on later. Its port is below those that
// systems give away by themselves, or it would be gone by then now and then.
func freeAddress() (string, error) {
	var err error
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 15_000+rand.IntN(15_000))
		l, failed := net.Listen("tcp", addr)
		if failed == nil {
			return addr, l.Close()
		}
		err = failed
	}
	return "", err
}

func fixtureOf(ts *testscript.TestScript) *fixture {
	f, ok := ts.Value(fixtureKey).(*fixture)
	if !ok {
		ts.Fatalf("no fixture")
	}
	return f
}

// shop pay|cancel|remove ID, shop add NAME EMAIL,
// shop add-phone NAME NUMBER, shop expire, shop sign-ins N,
// shop ask-code on|off, shop scan, shop refusals N, shop readonly, shop break KIND [STATUS [RETRY-AFTER]], shop mend.
func shopCmd(ts *testscript.TestScript, neg bool, args []string) {
	shop := fixtureOf(ts).shop
	count := func(got int) {
		if want, err := strconv.Atoi(args[1]); err != nil || got != want {
			ts.Fatalf("%s: %d, want %s", args[0], got, args[1])
		}
	}
	switch args[0] {
	case "pay":
		ts.Check(shop.Pay(args[1]))
	case "cancel":
		ts.Check(shop.Cancel(args[1]))
	case "remove":
		shop.Remove(args[1])
	case "add":
		o := shop.Add(demoshop.Order{Name: args[1], Email: args[2], Payment: "Card"})
		ts.Setenv("ID", o.ID)
	case "add-phone":
		o := shop.Add(demoshop.Order{Name: args[1], Phone: args[2], Payment: "Card"})
		ts.Setenv("ID", o.ID)
	case "break":
		f := demoshop.Fault{Kind: demoshop.Kind(args[1])}
		if len(args) > 2 {
			status, err := strconv.Atoi(args[2])
			ts.Check(err)
			f.Status = status
		}
		if len(args) > 3 {
			f.RetryAfter = args[3]
		}
		shop.Break(f)
	case "mend":
		shop.Mend()
	case "scan":
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if shop.Scan() > 0 {
				return
			}
		}
		ts.Fatalf("nobody shows the code to be scanned")
	case "ask-code":
		shop.AskCode(args[1] == "on")
	case "expire":
		shop.ExpireSessions()
	case "sign-ins":
		count(shop.SignIns())
	case "refusals":
		count(shop.Refusals())
	case "readonly":
		if w := shop.Writes(); len(w) > 0 {
			ts.Fatalf("the shop was written to: %v", w)
		}
	default:
		ts.Fatalf("shop %s?", args[0])
	}
}

// config FILE [EXTRA-LINE...]: a small config for the fixture.
func configCmd(ts *testscript.TestScript, _ bool, args []string) {
	text := fmt.Sprintf(`shops:
  - name: demo
    recipe: ./shop.yaml
    url: %s
    user: %s
    password: {env: SHOP_PASSWORD}
    zone: UTC
    visit: 10m
data: %s
`, ts.Getenv("SHOP_URL"), ts.Getenv("SHOP_USER"), ts.Getenv("DATA"))
	for _, line := range args[1:] {
		text += strings.NewReplacer("$SMTP", ts.Getenv("SMTP_PORT"), "$LISTEN", ts.Getenv("LISTEN"), `\n`, "\n").Replace(line) + "\n"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// exits CODE COMMAND...: runs a command and wants its exit code.
func exitsCmd(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		if _, scan := fmt.Sscanf(err.Error(), "exit status %d", &got); scan != nil {
			ts.Fatalf("%s: %v", args[1], err)
		}
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// await FILE TEXT: waits until a file holds a text.
func awaitCmd(ts *testscript.TestScript, _ bool, args []string) {
	var text []byte
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		text, _ = os.ReadFile(ts.MkAbs(args[0])) // it may not be there yet
		if strings.Contains(string(text), args[1]) {
			return
		}
	}
	ts.Fatalf("%s never held %q, but:\n%s", args[0], args[1], text)
}

// calls STATUS ADDRESS: asks it until the answer is that; 0 is nobody there.
func callsCmd(ts *testscript.TestScript, _ bool, args []string) {
	got := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		got = "0"
		if r, err := http.Get(args[1]); err == nil {
			got = strconv.Itoa(r.StatusCode)
			ts.Check(r.Body.Close())
		}
		if got == args[0] {
			return
		}
	}
	ts.Fatalf("%s answers %s, want %s", args[1], got, args[0])
}

// mails N [TEXT]: as many were caught, and one of them holds the text.
func mailsCmd(ts *testscript.TestScript, _ bool, args []string) {
	all := fixtureOf(ts).sink.caught()
	if strconv.Itoa(len(all)) != args[0] {
		ts.Fatalf("%d mails, want %s", len(all), args[0])
	}
	if len(args) > 1 && holding(ts, args[1]) == 0 {
		ts.Fatalf("no mail holds %q", args[1])
	}
}

// mailed N TEXT: of the mails that were caught as many hold the text.
func mailedCmd(ts *testscript.TestScript, _ bool, args []string) {
	if n := holding(ts, args[1]); strconv.Itoa(n) != args[0] {
		ts.Fatalf("%d mails hold %q, want %s", n, args[1], args[0])
	}
}

// holding counts the mails that hold a text.
func holding(ts *testscript.TestScript, text string) int {
	n := 0
	for _, m := range fixtureOf(ts).sink.caught() {
		l, err := m.open()
		ts.Check(err)
		if strings.Contains(l.Subject+"\n"+l.Text, text) {
			n++
		}
	}
	return n
}
