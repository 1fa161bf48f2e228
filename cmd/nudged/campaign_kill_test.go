package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"nudged/cmd/nudged/control"
	"nudged/crawler/demoshop"
)

const crashPeople = 40

const crashConfig = `shops:
  - name: demo
    recipe: ./shop.yaml
    url: %s
    user: %s
    password: {file: password}
    zone: UTC
    visit: 10m
    soft_opt_in: true
    address: 1 Demo Road
reminders: {mode: live, steps: [{step: first, after: 1h, by: [email], template: gentle}]}
email: {host: 127.0.0.1, port: %d, security: none, from: Demo <shop@demo.example>}
data: data
key_file: key
`

// crashRun is a campaign of a nudged that is killed and started again.
type crashRun struct {
	t    *testing.T
	dir  string
	mail *sink
	slow *slowMail
	cmd  *exec.Cmd
}

// TestACampaignGoesOnAfterCrashes kills the daemon in the middle of a campaign, and
// once more, sends and stops it in between, and counts what has arrived.
func TestACampaignGoesOnAfterCrashes(t *testing.T) {
	t.Parallel()
	c := newCrashRun(t)
	c.start()
	c.until("the first visit", func() bool {
		return len(c.status("orders", "--status", "closed_unpaid", "--limit", "0")) == crashPeople
	})
	c.kill()
	for n := range 3 {
		c.nudged("campaign", "send", "back", "--yes") // a daemon that starts begins with what is due
		arrived := len(c.mail.caught())
		c.start()
		c.until("some mails", func() bool { return len(c.mail.caught()) >= min(arrived+3, crashPeople) })
		if n == 1 {
			c.stop()
		}
		c.kill()
	}
	c.nudged("campaign", "send", "back", "--yes")
	c.start()
	var last map[string]any
	c.until("its end", func() bool {
		all := c.status("campaign", "status", "back")
		if len(all) == 1 {
			last = all[0]
		}
		return last["waiting"] == float64(0)
	})
	c.until("the last mail", func() bool { return len(c.mail.caught())+c.unknown(last) >= crashPeople }) // it may be on its way
	c.judge(last)
	c.kill()
}

// unknown is of how many mails nobody knows whether they have arrived.
func (c *crashRun) unknown(last map[string]any) int {
	c.t.Helper()
	n := 0
	why, _ := last["why"].([]any)
	for _, one := range why {
		if m, ok := one.(map[string]any); ok && m["state"] == "unknown" {
			n += int(m["count"].(float64))
		} else {
			c.t.Errorf("some did not get it: %v", one)
		}
	}
	return n
}

// stop stops the campaign; one mail may be under way then. The mail server waits for
// that: where a program starts slowly, all would have gone out meanwhile.
func (c *crashRun) stop() {
	c.t.Helper()
	stopped := func() int {
		c.slow.gate.Lock()
		defer c.slow.gate.Unlock()
		c.nudged("campaign", "stop", "back")
		return len(c.mail.caught())
	}()
	if stopped == crashPeople {
		c.t.Error("it had ended before it was stopped: this shows nothing")
	}
	time.Sleep(500 * time.Millisecond)
	if got := len(c.mail.caught()); got > stopped+1 {
		c.t.Errorf("%d mails went out after it was stopped", got-stopped)
	}
}

