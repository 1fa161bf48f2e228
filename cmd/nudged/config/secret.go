package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"nudged/store/order"
)

const howToPassword = "write {env: NAME} and set that environment variable, or {file: PATH} with a file that only you can read"

var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,99}$`)

// secret reads {env: NAME} or {file: PATH}. What stands there instead may be
// the secret itself, so no message here repeats what was typed.
func (v value) secret(l *loader) (order.Secret, bool) {
	if !v.there() {
		return "", false
	}
	kind, from, ok := v.secretRef()
	if !ok {
		return "", false
	}
	if !l.opts.Secrets {
		return "", true
	}
	if kind == "env" {
		return v.envSecret(l, from)
	}
	return v.fileSecret(l, from)
}

func (v value) secretRef() (kind, from string, ok bool) {
	n := v.node
	if len(n.Content) == 0 {
		v.problem("a password never stands in the config; %s", howToPassword)
		return "", "", false
	}
	if len(n.Content) != 2 || n.Content[0].Value != "env" && n.Content[0].Value != "file" {
		v.problem("it must be one of env and file; %s", howToPassword)
		return "", "", false
	}
	kind, from = n.Content[0].Value, strings.TrimSpace(resolve(n.Content[1]).Value)
	if kind == "env" && !envName.MatchString(from) {
		v.problem("what follows env is not the name of an environment variable (capital letters, digits, _); %s", howToPassword)
		return "", "", false
	}
	if from == "" {
		v.problem("what follows file is empty; %s", howToPassword)
		return "", "", false
	}
	return kind, from, true
}

func (v value) envSecret(l *loader, name string) (order.Secret, bool) {
	s, ok := l.opts.LookupEnv(name)
	if !ok || s == "" {
		v.noSecret("the environment variable %s is not set; set it before starting nudged", name)
		return "", false
	}
	return order.Secret(s), true
}

func (v value) fileSecret(l *loader, path string) (order.Secret, bool) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(l.name), path)
	}
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			v.noSecret("the file %s does not exist; put the password there and nothing else", path)
		} else {
			v.noSecret("the file %s cannot be read; look at its permissions", path)
		}
		return "", false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		v.noSecret("%s is not a plain file; put the password in one", path)
		return "", false
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		v.noSecret("the file %s can be read by others; run: chmod 600 %s", path, path)
		return "", false
	}
	return v.readSecret(f, path)
}

func (v value) readSecret(f io.Reader, path string) (order.Secret, bool) {
	const limit = 4096
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil || len(raw) > limit {
		v.noSecret("the file %s is not a password file: it cannot be read or is over 4 KiB", path)
		return "", false
	}
	s := strings.TrimRight(string(raw), "\r\n")
	if s == "" {
		v.noSecret("the file %s is empty; put the password there", path)
		return "", false
	}
	return order.Secret(s), true
}

func (v value) noSecret(format string, args ...any) {
	p := v.at(format, args...)
	p.Secret = true
	v.file.problems = append(v.file.problems, p)
}
