package browser_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"nudged/crawler/browser"
	"nudged/crawler/recipe"
)

// qrPicture draws a code as a shop would.
func qrPicture(t testing.TB, text string) string {
	t.Helper()
	bits, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 180, 180, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, bits); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

// phoneShop lets a person in who scans the code with a phone, and then types the
// one-time code that the phone gets.
func phoneShop(t testing.TB, s *site) (scan func(text string)) {
	var seen, scanned atomic.Bool
	s.page("/login", `<title>Scan</title><div style="height:1200px"></div><img class=qr src="data:image/png;base64,`+qrPicture(t, "scan-1")+`">
		<p id=webdriver></p><script>
		webdriver.textContent = "webdriver=" + navigator.webdriver;
		setInterval(async () => {
			const now = await (await fetch("/poll")).text();
			if (now === "next") document.querySelector(".qr").src = "data:image/png;base64,`+qrPicture(t, "scan-2")+`";
			if (now === "scanned") location.href = "/code";
		}, 200);</script>`)
	s.mux.HandleFunc("/poll", func(w http.ResponseWriter, _ *http.Request) {
		switch {
		case scanned.Load():
			fmt.Fprint(w, "scanned")
		case seen.Load(): // a code is good for a moment only
			fmt.Fprint(w, "next")
		}
	})
	s.page("/code", `<form method=post action=/code><label>Code from your phone <input name=c autocomplete=one-time-code inputmode=numeric></label></form>`)
	s.mux.HandleFunc("POST /code", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("c") != "246810" {
			http.Redirect(w, r, "/code", http.StatusSeeOther)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "canary", Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "device", Value: "known", Path: "/", MaxAge: 3600})
		http.Redirect(w, r, "/dash", http.StatusSeeOther)
	})
	s.mux.HandleFunc("/dash", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, device := r.Cookie("device")
		fmt.Fprintf(w, `<h1 id=dash>Dashboard</h1><p>known=%v<p id=d></p><script>localStorage.setItem("token", "t1"); d.textContent = "webdriver=" + navigator.webdriver</script>`, device == nil)
	})
	return func(text string) {
		seen.Store(true)
		if text == "scan-2" {
			scanned.Store(true)
		}
	}
}

// port is the debugging port of the Chrome with a profile, as its command line
// has it.
func port(t *testing.T, profile string) (address string) {
	t.Helper()
	for _, pid := range processesUsing(profile) {
		line, err := os.ReadFile("/proc/" + pid + "/cmdline")
		if err != nil || strings.Contains(string(line), "--type=") {
			continue
		}
		for _, bad := range []string{"--enable-automation", "AutomationControlled", "--remote-debugging-pipe", "--disable-extensions", "--remote-debugging-port=0\x00", "--disable-web-security"} {
			if strings.Contains(string(line), bad) {
				t.Errorf("chrome was started with %s", bad)
			}
		}
		if m := regexp.MustCompile(`--remote-debugging-port=(\d+)`).FindSubmatch(line); m != nil {
			address = "127.0.0.1:" + string(m[1])
		}
	}
	return address
}

func showing(t *testing.T, v *browser.Visible, what string) (found recipe.Page) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the page is %s\n%s", found.URL, found.Body)
		}
	}()
	eventually(t, what, func() bool {
		p, err := v.Page(t.Context())
		found = p
		return err == nil && strings.Contains(string(p.Body), what)
	})
	return found
}

