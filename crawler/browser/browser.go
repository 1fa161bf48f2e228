package browser

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"nudged/crawler/recipe"
)

const (
	stepTimeout  = 30 * time.Second // of a step, unless Options or the recipe say otherwise
	startTimeout = 60 * time.Second // a first start on a slow disk takes long
	closeTimeout = 3 * time.Second  // then Chrome is killed
	tabsAtOnce   = 4
	maxBody      = 10 << 20 // bytes of a page or response; more is an error
)

// Options of a Browser.
type Options struct {
	Path         string        // of Chrome, as Find returns it; "" calls Find
	ProfileRoot  string        // profiles stand here; Open sweeps those of dead processes; "": in the temporary directory
	Headed       bool          // with a window
	LoopbackOnly bool          // the demo and tests: nothing but this machine is reached
	Language     string        // Accept-Language; "" is "en-US,en"
	StepTimeout  time.Duration // of a step that names none; 0 is 30 s
	Log          *slog.Logger  // nil: nothing is logged
}

// Browser is one running Chrome. Its methods may be called from several
// goroutines; at most four pages are open at once, further calls wait.
type Browser struct {
	opts  Options
	guard *recipe.Guard
	log   *slog.Logger

	ctx     context.Context // of chromedp; its end is the end of Chrome
	lost    <-chan struct{} // closed when Chrome is gone; nil: it never came
	stop    func()          // kills Chrome and waits for it
	profile *profile
	wall    *wall
	agent   string // the User-Agent
	person  bool   // a person uses it: pages are left as they are
	pid     int
	work    sync.WaitGroup // goroutines of this Browser

	slots chan struct{} // one for each tab that may be in use
	sent  atomic.Int64  // requests that may have carried something to the shop
	hung  atomic.Bool   // Chrome runs, but answers nothing; it is killed

	mu     sync.Mutex
	tabs   map[target.ID]*tab
	idle   []*tab // the last one was used last
	last   *tab   // whose page the last call returned
	blank  string // an address that is answered here, see atOrigin
	closed bool
	stages map[*stage]struct{} // sign-ins that are under way

	storing sync.Mutex // held while blank is set
	making  sync.Mutex // held while a tab of our own is made, see closePopups
}

// Open starts Chrome. Its life ends with ctx, or with Close, which has to be
// called in any case. From its first request on, everything that it sends is
// judged by guard.
func Open(ctx context.Context, opts Options, guard *recipe.Guard) (*Browser, error) {
	if guard == nil {
		return nil, errors.New("starting chrome: no guard given")
	}
	if opts.StepTimeout <= 0 {
		opts.StepTimeout = stepTimeout
	}
	if opts.Language == "" {
		opts.Language = "en-US,en"
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	path, err := Find(opts.Path)
	if err != nil {
		return nil, err
	}
	opts.Path = path
	b := &Browser{
		opts: opts, guard: guard, log: opts.Log,
		slots: make(chan struct{}, tabsAtOnce), tabs: map[target.ID]*tab{}, stages: map[*stage]struct{}{},
	}
	if b.profile, err = newProfile(opts.ProfileRoot, opts.Log); err != nil {
		return nil, fmt.Errorf("starting chrome: %w", err)
	}
	if b.wall, err = newWall(ctx, guard); err != nil {
		return nil, errors.Join(fmt.Errorf("starting chrome: %w", err), b.profile.remove())
	}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting chrome (%s): %w", path, err), b.Close())
	}
	return b, nil
}

// start brings Chrome up, and the guard before its first page.
func (b *Browser) start(ctx context.Context) error {
	var said tail
	life, kill := context.WithCancel(ctx)
	alloc, wait := chromedp.NewExecAllocator(life, b.flags(&said)...)
	root, done := chromedp.NewContext(alloc, chromedp.WithLogf(b.debugf), chromedp.WithErrorf(b.debugf))
	b.ctx = root
	b.stop = sync.OnceFunc(func() { kill(); done(); wait() })

	// The first call binds the life of Chrome to its context, so it gets none
	// with a deadline.
	late := time.AfterFunc(startTimeout, kill)
	version, err := chromedp.CallBrowser(root, browser.GetVersion, cdp.Empty{})
	if err == nil {
		b.agent = version.UserAgent
		chrome := chromedp.FromContext(root).Browser
		b.pid, b.lost = chrome.Process().Pid, chrome.LostConnection
		err = b.prepare()
	}
	if !late.Stop() && ctx.Err() == nil {
		err = fmt.Errorf("it did not answer within %s", startTimeout)
	}
	if err != nil && ctx.Err() == nil {
		b.stop() // what it said is whole once it has ended
		return said.explain(err)
	}
	return err
}

func (b *Browser) prepare() error {
	b.work.Go(b.closePopups())
	b.work.Go(b.noteCrashes())
	if err := b.guardTraffic(); err != nil {
		return err
	}
	if _, err := chromedp.CallBrowser(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny,
	}); err != nil {
		return err
	}
	if _, err := chromedp.CallBrowser(b.ctx, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true}); err != nil {
		return err
	}
	t, err := b.firstTab()
	if err != nil {
		return err
	}
	b.idle, b.last = append(b.idle, t), t
	return nil
}

// Alive is false once Chrome is gone, or was killed because it answered no more.
func (b *Browser) Alive() bool {
	if b.lost == nil || b.ctx.Err() != nil || b.hung.Load() {
		return false
	}
	select {
	case <-b.lost:
		return false
	default:
		return true
	}
}

// UserAgent returns what Chrome says that it is.
func (b *Browser) UserAgent(context.Context) (string, error) {
	if !b.Alive() {
		return "", ErrGone
	}
	return b.agent, nil
}

// Close ends Chrome with all its processes and removes its profile. It may be
// called again.
func (b *Browser) Close() error {
	b.mu.Lock()
	again := b.closed
	b.closed = true
	b.mu.Unlock()
	if again {
		return nil
	}
	b.shutDown(closeTimeout)
	err := b.wall.close()
	b.work.Wait()
	if e := b.profile.remove(); e != nil {
		err = errors.Join(err, fmt.Errorf("removing chrome's profile: %w", e))
	}
	return err
}

// shutDown ends Chrome, if it can be by itself: what it leaves outside its profile
// only Chrome removes.
func (b *Browser) shutDown(limit time.Duration) {
	if b.Alive() {
		ctx, cancel := context.WithTimeout(b.ctx, limit)
		if err := chromedp.Cancel(ctx); err != nil {
			b.log.Debug("chrome did not close by itself", "err", err)
		}
		cancel()
	}
	killTree(b.pid)
	if b.stop != nil {
		b.stop()
	}
	treeEnded(b.pid)
}

func (b *Browser) debugf(format string, args ...any) {
	b.log.Debug("chrome protocol", "text", clip(fmt.Sprintf(format, args...), 200))
}

// resolve makes an address of a recipe absolute, as seen from the shop's url.
func (b *Browser) resolve(address string) (string, error) {
	u, err := b.guard.Base().Parse(address)
	if err != nil {
		return "", fmt.Errorf("the address can not be parsed")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("%s is not an http address", recipe.PlainURL(u))
	}
	return u.String(), nil
}

// plain is an address as it may stand in an error.
func plain(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that can not be parsed"
	}
	return recipe.PlainURL(u)
}
