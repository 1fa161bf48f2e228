package crawler

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
	"nudged/store/order"
)

const (
	tapeIndex = "index.json"
	maxTaped  = 3000   // answers of a recording
	clickedTo = "NEXT" // method of a page that was clicked or scrolled to
)

// tape is the index of a recording; the answers stand in files beside it.
type tape struct {
	URL     string  `json:"url"`    // of the shop
	Recipe  string  `json:"recipe"` // its name
	Answers []taped `json:"answers"`
}

// taped is one answer, and what was asked for it. Nothing in it is a secret or a
// contact, as far as a program can tell.
type taped struct {
	What   string      `json:"what"`
	Method string      `json:"method"`
	Asked  string      `json:"asked"` // address
	Body   string      `json:"body,omitempty"`
	URL    string      `json:"url"` // after redirects
	Status int         `json:"status"`
	Type   string      `json:"type,omitempty"`
	Header http.Header `json:"header,omitempty"`
	At     time.Time   `json:"at"`
	File   string      `json:"file"`

	played bool
}

// Recorder keeps the pages that a spider reads, redacted, for a [Replayer]. Pages
// of the sign-in are not kept.
type Recorder struct {
	dir string

	mu     sync.Mutex
	tape   tape
	people []order.Order // whose names are on the pages
	err    error
}

// NewRecorder records into a folder, which it makes; there may be no recording
// in it yet.
func NewRecorder(dir string) (*Recorder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for the recording: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs its x
		return nil, fmt.Errorf("make a folder for the recording: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, tapeIndex)); err == nil {
		return nil, fmt.Errorf("%s holds a recording already; name another folder", dir)
	}
	return &Recorder{dir: dir}, nil
}

// Err is the first thing that went wrong: from there on nothing was recorded.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Answers is how many there are so far.
func (r *Recorder) Answers() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tape.Answers)
}

// keep writes an answer, and then the index: a recording that is cut is whole as
// far as it goes.
func (r *Recorder) keep(shop, recipe string, a taped, body []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return nil
	}
	if len(r.tape.Answers) == maxTaped {
		r.err = fmt.Errorf("the recording holds %d answers and takes no more", maxTaped)
		return r.err
	}
	ending := ".html"
	if strings.Contains(a.Type, "json") {
		ending = ".json"
	}
	r.tape.URL, r.tape.Recipe = shop, recipe
	a.File = fmt.Sprintf("%04d-%s%s", len(r.tape.Answers)+1, fileName(a.What), ending)
	r.tape.Answers = append(r.tape.Answers, a)
	index, err := json.MarshalIndent(r.tape, "", " ")
	if err == nil {
		err = os.WriteFile(filepath.Join(r.dir, a.File), body, 0o600)
	}
	if next := filepath.Join(r.dir, tapeIndex+".new"); err == nil {
		if err = os.WriteFile(next, index, 0o600); err == nil {
			err = os.Rename(next, filepath.Join(r.dir, tapeIndex))
		}
	}
	if err != nil {
		r.err = fmt.Errorf("record a page: %w", err)
	}
	return r.err
}

// know gives the orders that were met so far, with those of one more page.
func (r *Recorder) know(more []order.Order) []order.Order {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.people = append(r.people, more...)
	return r.people[:len(r.people):len(r.people)]
}

// people are the orders that a page tells of: in a table, a buyer's name is only
// known for one by whoever can read the table.
func (t *trip) people(what string, p recipe.Page) []order.Order {
	if what == listPage {
		listing, _ := extract.List(t.shop.Recipe, t.shop.Shop, p, "")
		return listing.Orders
	}
	if t.shop.Recipe.Detail == nil {
		return nil
	}
	o, _, _, _ := extract.Detail(t.shop.Recipe, t.shop.Shop, p, order.Order{})
	all := []order.Order{o}
	for i := range t.shop.Recipe.Detail.More {
		o, _, _, _ := extract.More(t.shop.Recipe, i, t.shop.Shop, p, order.Order{})
		all = append(all, o)
	}
	return all
}

// keepOnTape records a good answer.
func (t *trip) keepOnTape(what string, asked fetch.Request, p recipe.Page) {
	r := t.s.o.Record
	if r == nil {
		return
	}
	a := t.question(what, asked)
	a.URL, a.Status, a.Type, a.At, a.Header = t.quiet(p.URL), p.Status, p.Type, p.At, http.Header{}
	for name, values := range p.Header {
		switch http.CanonicalHeaderKey(name) {
		case "Set-Cookie", "Authorization", "Www-Authenticate":
			continue
		}
		for _, v := range values {
			if v = t.quiet(v); secretHeader.MatchString(name) {
				v = "{removed}" // something is there: a recipe may read it
			}
			a.Header.Add(name, v)
		}
	}
	if err := r.keep(t.shop.URL, t.shop.Recipe.Name, a, t.withoutPassword(extract.Redact(p, r.know(t.people(what, p))...))); err != nil {
		t.log.Warn("a page was not recorded", "err", err)
	}
}

// secretHeader is a header whose name says that it lets its bearer in.
var secretHeader = regexp.MustCompile(`(?i)token|auth|csrf|xsrf|nonce|session|secret|cookie|jwt|key`)

