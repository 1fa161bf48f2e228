package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// Answer is where a command run by the daemon writes to.
type Answer struct {
	Out, Err io.Writer
	// File makes a file on the caller's side.
	File func(name string, data []byte) error
}

// Handler runs a command and gives its exit code. Its context ends when the
// caller goes away or the server closes.
type Handler func(ctx context.Context, r Request, a Answer) int

// Server answers on the socket of one data directory.
type Server struct {
	listener net.Listener
	handler  Handler
	log      *slog.Logger
	ctx      context.Context
	cancel   context.CancelFunc
	calls    chan struct{}
	wg       sync.WaitGroup
}

// Listen takes the socket of a data directory and serves it until Close. A
// socket that a dead daemon left behind is removed. The caller holds the
// database, so there is at most one who gets here.
func Listen(ctx context.Context, data string, h Handler, log *slog.Logger) (*Server, error) {
	path := Path(data)
	if len(path) > maxPath {
		return nil, fmt.Errorf("the path %s is too long for a socket (%d bytes, at most %d); write a shorter data directory in the config", path, len(path), maxPath)
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for commands: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot close the socket to others: %w", err), l.Close())
	}
	s := &Server{listener: l, handler: h, log: log, calls: make(chan struct{}, maxCalls)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.wg.Go(s.accept)
	return s, nil
}

func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot look at the socket: %w", err)
	}
	if info.Mode().IsRegular() || info.IsDir() {
		return fmt.Errorf("%s is in the way: it is no socket; move it away", path)
	}
	if conn, err := dial(ctx, path); err == nil {
		_ = conn.Close()
		return ErrRunning
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("cannot remove the socket of a dead daemon: %w", err)
	}
	return nil
}

// Close stops listening, ends the calls that run and waits for them.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.cancel()
	s.wg.Wait()
	return err
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) || s.ctx.Err() != nil {
			return
		}
		if err != nil {
			// Out of file descriptors, most likely: breathe before the next try.
			s.log.Warn("cannot accept a command", "err", err)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-s.ctx.Done():
				return
			}
			continue
		}
		s.wg.Go(func() { s.serve(conn) })
	}
}

func (s *Server) serve(conn net.Conn) {
	defer conn.Close()
	w := &frames{conn: conn}
	select {
	case s.calls <- struct{}{}:
		defer func() { <-s.calls }()
	default:
		w.fail("the daemon is answering %d commands already; try again in a moment\n", maxCalls)
		return
	}
	r, err := readRequest(s.ctx, conn)
	if err != nil {
		w.fail("%s\n", err)
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	// The caller sends nothing more: whatever a read brings, it is gone.
	s.wg.Go(func() {
		_, _ = conn.Read(make([]byte, 1))
		cancel()
	})
	w.exit(s.run(ctx, r, w))
}

func (s *Server) run(ctx context.Context, r Request, w *frames) (code int) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("a command panicked", "err", fmt.Sprint(p), "stack", string(debug.Stack()))
			_, _ = w.err().Write([]byte("the command failed inside the daemon; its log says where\n"))
			code = 1
		}
	}()
	return s.handler(ctx, r, Answer{Out: w.out(), Err: w.err(), File: w.file})
}

// readRequest waits for the caller, but not once the server closes.
func readRequest(ctx context.Context, conn net.Conn) (Request, error) {
	var r Request
	if err := conn.SetReadDeadline(time.Now().Add(readTimeout)); err != nil {
		return r, fmt.Errorf("cannot read the command: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })()
	line, err := bufio.NewReader(io.LimitReader(conn, maxRequest)).ReadBytes('\n')
	if err != nil {
		return r, errors.New("the command was cut off, or is too long")
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return r, errors.New("this is no command of nudged")
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return r, fmt.Errorf("cannot read the command: %w", err)
	}
	return r, r.check()
}

// frames writes an answer; its writers may be used at the same time.
type frames struct {
	mu   sync.Mutex
	conn net.Conn
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func (f *frames) out() io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		return f.chunks(p, func(c []byte) frame { return frame{Out: c} })
	})
}

func (f *frames) err() io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		return f.chunks(p, func(c []byte) frame { return frame{Err: c} })
	})
}

// chunk keeps a line below maxFrame: base64 makes four bytes of three.
const chunk = maxFrame / 2

func (f *frames) chunks(p []byte, wrap func([]byte) frame) (int, error) {
	for done := 0; done < len(p); {
		n := min(chunk, len(p)-done)
		if err := f.send(wrap(p[done : done+n])); err != nil {
			return done, err
		}
		done += n
	}
	return len(p), nil
}

func (f *frames) file(name string, data []byte) error {
	if len(data) > maxFile {
		return fmt.Errorf("the file %s is too large to be handed over", name)
	}
	_, err := f.chunks(data, func(c []byte) frame { return frame{File: &part{Name: name, Data: c}} })
	if err != nil {
		return err
	}
	return f.send(frame{File: &part{Name: name, Done: true}})
}

func (f *frames) fail(format string, args ...any) {
	_, _ = fmt.Fprintf(f.err(), format, args...)
	f.exit(1)
}

// exit ends the answer. That the caller may be gone by now changes nothing.
func (f *frames) exit(code int) { _ = f.send(frame{Exit: &code}) }

func (f *frames) send(v frame) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot answer: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.conn.SetWriteDeadline(time.Now().Add(readTimeout)); err != nil {
		return fmt.Errorf("cannot answer: %w", err)
	}
	if _, err := f.conn.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("cannot answer: %w", err)
	}
	return nil
}
