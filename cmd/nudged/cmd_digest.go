package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"nudged/notify"
)

type digestCmd struct {
	Out      string `help:"Write digest.html and digest.txt into this directory." placeholder:"DIR"`
	Send     bool   `help:"Mail it now to the addresses of the config."`
	Language string `help:"Show it in this language: en or zh. Mails go out in that of the config." placeholder:"LANGUAGE"`
}

func (digestCmd) remote() {}

// Run shows the day so far: from the last digest to now.
func (c digestCmd) Run(s *session) error {
	if c.Send && (c.Language != "" || c.Out != "") {
		return &usageError{errors.New("--send mails the digest as the config says; --language and --out are for a look at it")}
	}
	a, done, err := s.open(c.Send)
	if err != nil {
		return err
	}
	defer done()
	from, err := a.since()
	if err != nil {
		return err
	}
	if c.Send {
		if a.cfg.Digest == nil {
			return &usageError{errors.New("the config has no digest section that says where to send it")}
		}
		if err := a.sendDigest(s.ctx, from, a.now()); err != nil {
			return err
		}
		s.printf("Sent.\n")
		return nil
	}
	return c.show(s, a, from)
}

// show writes the digest where the seller can read it, and sends nothing.
func (c digestCmd) show(s *session, a *app, from time.Time) error {
	number, err := a.nextNumber()
	if err != nil {
		return err
	}
	if !notify.HasDigest(c.Language) {
		return &usageError{fmt.Errorf("--language %s: there is no digest in language %q; there are %s", c.Language, c.Language, strings.Join(notify.SellerLanguages(), ", "))}
	}
	facts, err := a.facts(s.ctx, from, a.now(), number, false)
	if err != nil {
		return err
	}
	if c.Language != "" {
		facts.Language = c.Language
	}
	_, text, html, err := notify.RenderDigest(facts)
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	if c.Out == "" {
		s.printf("%s", text)
		return nil
	}
	for name, body := range map[string]string{"digest.html": html, "digest.txt": text} {
		if err := s.file(filepath.Join(c.Out, name), []byte(body)); err != nil {
			return err
		}
	}
	s.printf("%s\n%s\n", filepath.Join(c.Out, "digest.html"), filepath.Join(c.Out, "digest.txt"))
	return nil
}

// since is where the day of the next digest begins.
func (a *app) since() (time.Time, error) {
	from, ok, err := a.db.Marked(markDigest)
	if err != nil || ok {
		return from, err
	}
	return a.now().Add(-24 * time.Hour), nil
}
