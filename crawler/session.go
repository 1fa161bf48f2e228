package crawler

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"time"

	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

// session is what is kept of being signed in, between visits too. It is as
// valuable as the password: never logged, encrypted by whoever stores it.
type session struct {
	Version int               `json:"v"`
	ID      string            `json:"id"`  // of this sign-in
	For     string            `json:"for"` // fingerprint of shop and user
	At      time.Time         `json:"at"`
	Agent   string            `json:"agent"`
	Cookies []browser.Cookie  `json:"cookies"`
	Storage map[string]string `json:"storage,omitempty"` // localStorage of the shop's origin
	Vars    map[string]string `json:"vars,omitempty"`    // of the sign-in
	List    map[string]string `json:"list,omitempty"`    // vars of the last list page
	Get     int               `json:"get,omitempty"`     // which of the list's addresses yields rows
	Resume  *bookmark         `json:"resume,omitempty"`  // of a scan that was cut; it outlives the session
	Spent   []spell           `json:"spent,omitempty"`   // pages of the last hour
	Rest    *rest             `json:"rest,omitempty"`    // of a shop that does not answer; it outlives the session

	Identity string    `json:"identity,omitempty"` // who the shop says is signed in; it outlives the session
	Checked  time.Time `json:"checked,omitzero"`   // when it said so last
	Door     *shut     `json:"door,omitempty"`     // why no password is sent for now; likewise
	Code     int64     `json:"code,omitempty"`     // the last one-time code's window of 30 s; likewise
}

const sessionVersion = 1

// fingerprint binds a session to shop and user: a changed config signs in anew.
func fingerprint(shop Shop) string {
	sum := sha256.Sum256([]byte(shop.URL + "\n" + shop.User + "\n" + shop.Recipe.Name))
	return hex.EncodeToString(sum[:8])
}

func (s *session) addVars(vars map[string]string) {
	if s.Vars == nil {
		s.Vars = map[string]string{}
	}
	maps.Copy(s.Vars, vars)
}

// keepList takes the vars of a list page. Where it shows none (a page past the end
// has no row to take them from), what an earlier page said still counts.
func (s *session) keepList(vars map[string]string) {
	kept := maps.Clone(vars)
	for name, text := range kept {
		if text == "" {
			kept[name] = s.List[name]
		}
	}
	s.List = kept
}

// stored looks up what the session has in localStorage.
func (s *session) stored(key string) (string, bool) {
	value, ok := s.Storage[key]
	return value, ok
}

func newSession(shop Shop, agent string, now time.Time) *session {
	return &session{Version: sessionVersion, ID: rand.Text(), For: fingerprint(shop), At: now, Agent: agent}
}

// takeUp a kept session, and what is kept with it.
func (t *trip) takeUp(blob []byte) {
	var kept session
	if len(blob) == 0 || json.Unmarshal(blob, &kept) != nil || kept.Version != sessionVersion || kept.For != fingerprint(t.shop) {
		kept = session{}
	}
	t.resume, t.who = kept.Resume, kept.Identity
	t.d.pace.recall(kept.Spent)
	t.d.rests.recall(kept.Rest)
	t.d.door.recall(t.shop, &kept)
	t.d.codes.recall(t.shop.TOTP, kept.Code)
	if t.d.door.again.Swap(false) { // a person says: now
		t.d.door.open()
		t.who = ""
	}
	if kept.ID != "" {
		t.session = &kept
	}
}

// blob of the session as it is now; nil without one and without anything that
// outlives it.
func (t *trip) blob() []byte {
	if t.s.o.Replay != nil {
		return t.given
	}
	kept := t.session
	if kept == nil {
		if t.resume == nil && t.who == "" && t.d.rests.kept() == nil && t.d.door.kept() == nil {
			return nil
		}
		kept = &session{Version: sessionVersion, For: fingerprint(t.shop)} // nobody is signed in
	} else if t.d.client != nil && t.d.holds == kept.ID {
		kept.Cookies = toBrowser(t.d.client.Cookies())
	}
	kept.Resume, kept.Spent, kept.Rest = t.resume, t.d.pace.spells(), t.d.rests.kept()
	kept.Identity, kept.Door, kept.Code = t.who, t.d.door.kept(), t.d.codes.last
	text, err := json.Marshal(kept)
	if err != nil {
		t.log.Warn("the session could not be kept", "err", err)
		return nil
	}
	return text
}

func toBrowser(cookies []fetch.Cookie) []browser.Cookie {
	out := make([]browser.Cookie, len(cookies))
	for i, c := range cookies {
		out[i] = browser.Cookie{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path, Expires: c.Expires, HTTPOnly: c.HTTPOnly, Secure: c.Secure, SameSite: c.SameSite}
	}
	return out
}

func toFetch(cookies []browser.Cookie) []fetch.Cookie {
	out := make([]fetch.Cookie, len(cookies))
	for i, c := range cookies {
		out[i] = fetch.Cookie{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path, Expires: c.Expires, HTTPOnly: c.HTTPOnly, Secure: c.Secure, SameSite: c.SameSite}
	}
	return out
}

