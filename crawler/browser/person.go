package browser

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"nudged/crawler/recipe"
)

// ErrNoScreen says that there is no screen to show a window on.
var ErrNoScreen = errors.New("there is no screen to open a window on")

// ErrProfileInUse says that a browser with this profile is open already.
var ErrProfileInUse = errors.New("a browser window of an earlier sign-in at this shop is still open: close it and try again")

// PersonOptions of a sign-in by a person.
type PersonOptions struct {
	Path         string // of Chrome or Edge, as Find returns it; "" calls Find
	Profile      string // directory, made with 0700 and kept: shops know a browser again by it
	URL          string // what is shown first
	Headed       bool   // in a window; false: the person has no screen, but sees the QR code
	LoopbackOnly bool   // the demo and tests: nothing but this machine is reached

	QR     *recipe.Selector              // the code on the page; nil: none
	ShowQR func(png []byte, text string) // called with each new code; text is what it says, "" if that can not be read

	// Ask gets one-time codes where there is no screen: the question is what the
	// page calls its field. The answer is typed there. An error ends the asking.
	Ask func(question string) (string, error)

	Log *slog.Logger // nil: nothing is logged
}

// Visible is the browser in which a person signs in. It is the installed one, as
// it is: no guard, no automation flags, and nothing done but what the person
// does. It is looked at through a debugging port on loopback, another one each
// time, that is open until Close; whoever may use this machine could use it too,
// so it is closed as soon as the sign-in is proved.
type Visible struct {
	b    *Browser
	opts PersonOptions
	lock *os.File
	data string
	end  context.CancelFunc // of the watchers
}

// Person opens the browser. Its life ends with ctx, or with Close, which has to
// be called unless there is an error.
func Person(ctx context.Context, opts PersonOptions) (*Visible, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if u, err := url.Parse(opts.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("opening the browser: %s is not an http address", plain(opts.URL))
	}
	path, err := Find(opts.Path)
	if err != nil {
		return nil, err
	}
	opts.Path = path
	if opts.Headed && !hasScreen(runtime.GOOS, os.Getenv) {
		return nil, fmt.Errorf("opening the browser: %w", ErrNoScreen)
	}
	v := &Visible{opts: opts, data: filepath.Join(opts.Profile, "data"), b: &Browser{
		opts: Options{Path: path, StepTimeout: stepTimeout}, log: opts.Log, person: true,
		slots: make(chan struct{}, tabsAtOnce), tabs: map[target.ID]*tab{}, stages: map[*stage]struct{}{},
	}}
	if err := v.takeProfile(ctx); err != nil {
		return nil, fmt.Errorf("opening the browser: %w", err)
	}
	if err := v.start(ctx); err != nil {
		if v.b.lost == nil && ctx.Err() == nil && chromeHolds(ctx, v.data) { // it opened in the meantime
			err = fmt.Errorf("%w (profile %s)", ErrProfileInUse, opts.Profile)
		}
		return nil, errors.Join(fmt.Errorf("opening the browser (%s): %w", path, err), v.Close())
	}
	return v, nil
}

func hasScreen(goos string, getenv func(string) string) bool {
	switch goos {
	case "windows", "darwin":
		return true
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}

func (v *Visible) takeProfile(ctx context.Context) error {
	if v.opts.Profile == "" {
		return errors.New("no profile directory given")
	}
	if err := os.MkdirAll(v.data, 0o700); err != nil {
		return fmt.Errorf("profile directory: %w", err)
	}
	for _, dir := range []string{v.opts.Profile, v.data} {
		if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder is of no use to its owner without x
			return fmt.Errorf("profile directory: %w", err)
		}
	}
	lock, err := takeLock(filepath.Join(v.opts.Profile, lockName))
	if err != nil {
		return fmt.Errorf("%w (profile %s)", ErrProfileInUse, v.opts.Profile)
	}
	if chromeHolds(ctx, v.data) {
		_ = lock.Close()
		return fmt.Errorf("%w (profile %s)", ErrProfileInUse, v.opts.Profile)
	}
	v.lock = lock
	return nil
}

