package demoshop

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one line of the shop's log.
type Request struct {
	At        time.Time
	Method    string
	Path      string // without the query
	Query     string
	UserAgent string
}

func (s *Shop) note(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, Request{At: s.o.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, UserAgent: r.UserAgent()})
}

// Log is every request since the start or the last ResetLog.
func (s *Shop) Log() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Count says how many requests went to a path.
func (s *Shop) Count(path string) int {
	n := 0
	for _, r := range s.Log() {
		if r.Path == path {
			n++
		}
	}
	return n
}

// Counts is the number of requests of each path.
func (s *Shop) Counts() map[string]int {
	counts := map[string]int{}
	for _, r := range s.Log() {
		counts[r.Path]++
	}
	return counts
}

// ResetLog forgets the requests so far, not the writes.
func (s *Shop) ResetLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// SignIns is how often the right password was accepted.
func (s *Shop) SignIns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signIns
}

// Refusals is how often a user or password was refused, locked-out tries included.
func (s *Shop) Refusals() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refusals
}

// Writes are the requests that would have changed something, each as
// "METHOD /path?query". A reader of the shop leaves it empty.
func (s *Shop) Writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.writes)
}

// countWrite notes whatever is no reading: every method but GET, HEAD and
// OPTIONS, the addresses that delete by GET, and WebSockets.
func (s *Shop) countWrite(r *http.Request) bool {
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	login := r.Method == http.MethodPost && (r.URL.Path == "/admin/login" || r.URL.Path == "/admin/login/code" || r.URL.Path == "/api/login")
	query := r.URL.Query()
	deletes := query.Get("action") == "delete" || slices.ContainsFunc(strings.Split(r.URL.Path, "/"), func(part string) bool {
		return part == "delete" || part == "trash" || part == "refund" || part == "cancel"
	})
	socket := strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	if (safe && !deletes && !socket) || login {
		return false
	}
	method := r.Method
	if socket {
		method = "WEBSOCKET"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes = append(s.writes, method+" "+r.URL.RequestURI())
	return true
}

// Orders as they stand now, newest first.
func (s *Shop) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.orders)
}

// Order with this id.
func (s *Shop) Order(id string) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.index(id); i >= 0 {
		return s.orders[i], true
	}
	return Order{}, false
}

func (s *Shop) index(id string) int {
	return slices.IndexFunc(s.orders, func(o Order) bool { return o.ID == id })
}

// Add takes an order in. Without an ID it gets the next one, without a time it
// is of now, without a status it waits for payment.
func (s *Shop) Add(o Order) Order {
	now := s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.ID == "" {
		for next := 1043 + len(s.orders); o.ID == "" || s.index(o.ID) >= 0; next++ {
			o.ID = fmt.Sprint(next)
		}
	}
	if o.Number == "" {
		o.Number = "DS-" + o.ID
	}
	if o.Created.IsZero() {
		o.Created = now.Truncate(time.Second)
	}
	if o.Status == "" {
		o.Status = Awaiting
	}
	if o.Lines == nil {
		fillLines(&o, len(s.orders))
	}
	if o.Code == "" {
		o.Code = "USD"
	}
	s.orders = append(s.orders, o)
	s.sort()
	return o
}

// SetStatus gives an order another status text.
func (s *Shop) SetStatus(id, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.index(id)
	if i < 0 {
		return fmt.Errorf("the demo shop has no order %s", id)
	}
	s.orders[i].Status = status
	return nil
}

// Pay an order.
func (s *Shop) Pay(id string) error { return s.SetStatus(id, Paid) }

// Cancel an order.
func (s *Shop) Cancel(id string) error { return s.SetStatus(id, Cancelled) }

// Remove an order, as if it had been archived.
func (s *Shop) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = slices.DeleteFunc(s.orders, func(o Order) bool { return o.ID == id })
}

// AskCode makes the shop want a one-time code after the right password, or no
// longer.
func (s *Shop) AskCode(want bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.AskCode = want
}

// ExpireSessions signs everybody out.
func (s *Shop) ExpireSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// ExpireAfter signs everybody out once, after n more signed-in requests.
func (s *Shop) ExpireAfter(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expireIn, s.every = n, 0
}

// ExpireEvery signs everybody out after every n signed-in requests; 0 stops it.
func (s *Shop) ExpireEvery(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expireIn, s.every = n, n
}

// Sessions is how many people are signed in.
func (s *Shop) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(slices.Collect(maps.Keys(s.sessions)))
}
