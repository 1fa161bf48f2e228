package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

func dial(ctx context.Context, path string) (net.Conn, error) {
	d := net.Dialer{Timeout: 2 * time.Second}
	return d.DialContext(ctx, "unix", path)
}

// Call runs a command in the daemon of a data directory. Without a daemon the
// error is [ErrNoDaemon] and nothing has happened.
func Call(ctx context.Context, data string, r Request, a Answer) (int, error) {
	path := Path(data)
	if len(path) > maxPath {
		return 0, ErrNoDaemon // no daemon could listen there
	}
	conn, err := dial(ctx, path)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoDaemon, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()

	r.Version = version
	line, err := json.Marshal(r)
	if err != nil {
		return 0, fmt.Errorf("cannot ask the daemon: %w", err)
	}
	if len(line) >= maxRequest {
		return 0, errors.New("the command is too long")
	}
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return 0, fmt.Errorf("cannot ask the daemon: %w", err)
	}
	code, err := receive(conn, a)
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return code, err
}

func receive(conn net.Conn, a Answer) (int, error) {
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 64<<10), maxFrame)
	files := map[string][]byte{}
	size := 0
	for lines.Scan() {
		var f frame
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			return 0, fmt.Errorf("the daemon's answer cannot be read: %w", err)
		}
		if f.Exit != nil {
			return *f.Exit, nil
		}
		if f.File != nil {
			if size += len(f.File.Data); size > maxFile {
				return 0, errors.New("the daemon's answer is too large")
			}
		}
		if err := take(f, files, a); err != nil {
			return 0, err
		}
	}
	return 0, ErrCut
}

func take(f frame, files map[string][]byte, a Answer) error {
	var err error
	switch {
	case f.File != nil:
		name := f.File.Name
		files[name] = append(files[name], f.File.Data...)
		if f.File.Done {
			err = a.File(name, files[name])
			delete(files, name)
		}
	case len(f.Out) > 0:
		_, err = a.Out.Write(f.Out)
	case len(f.Err) > 0:
		_, err = a.Err.Write(f.Err)
	}
	if err != nil {
		return fmt.Errorf("cannot pass on the daemon's answer: %w", err)
	}
	return nil
}
