package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/crawler/demoshop"
	"nudged/store"
)

// A first visit to a big shop is killed before its end: what it had read is on
// record, and the next visit goes on from there.
func TestKilledVisitKeepsItsParts(t *testing.T) {
	const orders = 600
	dir := t.TempDir()
	shop, err := demoshop.Start(t.Context(), demoshop.Options{Password: canaryPassword, Orders: demoshop.Many(orders, time.Now()), Tame: true})
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	for name, body := range map[string]string{
		"config.yaml": fmt.Sprintf(stopConfig, shop.URL, shop.User()) + "\n", "shop.yaml": string(demoshop.FormRecipe()), "password": shop.Password(),
	} {
		body = strings.Replace(body, "visit: 10m}", "visit: 10m, max_pages_per_hour: 5000}", 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shop.Break(demoshop.Fault{Kind: demoshop.Slow, Path: "/admin/orders/plain", Skip: 32, Delay: 2 * patience})
	killCrawl(t, dir, func() bool { return shop.Counts()["/admin/orders/plain"] > 32 })
	kept := recorded(t, dir)
	if kept < 200 || kept >= orders {
		t.Errorf("%d of the 320 orders that were read are on record", kept)
	}
	shop.Mend()
	shop.ResetLog()
	if said, err := crawlOf(dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if n := shop.Counts()["/admin/orders/plain"]; n > 45 {
		t.Errorf("the next visit read %d list pages", n)
	}
	if n := recorded(t, dir); n != orders {
		t.Errorf("%d of %d orders are on record in the end", n, orders)
	}
}

func crawlOf(dir string) *exec.Cmd {
	cmd := exec.Command("nudged", "crawl")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
	return cmd
}

func killCrawl(t *testing.T, dir string, when func() bool) {
	t.Helper()
	var out bytes.Buffer
	cmd := crawlOf(dir)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); !when(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			break
		}
	}
	err := cmd.Process.Kill()
	_ = cmd.Wait()
	if !when() || err != nil {
		t.Fatalf("the visit never came to the slow page: %v\n%s", err, &out)
	}
}

func recorded(t *testing.T, dir string) int {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(dir, "data", "nudged.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := db.Orders(t.Context(), store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
