package inbox

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/netutil"

	"nudged/notify"
	"nudged/store/order"
)

// Bounds of the listener.
const (
	minSecret   = 16               // characters
	maxConns    = 32               // at a time
	maxQuery    = 16 << 10         // bytes of a request line and its header
	perSecond   = 50               // call-backs, after a burst of
	burst       = 500              //
	takeTimeout = 20 * time.Second // Kannel gives up after 30
	lastAnswers = 5 * time.Second  // for what is under way when we stop
)

// ListenOptions of the call-back listener.
type ListenOptions struct {
	Addr   string       // a loopback address with port, as 127.0.0.1:8087
	Secret order.Secret // first part of the path; at least 16 characters
	// Regions are the countries (as "CN") whose national numbers Kannel may hand
	// over without country code; tried in this order.
	Regions []string
	// Take records what came. An error lets Kannel try again, if it is set up to.
	Take func(context.Context, order.Back) error
	Now  func() time.Time // nil is time.Now
	Log  *slog.Logger     // nil is silence; it is told no number and no text
}

func (o ListenOptions) filled() (ListenOptions, error) {
	host, port, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return o, fmt.Errorf("sms replies: %q is no address with a port; write 127.0.0.1:8087", o.Addr)
	}
	if !notify.Loopback(host) {
		return o, fmt.Errorf("sms replies: %q is not this machine alone; listen on 127.0.0.1, and let Kannel run here", host)
	}
	if host == "localhost" {
		o.Addr = net.JoinHostPort("127.0.0.1", port) // whatever the hosts file says
	}
	if len(o.Secret.Reveal()) < minSecret {
		return o, fmt.Errorf("sms replies: the secret has fewer than %d characters; make one with `openssl rand -hex 16`", minSecret)
	}
	if o.Take == nil {
		return o, errors.New("sms replies: nothing takes what comes in")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// Serve answers Kannel's call-backs until the context ends, which is no error.
func Serve(ctx context.Context, o ListenOptions) error {
	l, err := Listen(ctx, o)
	if err != nil {
		return err
	}
	return l.Serve(ctx)
}

// Listener has its port.
type Listener struct {
	o ListenOptions
	l net.Listener
}

// Listen takes the port; end it with Serve or Close.
func Listen(ctx context.Context, o ListenOptions) (*Listener, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("sms replies: listening on %s: %w; is another nudged running, or the port taken?", o.Addr, err)
	}
	return &Listener{o: o, l: l}, nil
}

// Addr is where it listens.
func (l *Listener) Addr() string { return l.l.Addr().String() }

// Close gives the port back without serving.
func (l *Listener) Close() error { return l.l.Close() }

// Serve answers until the context ends.
func (l *Listener) Serve(ctx context.Context) error {
	server := &http.Server{
		Handler: Handler(l.o), MaxHeaderBytes: maxQuery, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would name addresses
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: takeTimeout + 5*time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }, // what is being taken is taken to its end
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(netutil.LimitListener(l.l, maxConns)) }()
	select {
	case err := <-ended:
		return fmt.Errorf("sms replies: listening on %s: %w", l.o.Addr, err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAnswers)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		_ = server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("sms replies: listening on %s: %w", l.o.Addr, err)
	}
	return nil
}

// Handler answers the call-backs: GET /SECRET/in and /SECRET/report. Everything
// else gets the same 404. The options must be those of [Listen]; o.Addr is not looked at.
func Handler(o ListenOptions) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h := &handler{o: o, secret: sha256.Sum256([]byte(o.Secret.Reveal())), bucket: bucket{left: burst, at: o.Now()}}
	return h
}

type handler struct {
	o      ListenOptions
	secret [sha256.Size]byte
	bucket bucket
}

// ServeHTTP answers with an empty body: Kannel would send one to the buyer.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	what, ok := h.allowed(r)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if !h.bucket.take(h.o.Now()) {
		h.o.Log.Warn("sms replies: more call-backs than a gateway makes; some are put off")
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	b, is, err := call(what, r.URL.RawQuery, h.o)
	if err != nil {
		h.o.Log.Warn("sms replies: a call-back that is not set up as it should be", "err", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if is {
		ctx, cancel := context.WithTimeout(r.Context(), takeTimeout)
		defer cancel()
		if err := h.o.Take(ctx, b); err != nil {
			h.o.Log.Error("sms replies: recording a call-back", "err", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusOK)
}

// allowed says which call-back it is. The secret is compared by its hash in
// constant time, whatever else is wrong with the request.
func (h *handler) allowed(r *http.Request) (string, bool) {
	given, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	sum := sha256.Sum256([]byte(given))
	right := subtle.ConstantTimeCompare(sum[:], h.secret[:]) == 1
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	near := err == nil && notify.Loopback(host)
	return what, right && near && r.Method == http.MethodGet && r.ContentLength == 0 && (what == "in" || what == "report")
}
