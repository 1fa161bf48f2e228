package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"nudged/cmd/nudged/control"
	"nudged/store"
)

type runCmd struct{}

// Run is the daemon. It ends well on SIGINT and SIGTERM.
func (runCmd) Run(s *session) error {
	cfg, err := s.config(true)
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		s.log.Warn(w.String())
	}
	level := slog.LevelInfo
	if s.cli.Verbose {
		level = slog.LevelDebug
	}
	log := newLogger(s.stderr, level, s.errTTY, s.cli.LogJSON)
	a, err := openApp(s.ctx, cfg, appOptions{Now: s.now, Log: log})
	var inUse *store.InUseError
	switch {
	case errors.As(err, &inUse):
		return fmt.Errorf("cannot start: %w", err)
	case s.ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	err = a.serve(s.ctx, func() (io.Closer, error) { return control.Listen(s.ctx, cfg.Data, a.answer, log) })
	if closing := a.Close(); closing != nil {
		err = errors.Join(err, closing)
	}
	if err == nil {
		log.Info("stopped")
	}
	return err
}
