package demoshop

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options of a shop. The zero value is a shop with the [Sample] orders.
type Options struct {
	User, Password string           // "seller" and "demo-password" if empty
	Now            func() time.Time // time.Now if nil
	Zone           *time.Location   // of the times on its pages; UTC if nil
	Orders         []Order          // nil: Sample; empty: a shop without orders
	PageSize       int              // of the list; 10 if zero
	Tame           bool             // its pages try nothing dangerous by themselves
	AskCode        bool             // after the right password it wants a one-time code
	Door           Door             // how else people are let in
	Addr           string           // for Start; "127.0.0.1:0" if empty
}

// Shop is a back-office. It is an http.Handler; all its methods may be called
// while it serves.
type Shop struct {
	URL string // of a started shop, with a slash at its end

	o      Options
	routes http.Handler
	pages  *template.Template
	server *http.Server
	done   chan struct{}

	mu       sync.Mutex
	orders   []Order // newest first
	sessions map[string]*session
	store    string              // the name that its pages show
	codes    map[string]struct{} // one-time codes that were used
	waiting  []string            // sessions that show a QR code
	wrong    int                 // passwords in a row
	signIns  int
	refusals int
	expireIn int // signed-in requests until every session ends; 0: never
	every    int // expireIn starts again from here
	faults   []*fault
	log      []Request
	writes   []string
}

// New makes a shop that is not served yet.
func New(o Options) *Shop {
	if o.User == "" {
		o.User = "seller"
	}
	if o.Password == "" {
		o.Password = "demo-password"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.PageSize == 0 {
		o.PageSize = 10
	}
	if o.Orders == nil {
		o.Orders = Sample(o.Now())
	}
	if o.Door.LockAfter == 0 {
		o.Door.LockAfter = maxWrong
	}
	s := &Shop{o: o, store: "Demo Shop", codes: map[string]struct{}{}, sessions: map[string]*session{}, orders: slices.Clone(o.Orders), pages: templates()}
	s.sort()
	s.routes = s.mux()
	return s
}

// Start serves a shop on the loopback interface until Close, or until ctx ends.
func Start(ctx context.Context, o Options) (*Shop, error) {
	s := New(o)
	addr := s.o.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start the demo shop: %w", err)
	}
	s.URL = "http://" + listener.Addr().String() + "/"
	s.done = make(chan struct{})
	// Aborted answers are a fault that tests ask for, nothing to log.
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	stop := context.AfterFunc(ctx, func() { _ = s.server.Close() })
	go func() {
		defer close(s.done)
		defer stop()
		_ = s.server.Serve(listener)
	}()
	return s, nil
}

// Close stops serving, open answers included.
func (s *Shop) Close() error {
	if s.server == nil {
		return nil
	}
	err := s.server.Close()
	<-s.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// User that may sign in.
func (s *Shop) User() string { return s.o.User }

// Password of the user.
func (s *Shop) Password() string { return s.o.Password }

// ServeHTTP answers one request: it is logged, a fault may take it, a write is
// counted, and then the page is served.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.note(r)
	if s.countWrite(r) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	broken := s.fault(r)
	if broken != nil && s.instead(broken, w, r) {
		return
	}
	if broken != nil {
		r = broken.mark(r)
	}
	s.routes.ServeHTTP(w, r)
}

func (s *Shop) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/admin/", http.StatusFound) })
	mux.HandleFunc("GET /admin/login", s.loginPage)
	mux.HandleFunc("POST /admin/login", s.login)
	mux.HandleFunc("POST /admin/login/code", s.code)
	mux.HandleFunc("POST /api/login", s.apiLogin)
	mux.HandleFunc("GET /admin/qr", s.qrPage)
	mux.HandleFunc("GET /admin/qr/state", s.qrState)
	mux.HandleFunc("GET /admin/logout", s.logout)
	mux.HandleFunc("GET /static/{file}", serveStatic)
	mux.HandleFunc("GET /pay/{number}", s.payPage)
	mux.HandleFunc("GET /danger/{file}", serveDanger)
	mux.Handle("GET /admin/{$}", s.signedIn(s.dashboard))
	mux.Handle("GET /admin/orders", s.signedIn(s.livePage))
	mux.Handle("GET /admin/orders/plain", s.signedIn(s.plainPage))
	mux.Handle("GET /admin/orders/{id}", s.signedIn(s.detailPage))
	mux.Handle("GET /admin/orders/{id}/live", s.signedIn(s.liveDetail))
	mux.Handle("GET /admin/orders/{id}/chat", s.signedIn(s.chatPage))
	mux.Handle("GET /admin/danger", s.signedIn(s.dangerPage))
	mux.Handle("GET /api/me", s.signedIn(s.apiMe))
	mux.Handle("GET /api/orders", s.signedIn(s.apiOrders))
	mux.Handle("GET /api/orders/{id}", s.signedIn(s.apiOrder))
	return mux
}

func (s *Shop) sort() {
	slices.SortStableFunc(s.orders, func(a, b Order) int { return b.Created.Compare(a.Created) })
}
