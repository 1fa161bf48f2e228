package browser

import (
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
)

// askAgain is within how long a page that waits for news asks for the next ones.
const askAgain = time.Second

// asked is a request that a script of the page has made.
type asked struct {
	address string // method and URL, without the query
	apart   bool   // it began before the act that is waited for, or goes on with such a one
}

// setApart makes what is under way no part of what comes now. A page that waits
// for news has a request pending for ever, and asks anew as soon as it is answered.
func (t *tab) setApart() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.fetching {
		f.apart = true
	}
}

func (t *tab) beginFetch(id network.RequestID, r *network.Request) {
	address, _, _ := strings.Cut(r.URL, "?")
	f := &asked{address: r.Method + " " + address}
	before, redirected := t.fetching[id]
	f.apart = redirected && before.apart || time.Since(t.apart[f.address]) < askAgain
	delete(t.apart, f.address) // only one goes on with it
	t.fetching[id] = f
	t.fetches++
	if !f.apart {
		t.fetched = time.Now()
	}
}

func (t *tab) endFetch(id network.RequestID) {
	f, ok := t.fetching[id]
	switch {
	case !ok:
		return
	case f.apart:
		t.apart[f.address] = time.Now()
	default:
		t.fetched = time.Now()
	}
	delete(t.fetching, id)
}

// busy: something is being fetched that came of the act.
func (t *tab) busy() bool {
	for _, f := range t.fetching {
		if !f.apart {
			return true
		}
	}
	return false
}