func TestPerson(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	path := chrome(t)
	s := newSite(t)
	scan := phoneShop(t, s)
	profile := filepath.Join(t.TempDir(), "shop", "browser")
	var mu sync.Mutex
	var codes, questions []string
	opts := browser.PersonOptions{
		Path: path, Profile: profile, URL: s.URL + "/login", LoopbackOnly: true,
		QR: selector(t, "img.qr"),
		ShowQR: func(picture []byte, text string) {
			if img, err := png.Decode(bytes.NewReader(picture)); err != nil || img.Bounds().Dx() < 180 {
				t.Errorf("a picture of %d bytes: %v", len(picture), err)
			}
			mu.Lock()
			codes = append(codes, text)
			mu.Unlock()
			scan(text)
		},
		Ask: func(question string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			questions = append(questions, question)
			return map[bool]string{true: "1234", false: "246810"}[len(questions) == 1], nil
		},
	}
	out := &logs{}
	opts.Log = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	defer func() {
		if t.Failed() {
			t.Log(out.String())
		}
	}()
	v, err := browser.Person(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	debug := port(t, profile)
	if c, err := net.Dial("tcp", debug); err != nil {
		t.Fatalf("the debugging port %q: %v", debug, err)
	} else {
		c.Close()
	}
	showing(t, v, "webdriver=false") // on the page with the code, or after it
	if p, err := browser.Person(t.Context(), opts); !errors.Is(err, browser.ErrProfileInUse) || !strings.Contains(err.Error(), "close it and try again") {
		t.Errorf("a second browser on one profile: %v %v", p, err)
	}
	p := showing(t, v, `<p id="d">webdriver=false`) // its script has run
	if !strings.Contains(string(p.Body), "Dashboard") || p.Status != 200 || p.URL != s.URL+"/dash" || p.Type != "text/html" {
		t.Errorf("%d %s %s", p.Status, p.URL, p.Type)
	}
	mu.Lock()
	if got := fmt.Sprint(codes); got != "[scan-1 scan-2]" {
		t.Errorf("codes shown %s", got)
	}
	if got := strings.Join(questions, "|"); got != "Code from your phone|Code from your phone (again)" {
		t.Errorf("asked %s", got)
	}
	mu.Unlock()
	cookies, err := v.Cookies(t.Context())
	if err != nil || len(cookies) != 2 {
		t.Errorf("%d cookies, %v", len(cookies), err)
	}
	items, err := v.Storage(t.Context(), s.URL+"/anything")
	if err != nil || items["token"] != "t1" {
		t.Errorf("storage %v, %v", items, err)
	}
	if items, err := v.Storage(t.Context(), "http://elsewhere.test/"); err != nil || len(items) != 0 {
		t.Errorf("storage of a page that is not open: %v, %v", items, err)
	}
	if agent, err := v.UserAgent(t.Context()); err != nil || !strings.Contains(agent, "Chrome/") {
		t.Errorf("%s, %v", agent, err)
	}
	if picture, err := v.QR(t.Context()); err != nil || picture != nil {
		t.Errorf("a code where there is none: %d bytes, %v", len(picture), err)
	}
	for range 2 {
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
	}
	checkClosed(t, v, profile, debug)

	// the profile is the shop's old acquaintance
	opts.URL, opts.QR, opts.Ask = s.URL+"/dash", nil, nil
	again, err := browser.Person(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if showing(t, again, "known=true"); port(t, profile) == debug {
		t.Errorf("the same port again: %s", debug)
	}
}

func checkClosed(t *testing.T, v *browser.Visible, profile, debug string) {
	t.Helper()
	if c, err := net.DialTimeout("tcp", debug, time.Second); err == nil {
		c.Close()
		t.Error("the debugging port is open after Close")
	}
	if left := processesUsing(profile); len(left) > 0 {
		t.Errorf("processes left after Close: %v", left)
	}
	if _, err := v.Page(t.Context()); !errors.Is(err, browser.ErrGone) || v.Alive() {
		t.Errorf("Page after Close: %v", err)
	}
	for _, dir := range []string{profile, filepath.Join(profile, "data")} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", dir, info.Mode(), err)
		}
	}
}

