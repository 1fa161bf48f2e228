package control_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/control"
)

// dir is a short one: a socket's path holds about a hundred bytes.
func dir(t *testing.T) string {
	t.Helper()
	d, err := os.MkdirTemp("", "nc") //nolint:usetesting // that of the test is too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(d) })
	return d
}

func serve(t *testing.T, data string, h control.Handler) *control.Server {
	t.Helper()
	s, err := control.Listen(t.Context(), data, h, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

type heard struct {
	out, err bytes.Buffer
	files    map[string][]byte
}

func (h *heard) answer() control.Answer {
	h.files = map[string][]byte{}
	return control.Answer{Out: &h.out, Err: &h.err, File: func(name string, data []byte) error {
		h.files[name] = data
		return nil
	}}
}

func TestACommandRunsInTheDaemon(t *testing.T) {
	data := dir(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 100<<10) // several frames
	serve(t, data, func(_ context.Context, r control.Request, a control.Answer) int {
		fmt.Fprintf(a.Out, "args %q tty %v width %d input %d\n", r.Args, r.TTY, r.Width, len(r.Input))
		fmt.Fprint(a.Err, "a word aside\n")
		if err := a.File("out/digest.html", big); err != nil {
			t.Error(err)
		}
		return 4
	})
	var h heard
	code, err := control.Call(t.Context(), data, control.Request{Args: []string{"orders", "--json", "王"}, TTY: true, Width: 100, Input: big}, h.answer())
	if err != nil || code != 4 {
		t.Fatalf("code %d, err %v", code, err)
	}
	if got, want := h.out.String(), "args [\"orders\" \"--json\" \"王\"] tty true width 100 input 1638400\n"; got != want {
		t.Errorf("out %q, want %q", got, want)
	}
	if h.err.String() != "a word aside\n" {
		t.Errorf("err %q", h.err.String())
	}
	if !bytes.Equal(h.files["out/digest.html"], big) {
		t.Errorf("the file arrived with %d bytes, want %d", len(h.files["out/digest.html"]), len(big))
	}
}

func TestNoDaemon(t *testing.T) {
	var h heard
	_, err := control.Call(t.Context(), dir(t), control.Request{}, h.answer())
	if !errors.Is(err, control.ErrNoDaemon) {
		t.Fatalf("err %v", err)
	}
}

func TestTheSocketIsForItsOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are those of the directory there")
	}
	data := dir(t)
	serve(t, data, func(context.Context, control.Request, control.Answer) int { return 0 })
	info, err := os.Stat(control.Path(data))
	if err != nil {
		t.Fatal(err)
	}
	if perm := info.Mode().Perm(); perm != 0o600 {
		t.Fatalf("permissions %o", perm)
	}
}

func TestASecondDaemonIsRefusedAndADeadOneCleanedUp(t *testing.T) {
	data := dir(t)
	first := serve(t, data, func(context.Context, control.Request, control.Answer) int { return 7 })
	_, err := control.Listen(t.Context(), data, nil, slog.New(slog.DiscardHandler))
	if !errors.Is(err, control.ErrRunning) {
		t.Fatalf("err %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	// What a killed daemon leaves behind: a socket that nobody serves.
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: control.Path(data)})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if _, err := os.Lstat(control.Path(data)); err != nil {
		t.Fatalf("the stale socket is not there: %v", err)
	}
	serve(t, data, func(context.Context, control.Request, control.Answer) int { return 8 })
	var h heard
	if code, err := control.Call(t.Context(), data, control.Request{}, h.answer()); err != nil || code != 8 {
		t.Fatalf("code %d, err %v", code, err)
	}
}

