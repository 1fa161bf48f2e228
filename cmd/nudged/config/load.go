package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"nudged/notify"
	"nudged/store/order"
)

// maxSize of a config file: far above any real one.
const maxSize = 1 << 20

// Options of a load.
type Options struct {
	// Secrets makes Load read the passwords. Without it their references are
	// checked for form only, for commands that need none.
	Secrets bool
	// Quick leaves out whether the steps can be in time, which is found by trying
	// them out over weeks: for a command that is handed to a program which has
	// asked that when it began.
	Quick bool
	// LookupEnv is [os.LookupEnv], or a test's.
	LookupEnv func(string) (string, bool)
	// Keyring reads a secret from the keyring of the system; nil where there is
	// none. [ErrNotInKeyring] when it does not know the name.
	Keyring func(name string) (string, error)
	// Texts loads the texts that steps may name, from the seller's directory and
	// from the program: [notify.LoadTexts]. Nil leaves them unchecked.
	Texts func(dir string) (*notify.Texts, error)
}

type loader struct {
	file
	opts       Options
	cfg        *Config
	top        mapping
	texts      *notify.Texts // nil: not known
	rows       []sequenceAt  // the plain steps first
	conditions []conditionAt
	unsent     []order.Channel // ways to the buyer that were reported to have no section
}

// Load reads and checks a config file. The error is [Problems] whenever the
// file could be read at all; the config is then what could be understood.
func Load(path string, opts Options) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the config: %w; `nudged init` writes one, --config names another", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the config: %w", err)
	}
	return Parse(path, src, opts)
}

// Parse is Load of a text that was read already.
func Parse(path string, src []byte, opts Options) (*Config, error) {
	if opts.LookupEnv == nil {
		opts.LookupEnv = os.LookupEnv
	}
	l := &loader{file: file{name: path}, opts: opts, cfg: &Config{File: path}}
	l.document(src)
	l.cfg.Warnings = l.warnings.sorted()
	if len(l.problems) > 0 {
		return l.cfg, l.problems.sorted()
	}
	return l.cfg, nil
}

func (l *loader) document(src []byte) {
	if v, ok := l.yaml(src, "`nudged init` writes an example"); ok {
		l.root(v)
	}
}

// yaml reads the one document of a file; false if it is none, which is said. hint
// is what to do about an empty one.
func (l *loader) yaml(src []byte, hint string) (value, bool) {
	wrong := func(p Problem) (value, bool) {
		l.problems = append(l.problems, p)
		return value{}, false
	}
	if len(src) > maxSize {
		return wrong(Problem{File: l.name, Message: "the file is over 1 MiB; is it the right one?"})
	}
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		return wrong(l.syntax(src, err, hint))
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return wrong(Problem{File: l.name, Message: "the file is empty; " + hint})
	}
	l.lines = strings.Split(string(src), "\n")
	v := value{node: resolve(doc.Content[0]), file: &l.file}
	if !v.there() {
		v.problem("the file is empty; %s", hint)
		return v, false
	}
	return v, true
}

func (l *loader) root(v value) {
	m, ok := v.mapping("")
	if !ok {
		return
	}
	l.top = m
	l.paths(m)
	l.email(m.get("email"))
	l.ownTexts(m.get("reminders").own("texts"))
	l.shops(m)
	l.sms(m.get("sms"))
	l.inbox(m.get("inbox"))
	l.digest(m.get("digest"))
	l.quiet(m.get("quiet"))
	l.limits(m.get("limits"))
	l.buyers(m.get("buyers"))
	l.cfg.KeepContacts, _ = m.get("keep_contacts").age()
	l.reminders(m.get("reminders"))
	l.browser(m.get("browser"))
	l.across(m)
}

func (l *loader) paths(m mapping) {
	l.cfg.Data = l.stateDir()
	if s, ok := m.get("data").text(); ok && s != "" {
		l.cfg.Data = l.abs(s)
	}
	l.cfg.Key = l.keyFile()
	key := m.get("key_file")
	if s, ok := key.text(); ok && s != "" {
		l.cfg.Key = l.abs(s)
	}
	if l.cfg.Data == "" {
		m.problem("no home directory is known here; write data: /path/of/a/directory")
		return
	}
	if l.cfg.Key == "" {
		m.problem("no home directory is known here; write key_file: /path/of/a/file")
		return
	}
	rel, err := filepath.Rel(l.cfg.Data, l.cfg.Key)
	if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		at := m.value
		if key.there() {
			at = key
		} else if d := m.get("data"); d.there() {
			at = d
		}
		at.problem("the key would lie in the data directory, and a copy of the one would take the other along; write key_file: /another/place")
	}
}

// abs resolves a path against the directory of the config file.
func (l *loader) abs(path string) string {
	if home, ok := l.opts.LookupEnv("HOME"); ok && (path == "~" || strings.HasPrefix(path, "~/")) {
		path = filepath.Join(home, path[1:])
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(l.name), path)
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// stateDir is where a program keeps what it remembers: XDG base directory
// specification 0.8 on Linux, the usual places elsewhere.
func (l *loader) stateDir() string {
	return l.home("XDG_STATE_HOME", ".local/state", "state")
}

func (l *loader) keyFile() string {
	dir := l.home("XDG_CONFIG_HOME", ".config", "config")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "key")
}

func (l *loader) home(xdg, unix, elsewhere string) string {
	env := func(name string) string {
		if s, ok := l.opts.LookupEnv(name); ok {
			return s
		}
		return ""
	}
	if dir := env(xdg); filepath.IsAbs(dir) {
		return filepath.Join(dir, "nudged")
	}
	switch runtime.GOOS {
	case "windows":
		if dir := env("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "nudged", elsewhere)
		}
		return ""
	case "darwin":
		unix = "Library/Application Support"
		if dir := env("HOME"); dir != "" {
			return filepath.Join(dir, unix, "nudged", elsewhere)
		}
		return ""
	}
	if dir := env("HOME"); dir != "" {
		return filepath.Join(dir, unix, "nudged")
	}
	return ""
}

func (l *loader) browser(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("browser")
	if !ok {
		return
	}
	path := m.get("path")
	if s, ok := path.text(); ok && s != "" {
		if _, err := os.Stat(s); err != nil {
			path.problem("there is no file %s; leave the key out to have the browser found", quote(s))
		}
		l.cfg.Browser.Path = s
	}
	l.cfg.Browser.Headed, _ = m.get("headed").flag()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
