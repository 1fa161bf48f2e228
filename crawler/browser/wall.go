package browser

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"nudged/crawler/recipe"
)

// wall is where WebSockets end. Fetch interception never sees their handshake,
// and what a page's script removes is still there in its workers; but Chrome
// asks a proxy for every one of them, from pages, frames and workers alike. The
// wall is that proxy, and its answer is no.
type wall struct {
	listener net.Listener
	guard    *recipe.Guard
	work     sync.WaitGroup
}

func newWall(ctx context.Context, guard *recipe.Guard) (*wall, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on loopback: %w", err)
	}
	w := &wall{listener: l, guard: guard}
	w.work.Go(w.serve)
	return w, nil
}

func (w *wall) address() string { return w.listener.Addr().String() }

func (w *wall) close() error {
	err := w.listener.Close()
	w.work.Wait()
	return err
}

func (w *wall) serve() {
	for {
		c, err := w.listener.Accept()
		if err != nil {
			return // closed
		}
		w.refuse(c)
	}
}

// refuse answers one by one: whoever floods the wall slows down WebSockets.
func (w *wall) refuse(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	line, err := bufio.NewReader(io.LimitReader(c, 2048)).ReadString('\n')
	method, rest, _ := strings.Cut(line, " ")
	host, _, _ := strings.Cut(rest, " ")
	if err != nil || method != "CONNECT" {
		return
	}
	if w.guard.Refuse("WebSocket", "ws://"+host+"/", "WebSockets are not read-only") != nil {
		_, _ = io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}
}
