package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed config.example.yaml
var example []byte

type initCmd struct{}

// Run writes the example, and never over something that is there.
func (initCmd) Run(s *session) error {
	path := s.cli.Config
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &usageError{fmt.Errorf("%s is there already and stays as it is; --config names another file", path)}
	}
	if err != nil {
		return fmt.Errorf("cannot write the config: %w", err)
	}
	_, err = f.Write(example)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write the config: %w", err)
	}
	s.printf("Wrote %s. Put your shop in, then run: nudged check\n", path)
	return nil
}

// writeFile writes what a command was asked for: with its directory, for its
// owner only, since it may hold names and addresses.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("cannot make the directory of %s: %w", name, err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		return fmt.Errorf("cannot write the file: %w", err)
	}
	return nil
}
