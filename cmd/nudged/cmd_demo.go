package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nudged/crawler/browser"
)

type demoCmd struct {
	InstallBrowser bool   `help:"Install Chromium first if there is no browser (Debian and Ubuntu, with apt)."`
	Out            string `default:"out" help:"Where mails and digests are written." placeholder:"DIR"`
	Keep           bool   `help:"Keep the demo's database and config."`
}

// Run shows the real thing: the real pipeline with the real browser. Only the
// shops, their buyers and the mail server are ours, and all are on this computer.
func (c demoCmd) Run(s *session) error {
	if c.InstallBrowser {
		if err := installBrowser(s); err != nil {
			return err
		}
	}
	chrome, err := browser.Find("")
	if err != nil {
		return fmt.Errorf("%w; or let the demo install one: nudged demo --install-browser", err)
	}
	dir, err := os.MkdirTemp("", "nudged-demo-")
	if err != nil {
		return fmt.Errorf("the demo needs a temporary directory: %w", err)
	}
	if c.Keep {
		s.printf("The demo's files: %s\n", dir)
	} else {
		defer func() { _ = os.RemoveAll(dir) }()
	}
	d := &demo{session: s, dir: dir, out: c.Out, chrome: chrome, kept: map[string]caught{}}
	if err := d.run(); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// demo is one run: three weeks in the life of two shops.
type demo struct {
	*session
	clock            demoClock
	dir, out, chrome string

	stages []*stage
	mails  *sink
	seen   int // mails that were looked at
	spider awake
	app    *app

	today  day
	offers int               // of the campaign, that buyers have read
	kept   map[string]caught // mails that are shown at the end, by name
}

func (d *demo) run() (err error) {
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.open(); err != nil {
		return err
	}
	d.printf("Two small shops, a mail server and their buyers run on this computer only. The clock is put forward\n"+
		"through the three weeks from %s on. A line is a day from midnight to midnight;\n"+
		"the digest of an evening tells the 24 hours up to 21:00.\n\n", d.clock.now().Format("Monday, 2 January 2006"))
	for n := range demoDays {
		if err := d.live(n); err != nil {
			return fmt.Errorf("day %d: %w", n+1, err)
		}
	}
	if err := d.explain(); err != nil {
		return err
	}
	if err := d.show(); err != nil {
		return err
	}
	for _, st := range d.stages {
		if writes := st.shop.Writes(); len(writes) > 0 {
			return fmt.Errorf("shop %s was sent something that writes: %s", st.conf.Name, strings.Join(writes, ", "))
		}
	}
	d.printf("\nIn all of this the shops were sent nothing that writes. Your own shop next: nudged init\n")
	return nil
}

// explain tells of the last order that was paid unseen what nudged why would.
func (d *demo) explain() error {
	g, ok := d.guest(graceEmail)
	if !ok || !g.paid {
		return errors.New("the demo's buyer who pays unseen is gone")
	}
	d.printf("\nOn the last day %s paid minutes before her reminder, and no visit had seen it. The look saw it:\n"+
		"nudged why %s\n\n", g.Name, g.Number)
	return d.app.why(d.session, g.key())
}

// show writes what came out as files.
func (d *demo) show() error {
	d.printf("\nIn %s, as .html for a browser and .eml for a mail program:\n", d.out)
	for _, f := range demoFiles() {
		m, ok := d.kept[f.mail]
		if !ok {
			return fmt.Errorf("no mail %q came out of the three weeks", f.mail)
		}
		if err := d.write(f.name, m); err != nil {
			return err
		}
		d.printf("  %-18s %s\n", f.name, f.about)
	}
	return d.chinese()
}

func (d *demo) write(name string, m caught) error {
	l, err := m.open()
	if err != nil {
		return err
	}
	for ending, body := range map[string][]byte{".eml": m.Raw, ".html": []byte(l.HTML)} {
		if err := d.file(filepath.Join(d.out, name+ending), body); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) close() error {
	var errs []error
	if d.app != nil {
		errs = append(errs, d.app.Close())
	}
	if d.mails != nil {
		errs = append(errs, d.mails.Close())
	}
	for _, st := range d.stages {
		errs = append(errs, st.shop.Close())
	}
	return errors.Join(errs...)
}
