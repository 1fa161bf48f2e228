package main

import (
	"errors"
	"fmt"
	"strings"

	ring "github.com/zalando/go-keyring"

	"nudged/cmd/nudged/config"
)

// keyring keeps secrets for the user who is logged in.
type keyring interface {
	Get(name string) (string, error)
	Set(name, secret string) error
}

// ringService is the name under which the system's keyring shows what is ours.
const ringService = "nudged"

// systemKeyring is that of the desktop: Secret Service, Keychain or Credential
// Manager. On a server there mostly is none.
type systemKeyring struct{}

// Get reads a secret; [config.ErrNotInKeyring] if there is none of that name.
func (systemKeyring) Get(name string) (string, error) {
	s, err := ring.Get(ringService, name)
	if errors.Is(err, ring.ErrNotFound) {
		return "", config.ErrNotInKeyring
	}
	return s, short(err)
}

// Set keeps a secret.
func (systemKeyring) Set(name, secret string) error {
	return short(ring.Set(ringService, name, secret))
}

// short keeps the first line: some keyrings answer with the output of a program.
func short(err error) error {
	if err == nil {
		return nil
	}
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return fmt.Errorf("%.200s", line)
}