// newClient replaces the client of the desk by one without cookies.
func (t *trip) newClient(agent string) error {
	if t.d.client != nil {
		t.d.client.Close()
	}
	client, err := fetch.New(fetch.Options{UserAgent: agent, Charset: t.shop.Recipe.Charset, Guard: t.d.guard, Now: t.s.o.Now, Log: t.log})
	if err != nil {
		return fmt.Errorf("shop %s: %w", t.shop.Name, err)
	}
	t.d.client, t.d.holds, t.d.shown = client, "", ""
	return nil
}

// client gives the HTTP client with the session's cookies.
func (t *trip) client() (*fetch.Client, error) {
	if t.d.client != nil && t.d.holds == t.session.ID {
		return t.d.client, nil
	}
	if err := t.newClient(t.session.Agent); err != nil {
		return nil, err
	}
	t.d.client.SetCookies(toFetch(t.session.Cookies))
	t.d.holds = t.session.ID
	return t.d.client, nil
}

// openBrowser starts Chrome, or gives the one that runs. It lives longer than
// the visit: ctx only bounds its start.
func (t *trip) openBrowser(ctx context.Context) (*browser.Browser, error) {
	if t.d.browser != nil && t.d.browser.Alive() {
		return t.d.browser, nil
	}
	if err := t.d.closeBrowser(); err != nil {
		t.log.Warn("chrome did not close well", "err", err)
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end)
	opened, err := browser.Open(life, t.s.o.Browser, t.d.guard)
	if !stop() { // ctx ended while Chrome was starting
		if err == nil {
			_ = opened.Close()
		}
		end()
		return nil, t.gone(context.Cause(ctx))
	}
	if err != nil {
		end()
		return nil, &chromeError{shop: t.shop.Name, err: err}
	}
	t.d.browser, t.d.end = opened, end
	return opened, nil
}

// seated gives the browser with the session in it: cookies always, local storage
// when it is new.
func (t *trip) seated(ctx context.Context) (*browser.Browser, error) {
	client, err := t.client()
	if err != nil {
		return nil, err
	}
	b, err := t.openBrowser(ctx)
	if err != nil {
		return nil, err
	}
	cookies := client.Cookies()
	now := mark(t.session.ID, cookies)
	if t.d.shown == now {
		return b, nil
	}
	if err := b.SetCookies(ctx, toBrowser(cookies)); err != nil {
		return nil, fmt.Errorf("shop %s: hand the session to chrome: %w", t.shop.Name, err)
	}
	if t.d.shown == "" && len(t.session.Storage) > 0 {
		if err := b.SetStorage(ctx, t.shop.URL, t.session.Storage); err != nil {
			return nil, fmt.Errorf("shop %s: hand the session to chrome: %w", t.shop.Name, err)
		}
	}
	t.d.shown = now
	return b, nil
}

// learn takes cookies that a page in the browser has set.
func (t *trip) learn(ctx context.Context, b *browser.Browser) error {
	cookies, err := b.Cookies(ctx)
	if err != nil {
		return fmt.Errorf("shop %s: read chrome's cookies: %w", t.shop.Name, err)
	}
	t.d.client.SetCookies(toFetch(cookies))
	t.d.shown = mark(t.session.ID, t.d.client.Cookies())
	t.drawn = true
	return nil
}

// settle takes over, once at the end of a trip, what the shop's pages have put
// into localStorage: the next Chrome, and the next run of the program, get it.
func (t *trip) settle(ctx context.Context) {
	if !t.drawn || t.session == nil || ctx.Err() != nil || t.d.browser == nil || !t.d.browser.Alive() {
		return
	}
	stored, err := t.d.browser.Storage(ctx, t.shop.URL)
	if err != nil {
		t.log.Warn("the shop's local storage could not be read", "err", err)
		return
	}
	t.session.Storage = stored
}

// changing are the vars of the sign-in that may change while the session lasts:
// those that stand in a cookie or in localStorage.
func (t *trip) changing() map[string]string {
	fresh := map[string]string{}
	for _, v := range t.shop.Recipe.SignIn.Vars {
		if v.Value.Source != recipe.FromCookie && v.Value.Source != recipe.FromStorage {
			continue
		}
		read, err := extract.Vars([]recipe.Var{v}, recipe.Page{}, extract.Env{Cookie: t.cookie, Storage: t.session.stored})
		if err == nil && read[v.Name] != "" {
			fresh[v.Name] = read[v.Name]
		}
	}
	return fresh
}

func mark(id string, cookies []fetch.Cookie) string {
	text, err := json.Marshal(cookies)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(append([]byte(id), text...))
	return string(sum[:])
}

// cookie looks one up for vars that come from a cookie.
func (t *trip) cookie(name string) (string, bool) {
	u, err := url.Parse(t.shop.URL)
	if err != nil || t.d.client == nil {
		return "", false
	}
	return t.d.client.Cookie(u, name)
}
