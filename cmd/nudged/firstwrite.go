package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nudged/store/order"
)

// write writes the secrets, then the config: a config without its password would
// be a trap.
func (m *meeting) write() error {
	m.places()
	text, err := m.first.text()
	if err != nil {
		return err
	}
	kept, err := m.keep()
	if err != nil {
		return err
	}
	path := m.s.cli.Config
	if err := writeNew(path, text); err != nil {
		return errors.Join(err, m.drop(kept))
	}
	if len(m.session) > 0 { // so that the first visit need not sign in again
		if _, err := m.s.inside([]string{"session", m.first.Name, "--signed-in"}, m.session); err != nil {
			m.s.log.Warn("the sign-in could not be kept; the first visit signs in again", "shop", m.first.Name, "err", err)
		}
	}
	m.s.printf("Wrote %s. Reminders are in preview: buyers get nothing until you say so.\n", path)
	switch {
	case m.Keyring:
		m.s.printf("The password is in the keyring.\n")
	case len(kept) > 0:
		m.s.printf("The password is in %s, which only you can read.\n", strings.Join(kept, " and "))
	}
	next := "nudged crawl"
	if m.found.Recipe.Trial != "" {
		next = fmt.Sprintf("nudged recipe test %s --page saved.html --shop %s", m.first.Recipe, m.first.Name)
	}
	m.s.printf("Next: %s; then open %s for your mail account.\n", next, path)
	return nil
}

// keep puts the secrets where the config says, and gives the files it made.
func (m *meeting) keep() ([]string, error) {
	dir := filepath.Dir(m.s.cli.Config)
	var made []string
	for _, secret := range []struct {
		text       order.Secret
		name, file string
		given      bool
	}{
		{m.password, m.first.Name, m.passwordFile(), m.PasswordFile != ""},
		{m.totp, m.first.Name + "-totp", m.totpFile(), false},
	} {
		var err error
		switch {
		case secret.text == "":
		case m.Keyring:
			if err = m.s.keys.Set(secret.name, secret.text.Reveal()); err != nil {
				err = fmt.Errorf("the keyring did not take the password: %w; without --keyring it is kept in a file that only you can read", err)
			}
		case !secret.given:
			file := filepath.Join(dir, secret.file)
			if err = writeNew(file, []byte(secret.text.Reveal()+"\n")); err == nil {
				made = append(made, file)
			}
		}
		if err != nil {
			return nil, errors.Join(err, m.drop(made))
		}
	}
	return made, nil
}

func (m *meeting) drop(files []string) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, os.Remove(f))
	}
	return errors.Join(errs...)
}
