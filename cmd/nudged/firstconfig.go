package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"nudged/crawler/recipe"
)

//go:embed first.yaml.tmpl
var firstTemplate string

// firstShop is what the first contact has found out, for the config.
type firstShop struct {
	Name, Recipe, URL, User, Password, TOTP, Zone, Currency string

	AutoClose string // of the recipe
	Closes    bool   // the shop shows when it closes an order, or the recipe knows
}

// text of the config.
func (f firstShop) text() ([]byte, error) {
	tmpl, err := template.New("config").Parse(firstTemplate)
	if err != nil {
		return nil, fmt.Errorf("write the config: %w", err)
	}
	quoted := f
	for _, s := range []*string{&quoted.Name, &quoted.Recipe, &quoted.URL, &quoted.User, &quoted.Zone} {
		if *s != "" {
			*s = yamlText(*s)
		}
	}
	view := struct {
		firstShop
		ZonePad string
	}{quoted, strings.Repeat(" ", max(0, 29-len(quoted.Zone)))}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, view); err != nil {
		return nil, fmt.Errorf("write the config: %w", err)
	}
	return out.Bytes(), nil
}

var (
	plainText = regexp.MustCompile(`^[\p{L}./][\p{L}\p{N}_.@+/:-]*$`)
	yamlWords = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|null|y|n)$`)
)

// yamlText writes a text so that YAML reads it as that text. A JSON string is
// one of YAML's.
func yamlText(s string) string {
	if plainText.MatchString(s) && !yamlWords.MatchString(s) && !strings.HasSuffix(s, ":") {
		return s
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be
	return strings.TrimSpace(out.String())
}

var notInName = regexp.MustCompile(`[^\p{L}\p{N}_-]+`)

// shopNameOf suggests a name: that of the host, without what all hosts have.
func shopNameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "localhost" || net.ParseIP(u.Hostname()) != nil {
		return "shop"
	}
	for part := range strings.SplitSeq(u.Hostname(), ".") {
		part = strings.Trim(notInName.ReplaceAllString(part, "-"), "-_")
		switch part {
		case "", "www", "admin", "shop", "store", "backend", "m":
			continue
		}
		return part[:min(len(part), 40)]
	}
	return "shop"
}

// zoneHere is the time zone of this computer, by its name.
func zoneHere(lookupEnv func(string) (string, bool)) string {
	if tz, ok := lookupEnv("TZ"); ok && tz != "" {
		if _, err := time.LoadLocation(tz); err == nil {
			return tz
		}
	}
	if name := time.Local.String(); name != "Local" {
		return name
	}
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(target, "zoneinfo/"); ok {
			if _, err := time.LoadLocation(name); err == nil {
				return name
			}
		}
	}
	if text, err := os.ReadFile("/etc/timezone"); err == nil {
		if name := strings.TrimSpace(string(text)); name != "" {
			if _, err := time.LoadLocation(name); err == nil {
				return name
			}
		}
	}
	return "UTC"
}

// recipeFor writes a recipe as the config names it: a file by its path from there.
func recipeFor(name, config string) (string, error) {
	if !isRecipeFile(name) {
		return name, nil
	}
	from, err := filepath.Abs(filepath.Dir(config))
	if err != nil {
		return "", fmt.Errorf("name the recipe: %w", err)
	}
	to, err := filepath.Abs(name)
	if err != nil {
		return "", fmt.Errorf("name the recipe: %w", err)
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return to, nil // on another drive: the whole path is fine
	}
	if !strings.HasPrefix(rel, "..") {
		rel = "." + string(filepath.Separator) + rel
	}
	return filepath.ToSlash(rel), nil
}

// closesAfter puts what a recipe says of the close as the config would.
func closesAfter(r *recipe.Recipe) string {
	d := r.AutoClose
	switch {
	case d == 0:
		return ""
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}