// question is a request as it stands on a tape.
func (t *trip) question(what string, asked fetch.Request) taped {
	return taped{What: what, Method: asked.Method, Asked: t.quiet(asked.URL), Body: t.quiet(string(asked.Body))}
}

// quiet takes out of a text what a recording must not hold: tokens of the
// session by their names, all else as on a page. What went through it once
// comes through again unchanged, so that a replay asks for the same.
func (t *trip) quiet(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		text = plain
	}
	if t.session != nil {
		for _, vars := range []map[string]string{t.session.Vars, t.session.List} {
			for name, value := range vars {
				if len(value) >= minToken {
					text = strings.ReplaceAll(text, value, "{"+name+"}")
				}
			}
		}
	}
	return string(t.withoutPassword(extract.Redact(recipe.Page{Body: []byte(text)})))
}

// minToken is the length from which a var may be a token.
const minToken = 6

// Replayer answers a spider's requests from a recording. No shop is asked, and
// nobody signs in.
type Replayer struct {
	dir string

	mu   sync.Mutex
	tape tape
	last int // the last list page that was played
}

// NewReplayer opens a recording.
func NewReplayer(dir string) (*Replayer, error) {
	text, err := os.ReadFile(filepath.Join(dir, tapeIndex))
	if err != nil {
		return nil, fmt.Errorf("open the recording: %w", err)
	}
	r := &Replayer{dir: dir, last: -1}
	if err := json.Unmarshal(text, &r.tape); err != nil {
		return nil, fmt.Errorf("open the recording: %s: %w", filepath.Join(dir, tapeIndex), err)
	}
	for _, a := range r.tape.Answers {
		if a.File != filepath.Base(a.File) || a.File == "" || a.File[0] == '.' {
			return nil, fmt.Errorf("open the recording: %.80q is no file of it", a.File)
		}
	}
	return r, nil
}

// URL of the shop that was recorded.
func (r *Replayer) URL() string { return r.tape.URL }

// Recipe is the name of the one that it was recorded with.
func (r *Replayer) Recipe() string { return r.tape.Recipe }

var errNotTaped = errors.New("the recording has no answer to it")

// answer gives the answer to a request: one that was not given yet, if there is
// one; by its purpose, if the request itself is not known.
func (r *Replayer) answer(q taped) (recipe.Page, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	same := func(a taped) bool { return a.Method == q.Method && a.Asked == q.Asked && a.Body == q.Body }
	for _, fits := range []func(a taped) bool{
		func(a taped) bool { return same(a) && !a.played },
		same,
		func(a taped) bool { return a.What == q.What && a.Method == q.Method && !a.played },
	} {
		for i, a := range r.tape.Answers {
			if fits(a) {
				return r.play(i)
			}
		}
	}
	return recipe.Page{}, fmt.Errorf("%s %s: %w", q.Method, q.Asked, errNotTaped)
}

// next gives the page that was clicked or scrolled to from the last one; false
// if that was the last.
func (r *Replayer) next() (recipe.Page, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := r.last + 1; i < len(r.tape.Answers); i++ {
		if a := r.tape.Answers[i]; a.What == listPage {
			if a.Method != clickedTo {
				break
			}
			p, err := r.play(i)
			return p, err == nil, err
		}
	}
	return recipe.Page{}, false, nil
}

func (r *Replayer) play(i int) (recipe.Page, error) {
	a := &r.tape.Answers[i]
	a.played = true
	if a.What == listPage {
		r.last = i
	}
	body, err := os.ReadFile(filepath.Join(r.dir, a.File))
	if err != nil {
		return recipe.Page{}, fmt.Errorf("read the recording: %w", err)
	}
	return recipe.Page{URL: a.URL, Status: a.Status, Header: a.Header, Type: a.Type, At: a.At, Body: body}, nil
}

// replay answers a call from the recording.
func (t *trip) replay(c call) (recipe.Page, error) {
	request, err := t.prepare(c)
	if err != nil {
		return recipe.Page{}, &LayoutError{Shop: t.shop.Name, Page: c.what, Err: err}
	}
	t.asked = request.URL
	p, err := t.s.o.Replay.answer(t.question(c.what, request))
	if err != nil {
		return p, &LayoutError{Shop: t.shop.Name, Page: c.what, Err: err}
	}
	t.pages++
	p = extract.Prepare(p)
	if extract.SignedIn(t.shop.Recipe, p) != extract.Yes {
		return p, &LayoutError{Shop: t.shop.Name, Page: c.what, Err: errors.New("what was recorded is not the page of somebody who is signed in")}
	}
	return p, nil
}

// pretend makes a session for a replay, whose tokens are what a recording has
// instead of them.
func (t *trip) pretend() {
	t.session = newSession(t.shop, ownAgent, t.at)
	t.session.Vars = map[string]string{}
	vars := t.shop.Recipe.SignIn.Vars
	for _, s := range t.shop.Recipe.SignIn.Steps {
		vars = append(vars[:len(vars):len(vars)], s.Vars...)
	}
	for _, v := range vars {
		t.session.Vars[v.Name] = "{" + v.Name + "}"
	}
}
