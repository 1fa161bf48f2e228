package browser_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
)

// orphanVariable makes the test binary a program that opens a browser, says so
// and waits to be killed.
const orphanVariable = "NUDGED_TEST_ORPHAN"

func beOrphaned(root string) {
	guard := recipe.NewGuard(&url.URL{Scheme: "http", Host: "127.0.0.1"}, nil, nil, nil)
	_, err := browser.Open(context.Background(), browser.Options{ProfileRoot: root, LoopbackOnly: true}, guard)
	if err != nil {
		_, _ = os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString("open\n")
	select {}
}

func profiles(t *testing.T, root string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func TestOpenAndClose(t *testing.T) {
	t.Setenv("NUDGED_CANARY", "canary")
	s := newSite(t)
	s.page("/{$}", "<title>hello</title><p>shop")
	b := open(t, guardOf(t, s.URL))
	dirs := profiles(t, profileRoot)
	if len(dirs) != 1 {
		t.Fatalf("profiles %q, want one", dirs)
	}
	if info, err := os.Stat(dirs[0]); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("profile has mode %v, %v", info.Mode(), err)
	}
	p, err := b.Get(t.Context(), "", nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != 200 || p.Type != "text/html" || p.URL != s.URL+"/" || !strings.Contains(string(p.Body), "<p>shop") || p.At.IsZero() || p.Header.Get("Content-Type") == "" {
		t.Errorf("page %d %s %s %v\n%s", p.Status, p.Type, p.URL, p.Header, p.Body)
	}
	agent, err := b.UserAgent(t.Context())
	if err != nil || !strings.Contains(agent, "Chrome/") {
		t.Errorf("User-Agent %q, %v", agent, err)
	}
	for _, pid := range processesUsing(dirs[0]) {
		if env, err := os.ReadFile("/proc/" + pid + "/environ"); err == nil && strings.Contains(string(env), "canary") {
			t.Error("chrome has our environment")
		}
	}
	if !b.Alive() {
		t.Error("an open browser is not alive")
	}
	for range 2 {
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if b.Alive() {
		t.Error("a closed browser is alive")
	}
	if left := processesUsing(dirs[0]); len(left) > 0 {
		t.Errorf("processes left after Close: %v", left)
	}
	if left := profiles(t, profileRoot); len(left) > 0 {
		t.Errorf("profiles left after Close: %v", left)
	}
	if _, err := b.Get(t.Context(), "/", nil, nil, nil); !errors.Is(err, browser.ErrGone) {
		t.Errorf("Get after Close: %v", err)
	}
}

func TestOpenFails(t *testing.T) {
	guard := guardOf(t, "http://127.0.0.1/")
	if _, err := browser.Open(t.Context(), browser.Options{ProfileRoot: profileRoot}, nil); err == nil {
		t.Error("a browser was opened without a guard")
	}
	_, err := browser.Open(t.Context(), browser.Options{Path: "/no/such/chrome", ProfileRoot: profileRoot}, guard)
	if err == nil || !strings.Contains(err.Error(), `the configured browser "/no/such/chrome" can not be run`) {
		t.Error(err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	broken := filepath.Join(t.TempDir(), "chrome")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho libnss3.so: cannot open shared object file >&2\nexit 127\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = browser.Open(t.Context(), browser.Options{Path: broken, ProfileRoot: profileRoot}, guard)
	if err == nil || !strings.Contains(err.Error(), "libnss3.so: cannot open shared object file") {
		t.Errorf("what a chrome that does not start says: %v", err)
	}
	chrome(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := browser.Open(ctx, browser.Options{ProfileRoot: profileRoot}, guard); !errors.Is(err, context.Canceled) {
		t.Errorf("opened with a cancelled context: %v", err)
	}
	if left := profiles(t, profileRoot); len(left) > 0 {
		t.Errorf("profiles left: %v", left)
	}
}

// The end of the context that Open was given is the end of Chrome.
func TestContextEnds(t *testing.T) {
	path := chrome(t)
	ctx, cancel := context.WithCancel(t.Context())
	b, err := browser.Open(ctx, browser.Options{Path: path, ProfileRoot: profileRoot, LoopbackOnly: true}, guardOf(t, "http://127.0.0.1/"))
	if err != nil {
		t.Fatal(err)
	}
	dir := profiles(t, profileRoot)[0]
	cancel()
	eventually(t, "chrome's end", func() bool { return len(processesUsing(dir)) == 0 })
	if b.Alive() {
		t.Error("still alive")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestCrash(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	s := newSite(t)
	s.page("/fine", "<p>fine")
	s.mux.HandleFunc("/hangs", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	b := open(t, guardOf(t, s.URL), func(o *browser.Options) { o.StepTimeout = 2 * patience })
	if _, err := b.Get(t.Context(), "/fine", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	dir := profiles(t, profileRoot)[0]

	// one page: the next one opens in a new tab
	if _, err := b.Get(t.Context(), "chrome://crash", nil, nil, nil); err == nil {
		t.Error("a chrome: address was opened")
	}
	for _, pid := range processesUsing("--type=renderer") {
		if line, _ := os.ReadFile("/proc/" + pid + "/cmdline"); strings.Contains(string(line), dir) {
			kill(t, pid)
		}
	}
	eventually(t, "a page after its renderer was killed", func() bool {
		p, err := b.Get(t.Context(), "/fine", nil, nil, nil)
		return err == nil && strings.Contains(string(p.Body), "fine")
	})

	// all of it, in the middle of a page
	failed := make(chan error, 1)
	go func() {
		_, err := b.Get(context.Background(), "/hangs", nil, nil, nil)
		failed <- err
	}()
	eventually(t, "the request", func() bool { return len(s.reached("GET /hangs")) > 0 })
	for _, pid := range processesUsing(dir) {
		if line, _ := os.ReadFile("/proc/" + pid + "/cmdline"); !strings.Contains(string(line), "--type=") {
			kill(t, pid)
		}
	}
	select {
	case err := <-failed:
		if !errors.Is(err, browser.ErrGone) {
			t.Errorf("Get while chrome is killed: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Get still waits for a chrome that is gone")
	}
	if b.Alive() {
		t.Error("alive without a process")
	}
	if _, err := b.Cookies(t.Context()); !errors.Is(err, browser.ErrGone) {
		t.Errorf("Cookies: %v", err)
	}
	if _, err := b.SignIn(t.Context(), nil, nil); !errors.Is(err, browser.ErrGone) {
		t.Errorf("SignIn: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func kill(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(n)
	if err != nil {
		t.Fatal(err)
	}
	_ = p.Kill() // it may be gone already
}

// Chrome goes with a program that is killed, and its profile with the next
// Open; the profile of a program that lives stays.
func TestKilledProgram(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	chrome(t)
	root := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orphanVariable+"="+root)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "open\n" {
		t.Fatalf("the program says %q, %v", line, err)
	}
	if len(processesUsing(root)) < 3 || len(profiles(t, root)) != 1 {
		t.Fatalf("no chrome to be left behind: %v %v", processesUsing(root), profiles(t, root))
	}
	b := open(t, guardOf(t, "http://127.0.0.1/"), func(o *browser.Options) { o.ProfileRoot = root })
	if n := len(profiles(t, root)); n != 2 {
		t.Errorf("%d profiles beside a living program's, want 2", n)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "the end of its chrome", func() bool { return len(processesUsing(root)) == 0 })
	if len(profiles(t, root)) != 1 {
		t.Fatalf("profiles %v, want the stale one", profiles(t, root))
	}
	b = open(t, guardOf(t, "http://127.0.0.1/"), func(o *browser.Options) { o.ProfileRoot = root })
	if n := len(profiles(t, root)); n != 1 {
		t.Errorf("%d profiles after the sweep, want the new one", n)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if left := profiles(t, root); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
