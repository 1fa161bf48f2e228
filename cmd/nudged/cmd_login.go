package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"github.com/mdp/qrterminal/v3"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/crawler"
	"nudged/crawler/browser"
)

type loginCmd struct {
	Shop     string        `arg:"" help:"The shop to sign in to."`
	NoWindow bool          `help:"Open no window, also where there is a screen: codes are shown and asked for here."`
	Wait     time.Duration `default:"10m" help:"How long to wait for you."`
}

// Run lets the seller sign in and hands the session to whoever has the database
// open. The browser is opened here, where the seller is, also while the daemon
// runs.
func (c loginCmd) Run(s *session) error {
	cfg, err := s.config(true)
	if err != nil {
		return err
	}
	shop, err := named(cfg, c.Shop)
	if err != nil {
		return err
	}
	kept, err := s.inside([]string{"session", shop.Name, "--any"}, nil)
	if err != nil {
		return err
	}
	session, err := s.signInByHand(cfg, shop, []byte(kept), c.Wait, !c.NoWindow && s.screen())
	if err != nil {
		return errors.Join(err, s.noteRefused(shop, err))
	}
	if _, err := s.inside([]string{"session", shop.Name, "--signed-in"}, session); err != nil {
		return fmt.Errorf("you are signed in, but that could not be kept: %w", err)
	}
	s.printf("%s: signed in. It is visited again from now on; nudged crawl %s does it at once.\n", shop.Name, shop.Name)
	return nil
}

// signInByHand is the sign-in of a person, in a window or on the terminal.
func (s *session) signInByHand(cfg *config.Config, shop config.Shop, kept []byte, wait time.Duration, window bool) ([]byte, error) {
	spider := s.lonely(cfg, "chrome-login")
	d := newDialog(s)
	session, err := spider.Login(s.ctx, targetOf(shop), crawler.LoginOptions{
		Kept: kept, Wait: wait, Path: cfg.Browser.Path, Profile: profileOf(cfg, shop.Name), Headed: window,
		ShowQR: func(png []byte, text string) {
			s.showCode(filepath.Join(cfg.Data, "saved", shop.Name+"-code.png"), png, text)
		},
		Ask: func(question string) (string, error) { return d.line(table.Clean(question) + " ") },
		Say: func(text string) { s.sayf("%s: %s\n", shop.Name, table.Clean(text)) },
	})
	return session, errors.Join(err, spider.Close())
}

// profileOf is the folder of the browser in which a person signs in to a shop.
func profileOf(cfg *config.Config, shop string) string {
	return filepath.Join(cfg.Data, "browser", shop)
}

// lonely is a spider beside the daemon's, with a browser of its own.
func (s *session) lonely(cfg *config.Config, profiles string) *crawler.Spider {
	return crawler.New(crawler.Options{
		Browser: browser.Options{
			Path: cfg.Browser.Path, Headed: cfg.Browser.Headed, LoopbackOnly: onLoopback(cfg.Shops),
			ProfileRoot: filepath.Join(cfg.Data, profiles), Log: s.log,
		},
		Log: s.log, Now: s.now, SaveDir: filepath.Join(cfg.Data, "saved"), Progress: s.progress(),
	})
}

// showCode draws a code that is to be scanned. What cannot be drawn is left as a
// file.
func (s *session) showCode(file string, png []byte, text string) {
	s.endProgress()
	if text != "" {
		s.sayf("Scan this with your phone:\n\n")
		qrterminal.GenerateWithConfig(text, qrterminal.Config{
			Level: qrterminal.M, Writer: s.stderr, HalfBlocks: true, QuietZone: 2,
			BlackChar: qrterminal.BLACK_BLACK, WhiteChar: qrterminal.WHITE_WHITE,
			BlackWhiteChar: qrterminal.BLACK_WHITE, WhiteBlackChar: qrterminal.WHITE_BLACK,
		})
		s.sayf("\n")
		return
	}
	if err := writeFile(file, png); err != nil {
		s.sayf("The code to scan could not be written to a file: %s\n", err)
		return
	}
	s.sayf("The code to scan is the picture %s\n", file)
}

// screen reports whether a window can be seen here.
func (s *session) screen() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY"} {
		if v, ok := s.lookupEnv(name); ok && v != "" {
			return true
		}
	}
	return false
}

// sessionCmd hands a shop's session out, or takes a new one in, where the
// database is open. It is no command for people.
type sessionCmd struct {
	Shop     string `arg:""`
	Any      bool   // also of a shop that may not be visited now
	Keep     bool   // take one in
	SignedIn bool   // take one in that a person has made: nothing speaks against visits any more
	Refused  bool   // note that the shop has refused user and password
}

func (sessionCmd) remote() {}

// Run prints the session, or reads one.
func (c sessionCmd) Run(s *session) error {
	a, done, err := s.open(c.Refused)
	if err != nil {
		return err
	}
	defer done()
	shop, err := named(a.cfg, c.Shop)
	if err != nil {
		return err
	}
	if c.Refused {
		return a.takeRefusal(s, shop)
	}
	if c.Keep || c.SignedIn {
		return c.take(s, a, shop)
	}
	if !c.Any {
		if err := a.barred(s.ctx, shop); err != nil {
			return err
		}
	}
	kept, err := a.db.Session(shop.Name)
	if err == nil {
		_, err = s.stdout.Write(kept)
	}
	return err
}

// maxSession bounds one that is handed over.
const maxSession = 2 << 20

// take keeps a session. The shop's turn is waited for: a visit that runs would
// put its own in the place of this one.
func (c sessionCmd) take(s *session, a *app, shop config.Shop) error {
	session, err := io.ReadAll(io.LimitReader(s.stdin, maxSession+1))
	if err != nil || len(session) == 0 || len(session) > maxSession {
		return fmt.Errorf("shop %s: the session is missing or too large", shop.Name)
	}
	leave, err := a.enter(s.ctx, shop.Name)
	if err != nil {
		return err
	}
	defer leave()
	if err := a.db.SetSession(s.ctx, shop.Name, session); err != nil || !c.SignedIn {
		return err
	}
	return errors.Join(a.db.ClearRefusal(s.ctx, shop.Name), a.met(s.ctx, shop.Name))
}