func newCrashRun(t *testing.T) *crashRun {
	t.Helper()
	var orders []demoshop.Order
	for i := range crashPeople {
		orders = append(orders, demoshop.Order{
			ID: fmt.Sprint(100 + i), Number: fmt.Sprintf("N-%d", 100+i), Created: time.Now().Add(-time.Duration(100+i) * time.Hour).Truncate(time.Second), Status: demoshop.Cancelled,
			Name: fmt.Sprintf("Buyer %d", i), Email: fmt.Sprintf("b%d@buyers.example", i), Payment: "Card", Code: "EUR", Minor: 1200,
			Lines: []demoshop.Line{{Title: "Mug", SKU: "M", Quantity: 1, Minor: 1200}},
		})
	}
	shop, err := demoshop.Start(t.Context(), demoshop.Options{Orders: orders, PageSize: 50, Tame: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shop.Close() })
	c := &crashRun{t: t, dir: shortDir(t)}
	if c.mail, err = startSink(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.mail.Close() })
	c.slow = slowly(t, c.mail.port)
	for name, body := range map[string]string{
		"shop.yaml": string(demoshop.FormRecipe()), "password": shop.Password(),
		"config.yaml":         fmt.Sprintf(crashConfig, shop.URL, shop.User(), c.slow.port),
		"campaigns/back.yaml": "to: last.status == \"closed_unpaid\"\ntext: again\nby: [email]\nrate: 6000 per 1m\n",
	} {
		if err := writeFile(filepath.Join(c.dir, name), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(c.kill)
	return c
}

// slowMail is a mail server that takes its time: a campaign lasts some seconds, also
// when all of it is due at once, and a kill may come at any moment of a hand-over.
type slowMail struct {
	port int
	gate sync.RWMutex // locked, nothing passes
}

func slowly(t *testing.T, port int) *slowMail {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &slowMail{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				_ = from.Close()
				continue
			}
			go s.drip(to, from)
			go s.drip(from, to)
		}
	}()
	return s
}

func (s *slowMail) drip(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		time.Sleep(10 * time.Millisecond)
		s.gate.RLock()
		_, failed := to.Write(buf[:n])
		s.gate.RUnlock()
		if failed != nil || err != nil {
			return
		}
	}
}

func (c *crashRun) start() {
	c.t.Helper()
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	c.cmd = exec.Command("nudged", "run")
	c.cmd.Dir, c.cmd.Stderr = c.dir, log
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	// No command asks whether it is there: the one before has left its socket, so a
	// command would open the database itself, in the way of the daemon that starts.
	c.until("the daemon's socket", func() bool {
		conn, err := net.Dial("unix", control.Path(filepath.Join(c.dir, "data")))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// kill ends the daemon without a word.
func (c *crashRun) kill() {
	if c.cmd == nil || c.cmd.ProcessState != nil {
		return
	}
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	if c.t.Failed() {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.t.Logf("%s", log)
	}
}

func (c *crashRun) run(args ...string) error {
	cmd := exec.Command("nudged", args...)
	cmd.Dir = c.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("nudged %v: %w\n%s", args, err, out)
	}
	return nil
}

func (c *crashRun) nudged(args ...string) {
	c.t.Helper()
	if err := c.run(args...); err != nil {
		c.t.Fatal(err)
	}
}

// status is what a command says as JSON.
func (c *crashRun) status(args ...string) []map[string]any {
	c.t.Helper()
	cmd := exec.Command("nudged", append(args, "--json")...)
	cmd.Dir = c.dir
	out, err := cmd.Output()
	if err != nil {
		return nil // the daemon begins just now
	}
	var all []map[string]any
	if err := json.Unmarshal(out, &all); err != nil {
		c.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return all
}

func (c *crashRun) until(what string, done func() bool) {
	c.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%s never came; %d mails", what, len(c.mail.caught()))
		}
	}
}

// judge holds what has arrived against what the campaign says of itself.
func (c *crashRun) judge(last map[string]any) {
	c.t.Helper()
	got := map[string]int{}
	for _, m := range c.mail.caught() {
		if got[m.To]++; got[m.To] > 1 {
			c.t.Errorf("%s has it %d times", m.To, got[m.To])
		}
	}
	unknown := c.unknown(last)
	sent := int(last["sent"].(float64))
	switch {
	case sent != crashPeople || last["people"] != float64(crashPeople):
		c.t.Errorf("%d of %v people are said to have it, want %d", sent, last["people"], crashPeople)
	case len(got) < crashPeople-unknown || len(got) > crashPeople:
		c.t.Errorf("%d people have it, and of %d nobody knows: some of %d have none", len(got), unknown, crashPeople)
	case unknown > 3:
		c.t.Errorf("%d outcomes are unknown after three kills", unknown)
	}
}
