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

type initCmd struct {
	Address      string `help:"Where you sign in to the back-office."`
	User         string `help:"The name you sign in with."`
	PasswordFile string `help:"A file with the password and nothing else, that only you can read. It stays where it is." placeholder:"FILE"`
	Keyring      bool   `help:"Keep the password in the keyring of this computer instead of a file."`
	Recipe       string `help:"The recipe to use, if the system is not recognised: a name, or a file of your own."`
	Name         string `help:"What to call the shop; otherwise after its address."`
	Zone         string `help:"The time zone of the times that the shop shows, as Europe/Berlin; otherwise asked, or that of this computer."`
	NoWindow     bool   `help:"Open no window where you have to sign in yourself."`
	Yes          bool   `short:"y" help:"Ask nothing; write the config if the shop could be read."`
	Example      bool   `help:"Only write an example, with every key, to fill in."`
}

// Run meets the first shop. Where nobody can be asked and nothing was said, it
// writes the example.
func (c initCmd) Run(s *session) error {
	path := s.cli.Config
	if _, err := os.Lstat(path); err == nil {
		return thereAlready(path)
	}
	if c.Example || s.typed == nil && c == (initCmd{}) {
		if err := writeNew(path, example); err != nil {
			return err
		}
		s.printf("Wrote %s. Put your shop in, then run: nudged check\n", path)
		return nil
	}
	m := &meeting{initCmd: c, s: s, d: newDialog(s)}
	return m.run()
}

func thereAlready(path string) error {
	return &usageError{fmt.Errorf("%s is there already and stays as it is; --config names another file", path)}
}

// writeNew writes a file for its owner, and never over something that is there.
func writeNew(path string, data []byte) error {
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("cannot make the directory of %s: %w", path, err)
		}
	}
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return thereAlready(path)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
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
