package browser

import (
	"slices"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"nudged/crawler/recipe"
)

// hear follows the requests of a frame that is a target of its own.
func (t *tab) hear(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seeRequest(ev) {
		t.news()
	}
}

// seeRequest is false for an event that is no news.
func (t *tab) seeRequest(ev any) bool {
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		t.beginRequest(ev)
	case *network.EventResponseReceived:
		if ev.Type == network.ResourceTypeDocument && ev.FrameID == t.frame {
			t.answers[ev.LoaderID] = &document{request: ev.RequestID, answer: ev.Response}
		}
		t.answered[ev.RequestID] = ev.Response.URL
		t.catch.response(ev)
	case *network.EventDataReceived:
		doc := t.answers[cdp.LoaderID(ev.RequestID)] // the two are equal for a document
		if doc == nil {
			return false
		}
		doc.size += ev.DataLength
	case *network.EventLoadingFinished:
		t.endRequest(ev.RequestID, true)
	case *network.EventLoadingFailed:
		t.endRequest(ev.RequestID, false)
	default:
		return false
	}
	return true
}

func (t *tab) beginRequest(ev *network.EventRequestWillBeSent) {
	if ev.RedirectResponse != nil {
		t.hears(ev.RedirectResponse.URL)
	}
	t.catch.request(ev)
	if ev.Type == network.ResourceTypeXHR || ev.Type == network.ResourceTypeFetch {
		t.beginFetch(ev.RequestID, ev.Request)
	}
}

func (t *tab) endRequest(id network.RequestID, whole bool) {
	t.catch.end(id, whole)
	if address, ok := t.answered[id]; ok && whole {
		t.hears(address)
	}
	delete(t.answered, id)
	t.endFetch(id)
}

// hears remembers that a response has come whole.
func (t *tab) hears(address string) {
	if len(t.heard) < heardAtMost {
		t.heard = append(t.heard, address)
	}
}

// listen forgets the responses that have come so far.
func (t *tab) listen() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heard = nil
}

func (t *tab) hasHeard(address *recipe.Regexp) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return address != nil && slices.ContainsFunc(t.heard, address.MatchString)
}