// flags are as few as can be: to the shop this is the seller's own browser. A
// port of 0 would make it say that it is automated.
func (v *Visible) flags(port int, said *tail) []chromedp.ExecAllocatorOption {
	opts := []chromedp.ExecAllocatorOption{
		remote.WebSocket, chromedp.WSURLReadTimeout(startTimeout),
		chromedp.ExecPath(v.opts.Path),
		chromedp.UserDataDir(v.data),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.CombinedOutput(said),
		chromedp.ModifyCmdFunc(contain),
		chromedp.NoInheritEnv, chromedp.Env(environment()...),
		// Its crash reporter leaves the process group, and so outlives a kill.
		chromedp.Flag("disable-crash-reporter", true),
		chromedp.Flag("remote-debugging-port", strconv.Itoa(port)),
		chromedp.Flag("remote-debugging-address", "127.0.0.1"),
	}
	if !v.opts.Headed {
		opts = append(opts, chromedp.Flag("headless", "new"), chromedp.WindowSize(1440, 1000))
	}
	if v.opts.LoopbackOnly {
		opts = append(opts, chromedp.Flag("disable-background-networking", true),
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"))
	}
	return opts
}

func (v *Visible) start(ctx context.Context) error {
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	var said tail
	b := v.b
	life, kill := context.WithCancel(ctx)
	alloc, wait := chromedp.NewExecAllocator(life, v.flags(port, &said)...)
	root, done := chromedp.NewContext(alloc, chromedp.WithLogf(b.debugf), chromedp.WithErrorf(b.debugf))
	b.ctx = root
	b.stop = sync.OnceFunc(func() { kill(); done(); wait() })
	late := time.AfterFunc(startTimeout, kill)
	version, err := chromedp.CallBrowser(root, browser.GetVersion, cdp.Empty{})
	if !late.Stop() && ctx.Err() == nil {
		err = fmt.Errorf("it did not answer within %s", startTimeout)
	}
	if err != nil {
		b.stop() // what it said is whole once it has ended
		return said.explain(err)
	}
	b.agent = version.UserAgent
	chrome := chromedp.FromContext(root).Browser
	b.pid, b.lost = chrome.Process().Pid, chrome.LostConnection
	if err := v.show(); err != nil {
		return err
	}
	watching, end := context.WithCancel(root)
	v.end = end
	b.work.Go(func() { v.watch(watching) })
	return nil
}

// show brings the first page up. In a window, a page that does not come is for
// the person to see.
func (v *Visible) show() error {
	b := v.b
	if _, err := chromedp.CallBrowser(b.ctx, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true}); err != nil {
		return err
	}
	t, err := b.firstTab()
	if err != nil {
		return err
	}
	b.last = t
	ctx, cancel := context.WithTimeout(t.ctx, b.opts.StepTimeout)
	defer cancel()
	if err := t.open(ctx, v.opts.URL); err != nil {
		if !v.opts.Headed {
			return fmt.Errorf("opening %s: %w", plain(v.opts.URL), b.cause(ctx, t, err))
		}
		b.log.Debug("the first page did not come", "err", clip(err.Error(), 200))
	}
	return nil
}

// freePort finds a port that nobody has, below those that a system gives to
// whoever asks for any (from 32768 on Linux, from 49152 elsewhere): until Chrome
// takes it seconds may pass, and one of those would be somebody else's by then.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	var err error
	for range 100 {
		port := 20_000 + rand.IntN(12_000)
		var l net.Listener
		if l, err = config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("finding a port: %w", err)
}

// Close ends the browser, all its processes and with them the port. The profile
// stays. It may be called again.
func (v *Visible) Close() error {
	b := v.b
	b.mu.Lock()
	again := b.closed
	b.closed = true
	b.mu.Unlock()
	if again {
		return nil
	}
	if v.end != nil {
		v.end()
	}
	b.shutDown(personCloseTimeout)
	b.work.Wait()
	removeSocket(v.data)
	err := os.Remove(filepath.Join(v.data, "DevToolsActivePort"))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, v.lock.Close())
}

// personCloseTimeout is longer than for a profile that goes: it has to be written.
const personCloseTimeout = 20 * time.Second
