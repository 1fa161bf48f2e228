package demoshop

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Kind of a fault.
type Kind string

// What can go wrong at a shop.
const (
	Answer        Kind = "answer"         // an HTTP status instead of the page
	Slow          Kind = "slow"           // the page, but late
	Cut           Kind = "cut"            // the connection ends in the middle of the page
	LoginInstead  Kind = "login instead"  // 200 and the sign-in form
	EmptyTable    Kind = "empty table"    // the list without rows and without its words for "none"
	ChangedColumn Kind = "changed column" // the status column has another name
	GBK           Kind = "gbk"            // the page in GBK, said in a meta tag only
	Garbage       Kind = "garbage"        // 200 and bytes that are no page
	Huge          Kind = "huge"           // 200 and more than 10 MiB
	Wall          Kind = "wall"           // 403 and a page that wants to see a person
)

// Fault says what goes wrong, where and how often.
type Fault struct {
	Kind       Kind
	Path       string        // requests whose path begins so; "" is every page and API answer, not the sign-in
	Skip       int           // requests that are still served well
	Times      int           // how many requests it hits; 0 means all until Mend
	Status     int           // of an Answer
	RetryAfter string        // header of an Answer
	Delay      time.Duration // of Slow
}

type fault struct {
	Fault
	seen int
}

type faultKey struct{}

// Break makes the shop misbehave. Several faults may stand; the first that fits
// a request takes it.
func (s *Shop) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{Fault: f})
}

// Mend takes all faults away.
func (s *Shop) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Shop) fault(r *http.Request) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if !f.fits(r.URL.Path) {
			continue
		}
		f.seen++
		if f.seen > f.Skip && (f.Times == 0 || f.seen <= f.Skip+f.Times) {
			return f
		}
	}
	return nil
}

func (f *fault) fits(path string) bool {
	if f.Path != "" {
		return strings.HasPrefix(path, f.Path)
	}
	return path != "/admin/login" && !strings.HasPrefix(path, "/static/")
}

// instead answers in place of the page, or reports that the page is to be served.
func (s *Shop) instead(f *fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Answer:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, "<!doctype html><title>%d</title><h1>%d %s</h1>", f.Status, f.Status, http.StatusText(f.Status))
	case Slow:
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
			return false
		case <-r.Context().Done():
		}
	case LoginInstead:
		s.showLogin(w, &session{csrf: "none"}, "")
	case Wall:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<!doctype html><title>Just a moment...</title><div class="captcha">Checking that you are a person</div><script src="/cdn-cgi/challenge-platform/h/b.js"></script>`)
	case Garbage:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(bytes.Repeat([]byte{0, 0xff, '<', 0xfe}, 400))
	case Huge:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>huge</title>"))
		for range 11 {
			_, _ = w.Write(bytes.Repeat([]byte{' '}, 1<<20))
		}
	default:
		return false
	}
	return true
}

// mark tells the page of a fault that is in its content.
func (f *fault) mark(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), faultKey{}, f.Kind))
}

func broken(r *http.Request, kind Kind) bool { return r.Context().Value(faultKey{}) == kind }

// cut sends the first half of an answer under the length of the whole.
func cut(w http.ResponseWriter, page func(http.ResponseWriter)) {
	whole := httptest.NewRecorder()
	page(whole)
	body := whole.Body.Bytes()
	w.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	_, _ = w.Write(body[:len(body)/2])
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}