// In a window, on a screen that is not there: Chrome draws into memory.
func TestPersonInWindow(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs a shell")
	}
	path := chrome(t)
	dir := t.TempDir()
	wrapper := filepath.Join(dir, "chrome")
	if err := os.WriteFile(wrapper, []byte("#!/bin/sh\nexec '"+path+"' --ozone-platform=headless \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	s.page("/login", `<title>login</title><p id=w></p><script>w.textContent = "webdriver=" + navigator.webdriver + " agent=" + navigator.userAgent</script>`)
	opts := browser.PersonOptions{Path: wrapper, Profile: filepath.Join(dir, "profile"), URL: s.URL + "/login", Headed: true, LoopbackOnly: true}
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("DISPLAY", "")
	if _, err := browser.Person(t.Context(), opts); !errors.Is(err, browser.ErrNoScreen) {
		t.Errorf("a window without a screen: %v", err)
	}
	t.Setenv("DISPLAY", ":99")
	long := filepath.Join(dir, strings.Repeat("a-long-name", 8))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	v, err := browser.Person(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if p := showing(t, v, "webdriver=false"); strings.Contains(string(p.Body), "Headless") {
		t.Errorf("in a window, but:\n%s", p.Body)
	}
	debug := port(t, opts.Profile)

	// the person closes the window
	for _, pid := range processesUsing(opts.Profile) {
		if line, _ := os.ReadFile("/proc/" + pid + "/cmdline"); !strings.Contains(string(line), "--type=") {
			kill(t, pid)
		}
	}
	eventually(t, "the news of it", func() bool { _, err := v.Page(t.Context()); return errors.Is(err, browser.ErrGone) })
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	checkClosed(t, v, opts.Profile, debug)
}

func TestPersonFails(t *testing.T) {
	t.Parallel()
	path := chrome(t)
	dir := t.TempDir()
	for name, c := range map[string]struct {
		opts browser.PersonOptions
		want string
	}{
		"no address":   {browser.PersonOptions{URL: "file:///etc/passwd", Profile: dir}, "not an http address"},
		"no profile":   {browser.PersonOptions{URL: "http://127.0.0.1/"}, "no profile directory given"},
		"no browser":   {browser.PersonOptions{URL: "http://127.0.0.1/", Path: "/no/such", Profile: dir}, `the configured browser "/no/such" can not be run`},
		"not a folder": {browser.PersonOptions{URL: "http://127.0.0.1/", Path: path, Profile: path}, "profile directory"},
		"no answer":    {browser.PersonOptions{URL: "http://127.0.0.1:9999/", Path: path, Profile: filepath.Join(dir, "a"), LoopbackOnly: true}, "ERR_CONNECTION_REFUSED"},
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := browser.Person(t.Context(), c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v %v, want %s", v, err, c.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := browser.Person(ctx, browser.PersonOptions{URL: "http://127.0.0.1/", Path: path, Profile: filepath.Join(dir, "b")}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	// a Chrome with this profile that is not ours
	profile := filepath.Join(dir, "c")
	other := exec.Command(path, "--headless=new", "--no-sandbox", "--disable-breakpad", "--disable-background-networking", "--user-data-dir="+filepath.Join(profile, "data"), "about:blank")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, pid := range processesUsing(profile) {
			kill(t, pid)
		}
		_ = other.Wait()
		// What is left of it may write for a moment yet.
		eventually(t, "the end of the other chrome", func() bool {
			return len(processesUsing(profile)) == 0 && os.RemoveAll(profile) == nil
		})
	}()
	eventually(t, "the other chrome", func() bool {
		socket, err := os.Readlink(filepath.Join(profile, "data", "SingletonSocket"))
		if err != nil {
			return false
		}
		c, err := net.Dial("unix", socket) // the link is there before it listens
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
	if v, err := browser.Person(t.Context(), browser.PersonOptions{URL: "http://127.0.0.1/", Path: path, Profile: profile, LoopbackOnly: true}); !errors.Is(err, browser.ErrProfileInUse) {
		t.Errorf("%v %v", v, err)
	}
}
