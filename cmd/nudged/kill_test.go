package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/demoshop"
	"nudged/store"
	"nudged/store/order"
)

// The kill run: nudged works for a shop that sells while it is killed with
// SIGKILL at random moments and started again, and, in a long run, while the mail server and the
// gateway for text messages fail in all the ways that they have. Then the shop's
// own list, the database and what the two have taken are held against each other:
//
//	every order is in the database;
//	nothing was taken twice, and nothing for an order paid before its reminder was due;
//	every due reminder that was not being handed over at a kill or fault was taken exactly once;
//	every one whose outcome nobody can know is listed as unknown, and was not sent again;
//	one that was turned down is given up, one that was put off went out later.
//
// The long run: go test ./cmd/nudged -run TestKill$ -kills 500 -timeout 3h -v
var (
	kills    = flag.Int("kills", 3, "how often TestKill kills a running nudged")
	killSeed = flag.Uint64("kill-seed", 0, "seed of TestKill; 0 takes the clock")
)

const killStep = 3 * time.Second // a reminder is due so long after its order

func TestKill(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	k := newKillRun(t, rand.New(rand.NewPCG(seed, 1)))

	k.start()
	k.waitFor("two visits", 3*time.Minute, func() bool { return k.visits() > 1 })
	// The first one is on record then. Times of this shop have no fractions: its orders
	// must not look older than that.
	time.Sleep(1500 * time.Millisecond)
	stopSelling := k.sell()
	for n := range *kills {
		time.Sleep(k.life())
		if k.rng.IntN(5) == 0 {
			k.shop.ExpireSessions()
		}
		k.kill(n)
		k.start()
	}
	time.Sleep(3 * time.Second)
	stopSelling()
	k.mail.calm()
	k.sms.calm()
	defer time.AfterFunc(6*time.Minute-5*time.Second, k.tellWaiting).Stop()
	k.waitFor("an empty outbox", 6*time.Minute, k.idle)
	k.terminate()
	k.judge()
}

// life is how long nudged lives before the next kill: often less than a visit
// takes, often long enough for visits to end and reminders to go out.
func (k *killRun) life() time.Duration {
	if k.rng.IntN(2) == 0 {
		return time.Duration(3000+k.rng.IntN(5000)) * time.Millisecond
	}
	return time.Duration(50+k.rng.IntN(3000)) * time.Millisecond
}

func needBrowser(t *testing.T) {
	t.Helper()
	if _, err := browser.Find(""); err == nil {
		return
	} else if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), "chrome") {
		t.Fatal(err)
	} else {
		t.Skip(err)
	}
}

type killRun struct {
	t    *testing.T
	rng  *rand.Rand
	shop *demoshop.Shop
	mail *arrivals
	sms  *arrivals

	dir, bin, conf string
	cmd            *exec.Cmd
	done           chan error

	inFlight map[order.ReminderKey]bool // being handed over when nudged was killed
	killed   int                        // kills inside a hand-over

	mu     sync.Mutex
	nth    map[string]int // the number of an order's buyer
	paidAt map[string]time.Time
	early  map[string]bool // paid before their reminder was due
}

// faulty is how many messages have one that fails at its first try, in a run that is
// long: after a fault a side is left alone for a minute and more.
func faulty() int {
	if *kills < 40 {
		return 0
	}
	return 4
}

