package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/control"
	"nudged/cmd/nudged/table"
	"nudged/notify"
)

// cli is every command and flag.
type cli struct {
	Config  string `short:"c" default:"config.yaml" help:"The config file." placeholder:"FILE"`
	Verbose bool   `short:"v" help:"Say more about what happens."`
	LogJSON bool   `name:"log-json" help:"Log lines as JSON, for a log collector."`

	Init     initCmd     `cmd:"" help:"Meet your first shop: look at it, sign in, write the config."`
	Login    loginCmd    `cmd:"" help:"Sign in to a shop yourself, where it wants a person."`
	Check    checkCmd    `cmd:"" help:"Look for mistakes in the config; --online also tries to sign in everywhere."`
	Crawl    crawlCmd    `cmd:"" help:"Visit the shops now, once."`
	Orders   ordersCmd   `cmd:"" help:"List orders: filter, sort, take them to Excel."`
	Shops    shopsCmd    `cmd:"" help:"List your shops: how each stands, and what it needs."`
	Why      whyCmd      `cmd:"" help:"Tell everything that happened to an order, and why."`
	Remind   remindCmd   `cmd:"" help:"Send what is due, or show what would go out."`
	Digest   digestCmd   `cmd:"" help:"Show, write or send the digest of the day so far."`
	Buyers   buyersCmd   `cmd:"" help:"List people, show one, say who must not be written to and who may get offers."`
	Export   exportCmd   `cmd:"" help:"Write all orders or buyers into an Excel file or a CSV."`
	Import   importCmd   `cmd:"" help:"Take in orders or buyers from an Excel file or a CSV of your own."`
	Campaign campaignCmd `cmd:"" help:"Write to people with an offer or news, once, carefully."`
	Privacy  privacyCmd  `cmd:"" help:"Answer a person who asks what is known of them, or to be forgotten."`
	Run      runCmd      `cmd:"" help:"Run as a daemon: visit, remind, send the digest."`
	Demo     demoCmd     `cmd:"" help:"Show everything with a small shop on this computer."`
	Recipe   recipeCmd   `cmd:"" help:"List, show, try and record recipes."`
	Browser  browserCmd  `cmd:"" help:"Install a browser."`
	Version  versionCmd  `cmd:"" help:"Print the version."`

	// What commands ask of the process that has the database open.
	Session sessionCmd `cmd:"" hidden:""`
	Tried   triedCmd   `cmd:"" hidden:""`
	HandOut handOutCmd `cmd:"" hidden:""`
	TakeIn  takeInCmd  `cmd:"" hidden:""`
}

// session is one run of one command.
type session struct {
	world
	ctx  context.Context
	cli  *cli
	log  *slog.Logger
	args []string
	bars *table.Progress // nil when none are shown
}

// remote is a command that the daemon can run on its open database. One that also
// has alone() bool runs here all the same when that is true: it needs none.
type remote interface{ remote() }

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, w world) int {
	err := command(ctx, args, w)
	return finish(err, w.stderr)
}

// exited is kong's way to say that it printed the help.
type exited int

func command(ctx context.Context, args []string, w world) (err error) {
	defer func() {
		if r := recover(); r != nil {
			status, ok := r.(exited)
			if !ok {
				panic(r)
			}
			if err = nil; status != 0 {
				err = &usageError{errors.New("see --help")}
			}
		}
	}()
	var c cli
	parser, err := kong.New(&c,
		kong.Name("nudged"),
		kong.Description("Reminds buyers of unpaid orders, kindly, and tells you once a day how things stand."),
		kong.Writers(w.stdout, w.stderr),
		kong.Exit(func(status int) { panic(exited(status)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fmt.Errorf("the command line is broken: %w", err)
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return &usageError{cmp.Or(whichList(args), misread(err))}
	}
	s := &session{world: w, ctx: ctx, cli: &c, args: args}
	s.log = s.logger()
	target := chosen.Selected().Target.Addr().Interface()
	alone, ok := target.(interface{ alone() bool })
	if _, there := target.(remote); there && (!ok || !alone.alone()) {
		return s.near(func() error { return chosen.Run(s) })
	}
	if w.app != nil {
		return &usageError{errors.New("this command does not run inside the daemon")}
	}
	return chosen.Run(s)
}

// near runs a command where the database is open: in the daemon if there is
// one, else here.
func (s *session) near(local func() error) error {
	if s.app != nil {
		return local()
	}
	cfg, err := config.Load(s.cli.Config, s.configOptions(config.Options{Quick: true}))
	if err != nil {
		return err
	}
	r := control.Request{Args: s.args, TTY: s.tty, Width: s.width, Input: s.input}
	status, err := control.Call(s.ctx, cfg.Data, r, control.Answer{Out: s.stdout, Err: s.stderr, File: s.file})
	switch {
	case errors.Is(err, control.ErrNoDaemon):
		return local()
	case err != nil:
		return err
	case status != 0:
		return &doneError{status}
	}
	return nil
}

// config loads the file named on the command line. Inside the daemon it is the
// daemon's own.
func (s *session) config(secrets bool) (*config.Config, error) {
	if s.app != nil {
		return s.app.cfg, nil
	}
	return config.Load(s.cli.Config, s.configOptions(config.Options{Secrets: secrets}))
}

// configOptions adds what this session knows of its surroundings.
func (s *session) configOptions(o config.Options) config.Options {
	o.LookupEnv, o.Texts = s.lookupEnv, notify.LoadTexts
	if s.keys != nil {
		o.Keyring = s.keys.Get
	}
	return o
}

// open gives the app: the daemon's, or one of its own that closing closes.
func (s *session) open(secrets bool) (*app, func(), error) {
	if s.app != nil {
		return s.app, func() {}, nil
	}
	cfg, err := s.config(secrets)
	if err != nil {
		return nil, nil, err
	}
	a, err := openApp(s.ctx, cfg, appOptions{Now: s.now, Log: s.log, Progress: s.progress(), Sealed: !secrets})
	if err == nil && secrets { // a command that may send
		if err = a.settleCutOff(s.ctx); err != nil {
			err = errors.Join(err, a.Close())
		} else {
			a.heed(s.ctx)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return a, func() {
		s.endProgress()
		if err := a.Close(); err != nil {
			s.log.Error("closing failed", "err", err)
		}
	}, nil
}

// logger writes to standard error: for people on a terminal, plain text or JSON
// elsewhere. A command says itself what came of it, so its log is for errors,
// unless told to say more; the daemon has a line a visit.
func (s *session) logger() *slog.Logger {
	level := slog.LevelError
	if s.cli.Verbose {
		level = slog.LevelDebug
	}
	return newLogger(s.stderr, level, s.errTTY, s.cli.LogJSON)
}

func newLogger(w io.Writer, level slog.Level, tty, json bool) *slog.Logger {
	switch {
	case json:
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	case tty:
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: time.TimeOnly}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

func (s *session) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.stdout, format, args...) }
func (s *session) sayf(format string, args ...any)   { _, _ = fmt.Fprintf(s.stderr, format, args...) }
