//go:build linux

package browser_test

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
)

// A Chrome that runs but answers nothing is killed, so that the next visit
// starts another one.
func TestChromeHangs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.page("/fine", "<p>fine")
	const limit = 2 * time.Second
	cases := map[string]func(b *browser.Browser) error{
		"Get": func(b *browser.Browser) error {
			_, err := b.Get(t.Context(), "/fine", nil, nil, nil)
			return err
		},
		"SignIn": func(b *browser.Browser) error {
			_, err := b.SignIn(t.Context(), []recipe.Step{{Open: template(t, "/fine")}}, expander(nil))
			return err
		},
		"Storage": func(b *browser.Browser) error { // opens a tab
			_, err := b.Storage(t.Context(), "/fine")
			return err
		},
	}
	for name, ask := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			b := open(t, guardOf(t, s.URL), func(o *browser.Options) { o.StepTimeout, o.ProfileRoot = limit, root })
			eventually(t, "a first page", func() bool {
				_, err := b.Get(t.Context(), "/fine", nil, nil, nil)
				return err == nil
			})
			stop(t, root)
			begun := time.Now()
			if err := ask(b); !errors.Is(err, browser.ErrGone) {
				t.Errorf("%v, want %v", err, browser.ErrGone)
			}
			if took := time.Since(begun); took > patience {
				t.Errorf("it took %s", took)
			}
			if b.Alive() {
				t.Error("alive although it answers nothing")
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if left := processesUsing(root); len(left) > 0 {
				t.Errorf("processes left: %v", left)
			}
		})
	}
}

// stop stops the main process of the Chrome with a profile.
func stop(t *testing.T, profile string) {
	t.Helper()
	for _, pid := range processesUsing(profile) {
		line, err := os.ReadFile("/proc/" + pid + "/cmdline")
		if err != nil || strings.Contains(string(line), "--type=") {
			continue
		}
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(n, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
}