func TestAFileInTheWayIsNotRemoved(t *testing.T) {
	data := dir(t)
	if err := os.WriteFile(control.Path(data), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := control.Listen(t.Context(), data, nil, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "is in the way") {
		t.Fatalf("err %v", err)
	}
	if b, _ := os.ReadFile(control.Path(data)); string(b) != "mine" {
		t.Fatal("the file is gone")
	}
}

func TestALongPathIsExplained(t *testing.T) {
	data := filepath.Join(dir(t), strings.Repeat("d", 120))
	_, err := control.Listen(t.Context(), data, nil, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "shorter data directory") {
		t.Fatalf("err %v", err)
	}
	var h heard
	if _, err := control.Call(t.Context(), data, control.Request{}, h.answer()); !errors.Is(err, control.ErrNoDaemon) {
		t.Fatalf("err %v", err)
	}
}

func TestHostileCallers(t *testing.T) {
	data := dir(t)
	ran := make(chan control.Request, 10)
	serve(t, data, func(_ context.Context, r control.Request, _ control.Answer) int { ran <- r; return 0 })
	for name, sent := range map[string]string{
		"not json":       "GET / HTTP/1.1\r\n",
		"json, no frame": "[]\n",
		"other version":  `{"v":99,"args":["orders"]}` + "\n",
		"too long":       `{"v":1,"args":["` + strings.Repeat("x", 70<<10) + `"]}` + "\n",
		"too many":       `{"v":1,"args":[` + strings.Repeat(`"x",`, 200) + `"x"]}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("unix", control.Path(data))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			_, _ = conn.Write([]byte(sent)) // the server may have had enough before the end
			var answer bytes.Buffer
			_, _ = answer.ReadFrom(conn)
			if !strings.Contains(answer.String(), `"exit":1`) {
				t.Errorf("answer %q", answer.String())
			}
		})
	}
	select {
	case r := <-ran:
		t.Fatalf("a hostile request ran: %q", r.Args)
	default:
	}
	var h heard
	if code, err := control.Call(t.Context(), data, control.Request{}, h.answer()); err != nil || code != 0 {
		t.Fatalf("after all that: code %d, err %v", code, err)
	}
}

func TestHostileDaemon(t *testing.T) {
	for name, sent := range map[string]string{
		"not json":      "hello\n",
		"endless line":  strings.Repeat("x", 2<<20),
		"cut off":       `{"out":"aGVsbG8="}` + "\n",
		"endless files": strings.Repeat(`{"file":{"name":"f","data":"`+strings.Repeat("QUFB", 200<<10)+`"}}`+"\n", 16),
	} {
		t.Run(name, func(t *testing.T) {
			data := dir(t)
			l, err := net.Listen("unix", control.Path(data))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Write([]byte(sent))
				conn.Close()
			}()
			var h heard
			if _, err := control.Call(t.Context(), data, control.Request{}, h.answer()); err == nil || errors.Is(err, control.ErrNoDaemon) {
				t.Fatalf("err %v", err)
			}
		})
	}
}

func TestTheCommandEndsWhenItsCallerGoes(t *testing.T) {
	data := dir(t)
	started, ended := make(chan struct{}), make(chan struct{})
	serve(t, data, func(ctx context.Context, _ control.Request, _ control.Answer) int {
		close(started)
		<-ctx.Done()
		close(ended)
		return 1
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		var h heard
		_, err := control.Call(ctx, data, control.Request{}, h.answer())
		done <- err
	}()
	<-started
	cancel()
	<-ended
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("err %v", err)
	}
}

func TestCloseEndsRunningCommands(t *testing.T) {
	data := dir(t)
	started := make(chan struct{})
	s := serve(t, data, func(ctx context.Context, _ control.Request, _ control.Answer) int {
		close(started)
		<-ctx.Done()
		return 3
	})
	done := make(chan int, 1)
	go func() {
		var h heard
		code, _ := control.Call(context.Background(), data, control.Request{}, h.answer())
		done <- code
	}()
	<-started
	s.Close()
	if code := <-done; code != 3 {
		t.Fatalf("code %d", code)
	}
	if _, err := os.Lstat(control.Path(data)); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the socket is left behind: %v", err)
	}
}

func TestAPanicIsAnErrorOfOneCommand(t *testing.T) {
	data := dir(t)
	serve(t, data, func(context.Context, control.Request, control.Answer) int { panic("secret detail") })
	var h heard
	code, err := control.Call(t.Context(), data, control.Request{}, h.answer())
	if err != nil || code != 1 || strings.Contains(h.err.String(), "secret detail") {
		t.Fatalf("code %d, err %v, said %q", code, err, h.err.String())
	}
}

// A stop must not wait for one who has connected and says nothing.
func TestCloseDoesNotWaitForASilentCaller(t *testing.T) {
	data := dir(t)
	s := serve(t, data, func(context.Context, control.Request, control.Answer) int { return 0 })
	silent, err := net.Dial("unix", control.Path(data))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	var h heard
	if _, err := control.Call(t.Context(), data, control.Request{Args: []string{"orders"}}, h.answer()); err != nil { // who comes later is answered: the silent one is in
		t.Fatal(err)
	}
	begin := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("closing took %s", took)
	}
}