func newKillRun(t *testing.T, rng *rand.Rand) *killRun {
	t.Helper()
	needBrowser(t)
	dir := t.TempDir()
	shop, err := demoshop.Start(t.Context(), demoshop.Options{Orders: []demoshop.Order{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shop.Close() })
	k := &killRun{
		t: t, rng: rng, shop: shop, dir: dir,
		mail: newArrivals(rng.Uint64(), faulty(), putOff, turned, hangs, drops),
		sms:  newArrivals(rng.Uint64(), faulty(), putOff, turned, hangs, drops, failsNow, failsLate),
		bin:  filepath.Join(dir, "nudged"), conf: filepath.Join(dir, "config.yaml"),
		inFlight: map[order.ReminderKey]bool{}, nth: map[string]int{}, paidAt: map[string]time.Time{}, early: map[string]bool{},
	}
	if out, err := exec.Command("go", "build", "-o", k.bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	k.write("recipe.yaml", killRecipe())
	k.write("config.yaml", fmt.Sprintf(killConfig, k.shop.URL, k.shop.User(), killStep, startCountingSink(t, k.mail), startGateway(t, k.sms)))
	t.Cleanup(func() {
		if k.cmd != nil && k.cmd.ProcessState == nil {
			_ = k.cmd.Process.Kill()
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("the end of nudged's log:\n%s", log[max(0, len(log)-6000):])
		}
	})
	return k
}

const killConfig = `
shops:
  - name: demo
    recipe: ./recipe.yaml
    url: %s
    user: %s
    password: {env: KILL_PASSWORD}
    zone: UTC
    visit: "@every 1s"
    max_pages_per_hour: 100000
    contact: help@shop.example
reminders:
  mode: live
  steps:
    - {step: first, after: %s, by: [sms, email], template: gentle, max_lateness: 2h}
email:
  host: 127.0.0.1
  port: %d
  security: none
  from: shop@nudged.test
sms:
  provider: http
  http: {url: '%s/send', headers: {Content-Type: text/plain}, body: '{to} {text}', accept: '^taken', id: 'id=(\w+)'}
digest: {at: "0 21 * * *", to: [seller@nudged.test]}
data: ./data
`

func (k *killRun) write(name, text string) {
	k.t.Helper()
	if err := os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

func (k *killRun) start() {
	k.t.Helper()
	log, err := os.OpenFile(filepath.Join(k.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		k.t.Fatal(err)
	}
	defer log.Close()
	k.cmd = exec.Command(k.bin, "run", "--config", k.conf)
	k.cmd.Dir, k.cmd.Stdout, k.cmd.Stderr = k.dir, log, log
	k.cmd.Env = append(os.Environ(), "KILL_PASSWORD="+k.shop.Password(), "HOME="+k.dir,
		"XDG_CONFIG_HOME="+filepath.Join(k.dir, "conf"), "XDG_STATE_HOME="+filepath.Join(k.dir, "state"))
	if err := k.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func(cmd *exec.Cmd) { done <- cmd.Wait() }(k.cmd)
	k.done = done
}

// kill ends nudged as a power cut would, and notes what it was handing over.
func (k *killRun) kill(n int) {
	k.t.Helper()
	select {
	case err := <-k.done:
		k.t.Fatalf("nudged ended by itself before kill %d: %v", n, err)
	default:
	}
	if err := k.cmd.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	if err := <-k.done; err == nil {
		k.t.Fatal("nudged ended by itself just before it was killed")
	}
	inside := false
	k.read(func(db *store.DB) {
		for key, r := range k.reminders(db) {
			if r.State == order.Sending {
				k.inFlight[key], inside = true, true
			}
		}
	})
	if inside {
		k.killed++
	}
}

// terminate asks nudged to stop, as a service manager does.
func (k *killRun) terminate() {
	k.t.Helper()
	if err := k.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		k.t.Fatal(err)
	}
	select {
	case err := <-k.done:
		if err != nil {
			k.t.Errorf("after SIGTERM nudged ended with %v", err)
		}
	case <-time.After(25 * time.Second):
		k.t.Error("nudged did not stop within 25 s of SIGTERM")
		k.t.Logf("killed: %v, %v", k.cmd.Process.Kill(), <-k.done)
	}
}

func (k *killRun) waitFor(what string, limit time.Duration, ok func() bool) {
	k.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if ok() {
			return
		}
		select {
		case err := <-k.done:
			k.t.Fatalf("nudged ended by itself while waiting for %s: %v", what, err)
		default:
		}
	}
	k.t.Fatalf("no %s within %s", what, limit)
}

// idle reports whether every unpaid order's reminder was taken, but for those whose
// outcome a kill or a fault made unknown, or that were turned down.
func (k *killRun) idle() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, o := range k.shop.Orders() {
		_, paid := k.paidAt[o.ID]
		side, who := k.side(o.ID)
		f := side.failed(who)
		if !paid && side.count(who) == 0 && !k.inFlight[k.firstStep(o.ID)] && !f.unclear() && f != turned {
			return false
		}
	}
	return true
}

// read opens the database while nudged is not running.
func (k *killRun) read(f func(*store.DB)) {
	k.t.Helper()
	db, err := store.Open(k.t.Context(), filepath.Join(k.dir, "data", "nudged.db"), store.Options{})
	if err != nil {
		k.t.Fatalf("open the database after a kill: %v", err)
	}
	defer db.Close()
	f(db)
}

func (k *killRun) reminders(db *store.DB) map[order.ReminderKey]order.Reminder {
	all := map[order.ReminderKey]order.Reminder{}
	for _, o := range k.shop.Orders() {
		rs, err := db.Reminders(order.Key{Shop: "demo", ID: o.ID})
		if err != nil {
			k.t.Fatalf("reminders of %s: %v", o.ID, err)
		}
		for _, r := range rs {
			all[r.Key] = r
		}
	}
	return all
}
