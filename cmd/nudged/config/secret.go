package config

import (
	"encoding/base32"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"nudged/store/order"
)

const howToPassword = "write {env: NAME} and set that environment variable, {file: PATH} with a file that only you can read, or {keyring: NAME}"

var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,99}$`)

// secret reads {env: NAME}, {file: PATH} or {keyring: NAME}. What stands there
// instead may be the secret itself, so no message here repeats what was typed.
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
	switch kind {
	case "env":
		return v.envSecret(l, from)
	case "keyring":
		return v.keyringSecret(l, from)
	}
	return v.fileSecret(l, from)
}

func (v value) secretRef() (kind, from string, ok bool) {
	n := v.node
	if len(n.Content) == 0 {
		v.problem("a password never stands in the config; %s", howToPassword)
		return "", "", false
	}
	if len(n.Content) != 2 || !slices.Contains([]string{"env", "file", "keyring"}, n.Content[0].Value) {
		v.problem("it must be one of env, file and keyring; %s", howToPassword)
		return "", "", false
	}
	kind, from = n.Content[0].Value, strings.TrimSpace(resolve(n.Content[1]).Value)
	if kind == "env" && !envName.MatchString(from) {
		v.problem("what follows env is not the name of an environment variable (capital letters, digits, _); %s", howToPassword)
		return "", "", false
	}
	if from == "" {
		v.problem("what follows %s is empty; %s", kind, howToPassword)
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

// keyringSecret asks the keyring of the system. It tells "none" from "cannot be
// reached": a server without a desktop has no keyring at all.
func (v value) keyringSecret(l *loader, name string) (order.Secret, bool) {
	if l.opts.Keyring == nil {
		v.noSecret("there is no keyring here; write {file: PATH} with a file that only you can read")
		return "", false
	}
	s, err := l.opts.Keyring(name)
	switch {
	case errors.Is(err, ErrNotInKeyring):
		v.noSecret("the keyring holds nothing of that name for nudged; nudged init --keyring puts a password there")
		return "", false
	case err != nil:
		v.noSecret("the keyring cannot be reached (%s); write {file: PATH} with a file that only you can read", err)
		return "", false
	case s == "":
		v.noSecret("what the keyring holds under that name is empty")
		return "", false
	}
	return order.Secret(s), true
}

// ErrNotInKeyring says that a keyring works and does not know the name.
var ErrNotInKeyring = errors.New("not in the keyring")

// totp reads the secret of one-time codes. People paste it in groups, as it is
// shown: blanks and dashes say nothing.
func (v value) totp(l *loader) order.Secret {
	s, ok := v.secret(l)
	if !ok || s == "" {
		return ""
	}
	plain := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '=' || r == '\t' {
			return -1
		}
		return r
	}, s.Reveal()))
	if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(plain); err != nil {
		v.noSecret("it is no secret for one-time codes; it is the text of letters and of digits 2 to 7 that the shop shows beside its QR code, not a code of six digits")
		return ""
	}
	return order.Secret(plain)
}

func (v value) fileSecret(l *loader, path string) (order.Secret, bool) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(l.name), path)
	}
	text, ok := v.secretFile(path, 4096)
	return order.Secret(strings.TrimRight(text, "\r\n")), ok
}

// secretFile reads a file that nobody else can read, of at most limit bytes.
func (v value) secretFile(path string, limit int64) (string, bool) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			v.noSecret("the file %s does not exist; put the secret there and nothing else", path)
		} else {
			v.noSecret("the file %s cannot be read; look at its permissions", path)
		}
		return "", false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		v.noSecret("%s is not a plain file; put the secret in one", path)
		return "", false
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		v.noSecret("the file %s can be read by others; run: chmod 600 %s", path, path)
		return "", false
	}
	return v.readSecret(f, path, limit)
}

func (v value) readSecret(f io.Reader, path string, limit int64) (string, bool) {
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil || int64(len(raw)) > limit:
		v.noSecret("the file %s holds no such secret: it cannot be read or is over %d KiB", path, limit>>10)
		return "", false
	case strings.Trim(string(raw), "\r\n") == "":
		v.noSecret("the file %s is empty; put the secret there", path)
		return "", false
	}
	return string(raw), true
}

func (v value) noSecret(format string, args ...any) {
	p := v.at(format, args...)
	p.Secret = true
	v.file.problems = append(v.file.problems, p)
}
