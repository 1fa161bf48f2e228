package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/demoshop"
	"nudged/notify"
	"nudged/store"
	"nudged/store/order"
)

const stopConfig = `shops:
  - {name: demo, recipe: ./shop.yaml, url: '%s', user: %s, password: {file: password}, zone: UTC, visit: 10m}
data: data
key_file: keys/key
`

// TestSIGTERMInMidVisit stops the daemon, a process of its own with a real
// Chrome, while the shop keeps it waiting for a page.
func TestSIGTERMInMidVisit(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM on Windows")
	}
	needBrowser(t)
	for _, c := range []struct {
		name, path string
		skip       int // requests of the path that are answered at once
		orders     int // read by then, at least
		details    int
	}{
		{"sign-in", "/admin/login", 0, 0, 0},
		{"second list page", "/api/orders", 1, 10, 0},
		{"details", "/admin/orders/", 3, 10, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := shortDir(t)
			shop, err := demoshop.Start(t.Context(), demoshop.Options{Password: canaryPassword})
			if err != nil {
				t.Fatal(err)
			}
			defer shop.Close()
			shop.Break(demoshop.Fault{Kind: demoshop.Slow, Path: c.path, Skip: c.skip, Delay: 2 * patience})
			for name, body := range map[string]string{
				"config.yaml": fmt.Sprintf(stopConfig, shop.URL, shop.User()), "shop.yaml": string(demoshop.Recipe()), "password": shop.Password(),
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			said, took := runUntil(t, dir, func() bool {
				asked := 0
				for _, r := range shop.Log() {
					if strings.HasPrefix(r.Path, c.path) {
						asked++
					}
				}
				return asked > c.skip
			})
			if took > stopDeadline {
				t.Errorf("stopping took %s", took)
			}
			if !strings.Contains(said, "msg=stopped") || strings.Contains(said, "level=ERROR") || strings.Contains(said, canaryPassword) {
				t.Errorf("it said:\n%s", said)
			}
			nothingLeft(t, dir)
			wholeDatabase(t, dir, c.orders, c.details)
		})
	}
}

// runUntil runs the daemon until something has come, sends SIGTERM, wants exit
// code 0 and gives what it said and how long it took to end.
func runUntil(t *testing.T, dir string, come func() bool) (said string, took time.Duration) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("nudged", "run")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), "HOME="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for deadline := time.Now().Add(patience); !come(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the visit never came to the slow page: %v, %v\n%s", cmd.Process.Kill(), <-done, out.String())
		}
	}
	time.Sleep(300 * time.Millisecond) // into the wait
	if runtime.GOOS == "linux" && len(processesOf(t, dir)) == 0 {
		t.Error("no Chrome runs, so its end would prove nothing")
	}
	begin := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("it ended with %v\n%s", err, out.String())
		}
	case <-time.After(stopDeadline + 10*time.Second):
		t.Fatalf("it did not end: %v, %v\n%s", cmd.Process.Kill(), <-done, out.String())
	}
	return out.String(), time.Since(begin)
}

// shortDir is a folder with a path so short that sockets may stand below it.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nd") //nolint:usetesting // that of the test is too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// processesOf lists the processes that name a directory in their command line.
func processesOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(name string) bool {
		line, err := os.ReadFile(name)
		return err != nil || !bytes.Contains(line, []byte(dir+"/")) // a process may end meanwhile
	})
}

func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); len(processesOf(t, dir)) > 0; time.Sleep(50 * time.Millisecond) { // killed, and not gone yet
		if time.Now().After(end) {
			t.Errorf("Chrome still runs: %v", processesOf(t, dir))
			break
		}
	}
	for _, pattern := range []string{"data/chrome/*", "data/nudged.sock"} {
		if left, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

// wholeDatabase opens the database as the next start would, and reads all of it.
func wholeDatabase(t *testing.T, dir string, orders, details int) {
	t.Helper()
	cfg, err := config.Load(filepath.Join(dir, "config.yaml"), config.Options{Texts: notify.LoadTexts})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a, err := openApp(t.Context(), cfg, appOptions{Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil)), Spider: newFakeShops(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	all, err := a.db.Orders(t.Context(), store.Filter{})
	looked := 0
	for _, o := range all {
		if !o.Looked.IsZero() {
			looked++
		}
		if o.ID == "" || o.Number == "" || o.Status == "" || o.Created.IsZero() || !o.Looked.IsZero() && len(o.Lines) == 0 {
			t.Errorf("half an order: %+v", o)
		}
	}
	if err != nil || len(all) < orders || looked < details {
		t.Errorf("%d orders are on record, %d with details, want %d and %d; %v", len(all), looked, orders, details, err)
	}
	last, ok, err := a.db.LastVisit("demo")
	if err != nil || !ok || last.Outcome == order.OK || last.Complete || last.Read != len(all) {
		t.Errorf("the visit that was stopped: %+v, %v", last, err)
	}
	if log.Len() > 0 {
		t.Errorf("opening it said:\n%s", log.String())
	}
}
