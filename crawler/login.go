package crawler

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// LoginOptions of a sign-in by the seller. All may be zero, but for Profile
// where a browser is opened.
type LoginOptions struct {
	Kept    []byte        // the session of before: it says who has to be signed in
	Path    string        // of Chrome or Edge; "" finds the installed one
	Profile string        // folder of the browser's own profile for this shop, kept from login to login
	Headed  bool          // there is a screen
	Wait    time.Duration // how long to wait for the seller, once there is something to see; 0: as long as ctx

	ShowQR func(png []byte, text string)         // shows the code to be scanned; nil: only the window does
	Ask    func(question string) (string, error) // asks for a one-time code; nil: nobody is asked
	Say    func(text string)                     // what is going on; may be nil

	open func(ctx context.Context, o browser.PersonOptions, address string) (window, error)
}

// window is a browser that the seller signs in with.
type window interface {
	Look(ctx context.Context) (glance, error)
	Close() error
}

// glance is what a window shows and holds.
type glance struct {
	page    recipe.Page
	cookies []browser.Cookie
	storage map[string]string
	agent   string
}

const (
	glanceEvery = time.Second
	proofEvery  = 30 * time.Second // where nothing changes that could be seen
)

// Login lets the seller sign in: in their own browser, which is opened for it,
// or, without a screen and where the recipe has steps, with these, asking for the
// one-time code. It waits for the proof or the end of ctx, and returns the
// session to be kept. Visits of the shop may go on meanwhile.
func (s *Spider) Login(ctx context.Context, shop Shop, o LoginOptions) ([]byte, error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	d := s.newDesk()
	if err := s.furnish(d, shop); err != nil {
		return o.Kept, err
	}
	defer func() {
		if err := d.close(); err != nil {
			s.o.Log.Warn("chrome did not close well", "shop", shop.Name, "err", err)
		}
	}()
	t := &trip{s: s, d: d, shop: shop, at: s.o.Now(), log: s.o.Log.With("shop", shop.Name), ask: o.Ask}
	t.takeUp(o.Kept)
	t.d.door.open()
	t.session = nil
	d.guard.Lock()
	err := t.login(ctx, &o)
	if err != nil {
		return o.Kept, fmt.Errorf("login: %w", err)
	}
	t.log.Info("the seller signed in", "step", "sign-in")
	return t.blob(), nil
}

func (t *trip) login(ctx context.Context, o *LoginOptions) (err error) {
	defer t.rescue(&err)
	if t.shop.Recipe.SignIn.Person == nil && !o.Headed {
		o.Say("signing in with the configured user and password")
		ctx, cancel := o.patience(ctx, t.shop.Name)
		defer cancel()
		return t.signIn(ctx)
	}
	address, qr, err := t.loginPage()
	if err != nil {
		return err
	}
	open := o.open
	if open == nil {
		open = openWindow
	}
	w, err := open(ctx, browser.PersonOptions{
		Path: cmp.Or(o.Path, t.s.o.Browser.Path), Profile: o.Profile, URL: address, Headed: o.Headed, LoopbackOnly: t.s.o.Browser.LoopbackOnly,
		QR: qr, ShowQR: o.ShowQR, Ask: o.Ask, Log: t.log,
	}, t.shop.URL)
	if err != nil {
		return &chromeError{shop: t.shop.Name, err: err}
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.log.Warn("the browser did not close well", "err", err)
		}
	}()
	o.Say("waiting until you have signed in")
	ctx, cancel := o.patience(ctx, t.shop.Name)
	defer cancel()
	return t.watch(ctx, w, o)
}

// patience ends with Wait.
func (o *LoginOptions) patience(ctx context.Context, shop string) (context.Context, context.CancelFunc) {
	if o.Wait <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, o.Wait, fmt.Errorf("nobody had signed in after %s; type again: nudged login %s", o.Wait, shop))
}

// loginPage is where the seller begins.
func (t *trip) loginPage() (string, *recipe.Selector, error) {
	person := t.shop.Recipe.SignIn.Person
	if person == nil {
		return t.shop.URL, nil, nil
	}
	address, err := person.Open.URL(t.d.base, t.lookup(map[string]string{"user": t.shop.User}))
	return address, person.QR, err
}

// watch looks at the window until somebody is signed in there. The proof is only
// asked for when something has changed: a page that waits costs the shop nothing.
func (t *trip) watch(ctx context.Context, w window, o *LoginOptions) error {
	var last, told string
	var asked time.Time
	for {
		g, err := w.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return t.unsigned(ctx)
		case errors.Is(err, browser.ErrGone):
			return fmt.Errorf("shop %s: the window was closed before anybody was signed in; type again: nudged login %s", t.shop.Name, t.shop.Name)
		case err != nil:
			t.log.Debug("the window could not be looked at", "err", err) // it is loading
		default:
			if text := t.shown(g.page); text != told {
				told = text
				o.Say(text)
			}
			if now := g.mark(); now != last || t.s.o.Now().Sub(asked) > proofEvery {
				last, asked = now, t.s.o.Now()
				if done, err := t.admitted(ctx, g); done || err != nil {
					return err
				}
			}
		}
		if err := sleep(ctx, glanceEvery); err != nil {
			return t.unsigned(ctx)
		}
	}
}

func (t *trip) unsigned(ctx context.Context) error {
	return fmt.Errorf("shop %s: nobody had signed in when the login ended: %w", t.shop.Name, context.Cause(ctx))
}

// shown is what the shop says to the seller, for who does not see the window.
func (t *trip) shown(p recipe.Page) string {
	rules := &t.shop.Recipe.SignIn
	for _, signs := range [][]recipe.Sign{rules.Locked, rules.Refused, rules.NeedsYou} {
		if text, ok := extract.Words(signs, p); ok && text != "" {
			return "the shop says: " + words(text, t.shop.Password)
		}
	}
	return "waiting until you have signed in"
}

// mark changes with anything that a sign-in changes.
func (g *glance) mark() string {
	text, err := json.Marshal([]any{g.page.URL, g.cookies, g.storage})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// admitted reports whether the window holds a session that passes the proof, and
// takes it over. Errors are those that no waiting mends.
func (t *trip) admitted(ctx context.Context, g glance) (bool, error) {
	if len(g.cookies) == 0 && len(g.storage) == 0 || extract.SignedIn(t.shop.Recipe, g.page) == extract.No {
		return false, nil
	}
	fresh := newSession(t.shop, g.agent, t.s.o.Now())
	fresh.Cookies, fresh.Storage = g.cookies, g.storage
	if err := t.take(g.page, fresh); err != nil {
		return false, nil // its page has not the vars yet
	}
	p, err := t.proofIn(ctx, g)
	proof := &t.shop.Recipe.SignIn.Proof
	if err != nil || !extract.Check(&proof.Sign, p) {
		t.session = nil
		if ctx.Err() != nil {
			return false, t.unsigned(ctx)
		}
		return false, nil
	}
	t.signing = true
	if err := t.recognise(ctx, p); err != nil {
		t.session = nil
		return false, err
	}
	return true, nil
}

// proofIn gives the page that the proof is looked for on: asked for with the
// window's cookies, or the window's own where the recipe wants a browser.
func (t *trip) proofIn(ctx context.Context, g glance) (recipe.Page, error) {
	request := &t.shop.Recipe.SignIn.Proof.Request
	if request.Engine == recipe.EngineBrowser {
		return g.page, nil
	}
	return t.once(ctx, call{what: "proof of the sign-in", req: request, free: true})
}
