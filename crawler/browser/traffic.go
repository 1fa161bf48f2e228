package browser

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// guardTraffic pauses every request of the whole browser until it is judged. A
// page's own Fetch domain would miss popups, forms that open a window, shared
// and service workers, and frames of other sites.
func (b *Browser) guardTraffic() error {
	paused := chromedp.BrowserEvents(b.ctx, fetch.RequestPaused)
	if _, err := chromedp.CallBrowser(b.ctx, fetch.Enable, fetch.EnableParams{
		Patterns: []*fetch.RequestPattern{{URLPattern: "*"}},
	}); err != nil {
		return fmt.Errorf("putting the guard in place: %w", err)
	}
	b.work.Go(func() {
		for ev, err := range paused {
			if err != nil {
				return // Chrome is gone
			}
			// An answer waits for Chrome; the next request does not wait for it.
			b.work.Go(func() { b.decide(&ev) })
		}
	})
	return nil
}

func (b *Browser) decide(ev *fetch.EventRequestPaused) {
	if maySignIn(ev.ResourceType, ev.Request) {
		b.sent.Add(1)
	}
	if ev.ResourceType == network.ResourceTypeDocument {
		b.awaitWindow(target.ID(ev.FrameID))
	}
	var err error
	switch {
	case b.isBlank(ev.Request.URL):
		_, err = chromedp.CallBrowser(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{
			RequestID: ev.RequestID, ResponseCode: 200,
			ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: "text/html"}},
			Body:            []byte(`<!doctype html><link rel="icon" href="data:,"><title>blank</title>`),
		})
	case b.refused(ev) || b.needless(ev):
		_, err = chromedp.CallBrowser(b.ctx, fetch.FailRequest, fetch.FailRequestParams{
			RequestID: ev.RequestID, ErrorReason: network.ErrorReasonBlockedByClient,
		})
	default:
		_, err = chromedp.CallBrowser(b.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{
			RequestID: ev.RequestID, Headers: b.freshHeaders(ev),
		})
	}
	if err != nil && b.Alive() {
		b.log.Debug("a paused request is gone", "err", err)
	}
}

// needless is what no order is read from. Once signed in, pictures, fonts and
// films are not loaded: a page is there sooner, and the shop has less to send.
// Style sheets are: what is visible depends on them.
func (b *Browser) needless(ev *fetch.EventRequestPaused) bool {
	switch ev.ResourceType {
	case network.ResourceTypeImage, network.ResourceTypeMedia, network.ResourceTypeFont:
		return b.guard.Locked()
	}
	return false
}

// refused judges a request. A body that Chrome does not show is one that no
// recipe can have declared.
func (b *Browser) refused(ev *fetch.EventRequestPaused) bool {
	if b.opts.LoopbackOnly && !loopback(ev.Request.URL) {
		b.log.Debug("request beyond loopback stopped", "url", plain(ev.Request.URL))
		return true
	}
	headers := make(map[string]string, len(ev.Request.Headers))
	for name, value := range ev.Request.Headers {
		headers[name] = fmt.Sprint(value)
	}
	body, whole := postBody(ev.Request)
	var err error
	if !whole && b.guard.Locked() {
		err = b.guard.Refuse(ev.Request.Method, ev.Request.URL, "its body can not be seen")
	} else {
		err = b.guard.Judge(ev.Request.Method, ev.Request.URL, headers, body)
	}
	if t := b.tabOf(ev); t != nil && err != nil && ev.ResourceType == network.ResourceTypeDocument {
		t.stopped(err)
	}
	return err != nil
}

func postBody(r *network.Request) (body []byte, whole bool) {
	for _, e := range r.PostDataEntries {
		if e == nil || len(e.Bytes) == 0 { // a file or a blob
			return nil, false
		}
		body = append(body, e.Bytes...)
	}
	return body, !r.HasPostData || len(body) > 0
}

// freshHeaders asks for a live answer, not for one out of Chrome's cache, where
// the answer is what an order is judged by: documents and what scripts fetch. It
// adds the headers of Get to its document. Nil changes nothing.
func (b *Browser) freshHeaders(ev *fetch.EventRequestPaused) []*fetch.HeaderEntry {
	switch ev.ResourceType {
	case network.ResourceTypeDocument, network.ResourceTypeXHR, network.ResourceTypeFetch:
	default:
		return nil
	}
	if ev.Request.Method != "GET" || !b.sameOrigin(ev.Request.URL) {
		return nil
	}
	extra := map[string]string{"Cache-Control": "no-cache"}
	if t := b.tabOf(ev); t != nil && ev.ResourceType == network.ResourceTypeDocument {
		for name, value := range t.extraHeaders() {
			extra[name] = value
		}
	}
	var list []*fetch.HeaderEntry
	for name, value := range ev.Request.Headers {
		if !hasName(extra, name) {
			list = append(list, &fetch.HeaderEntry{Name: name, Value: fmt.Sprint(value)})
		}
	}
	for name, value := range extra {
		list = append(list, &fetch.HeaderEntry{Name: name, Value: value})
	}
	return list
}

func hasName(m map[string]string, name string) bool {
	for k := range m {
		if strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

func (b *Browser) sameOrigin(address string) bool {
	return origin(address) == origin(b.guard.Base().String())
}

// origin is "" for what has none.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

func loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
	default:
		return true // data:, blob:, about:
	}
	switch u.Hostname() {
	case "127.0.0.1", "::1", "localhost":
		return true
	}
	return false
}
