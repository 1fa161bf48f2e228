package main

import "nudged/crawler/browser"

type browserCmd struct {
	Install browserInstallCmd `cmd:"" help:"Install Chromium with the system's package manager."`
}

type browserInstallCmd struct{}

// Run installs a browser unless there is one: typing the command is the consent.
func (browserInstallCmd) Run(s *session) error { return installBrowser(s) }

func installBrowser(s *session) error {
	if path, err := browser.Find(""); err == nil {
		s.printf("There is a browser already: %s\n", path)
		return nil
	}
	if err := browser.Install(s.ctx, s.stderr); err != nil {
		return err
	}
	path, err := browser.Find("")
	if err != nil {
		return err
	}
	s.printf("Installed: %s\n", path)
	return nil
}
