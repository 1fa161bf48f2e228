package config

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"nudged/crawler/recipe"
)

var (
	shopName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$`)
	reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$`) // file names that Windows keeps for itself
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
	region   = regexp.MustCompile(`^[A-Z]{2}$`)
)

// maxShops is far above what one program can visit.
const maxShops = 500

func (l *loader) shops(root mapping) {
	v, ok := root.need("shops", "a list with one entry for each of your shops")
	if !ok {
		return
	}
	list := v.listOf("- name: buckles", maxShops)
	if v.empty() {
		v.problem("the list of shops is empty; write at least one")
	}
	for _, item := range list {
		l.shop(item)
	}
	l.twice(list)
}

func (l *loader) shop(v value) {
	var s Shop
	m, ok := v.mapping("shops")
	if !ok {
		// An entry that is no mapping has one problem, not ten.
		l.cfg.Shops = append(l.cfg.Shops, s)
		return
	}
	l.shopName(m, &s)
	l.shopRecipe(m, &s)
	l.shopURL(m, &s)
	l.shopAccount(m, &s)
	l.shopTimes(m, &s)
	l.shopWords(m, &s)
	l.shopLinks(m, &s)
	l.cfg.Shops = append(l.cfg.Shops, s)
}

func (l *loader) shopName(m mapping, s *Shop) {
	v, ok := m.need("name", "a short name of your own, as name: buckles")
	if !ok {
		return
	}
	name, ok := v.text()
	if !ok {
		return
	}
	if !shopName.MatchString(name) || reserved.MatchString(name) || strings.HasSuffix(name, ".") {
		v.problem("%s cannot name a shop: files are called after it; write letters, digits, - and _, at most 40", quote(name))
		return
	}
	s.Name = name
}

// twice reports shops of one name, however the letters are cased.
func (l *loader) twice(list []value) {
	seen := map[string]int{}
	for i, s := range l.cfg.Shops {
		if s.Name == "" || i >= len(list) {
			continue
		}
		first, dup := seen[fold(s.Name)]
		if !dup {
			seen[fold(s.Name)] = i
			continue
		}
		at := list[i].child("name")
		at.problem("%s is the name of %s already; names must differ in more than capitals", quote(s.Name), list[first].path)
	}
}

// child finds a key's value again, for a message of a later check.
func (v value) child(key string) value {
	if v.node != nil {
		for i := 0; i+1 < len(v.node.Content); i += 2 {
			if v.node.Content[i].Value == key {
				return value{node: resolve(v.node.Content[i+1]), path: join(v.path, key), file: v.file}
			}
		}
	}
	return value{node: v.node, path: join(v.path, key), file: v.file}
}

func (l *loader) shopRecipe(m mapping, s *Shop) {
	v, ok := m.need("recipe", "one of "+strings.Join(recipe.Builtin(), ", ")+", or a path to your own")
	if !ok {
		return
	}
	name, ok := v.text()
	if !ok {
		return
	}
	s.RecipeName = name
	isPath := strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
	if !isPath && !slices.Contains(recipe.Builtin(), name) {
		hint := ""
		if near := Nearest(name, recipe.Builtin()); near != "" {
			hint = "did you mean " + quote(near) + "? "
		}
		v.problem("there is no recipe %s; %sbuilt in are %s; a file of your own is named by its path, as ./my-shop.yaml",
			quote(name), hint, strings.Join(recipe.Builtin(), ", "))
		return
	}
	if isPath {
		name = l.abs(name)
		s.RecipeFile = name
	}
	r, err := recipe.Load(name)
	var inside recipe.Problems
	switch {
	case errors.As(err, &inside):
		v.problem("the recipe cannot be used; what is wrong in it is listed with its own lines")
		for _, p := range inside {
			l.problems = append(l.problems, Problem{File: p.File, Line: p.Line, Col: p.Col, Path: p.Path, Message: p.Message})
		}
	case err != nil:
		v.problem("%s", err)
	}
	s.Recipe = r
}

func (l *loader) shopURL(m mapping, s *Shop) {
	v, ok := m.need("url", "the address of the back-office, as https://buckles.example/admin/")
	if !ok {
		return
	}
	u, ok := v.webAddress()
	if !ok {
		return
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		v.warn("the password travels to %s unencrypted; write https:// if the shop has it", u.Host)
	}
	s.URL = u
}

func (l *loader) shopAccount(m mapping, s *Shop) {
	if s.Recipe != nil && s.Recipe.SignIn.Person != nil {
		// The seller signs in: nudged login.
		s.User, _ = m.get("user").short(200)
		for _, key := range []string{"password", "totp"} {
			if v := m.get(key); v.there() {
				v.problem("recipe %s types no %s: you sign in yourself, with nudged login %s; leave the key out", s.RecipeName, key, s.Name)
			}
		}
		return
	}
	if v, ok := m.need("user", "the name you sign in with"); ok {
		s.User, _ = v.short(200)
	}
	if v, ok := m.need("password", "password: {env: NAME}, {file: PATH} or {keyring: NAME}"); ok {
		s.Password, _ = v.secret(l)
	}
	v := m.get("totp")
	if s.TOTP = v.totp(l); !v.there() && s.Recipe != nil && TypesCode(s.Recipe) {
		m.problem("recipe %s types one-time codes and needs their secret; write totp: {env: NAME}, {file: PATH} or {keyring: NAME}", s.RecipeName)
	}
}

// TypesCode reports whether a sign-in has a step that cannot do without {totp}.
func TypesCode(r *recipe.Recipe) bool {
	for _, step := range r.SignIn.Steps {
		if step.Optional {
			continue
		}
		var with []recipe.Template
		if step.Fill != nil {
			with = append(with, step.Fill.With)
		}
		if step.Submit != nil {
			for _, p := range step.Submit.Fields {
				with = append(with, p.Value)
			}
		}
		for _, t := range with {
			if slices.Contains(t.Names(), "totp") {
				return true
			}
		}
	}
	return false
}

func (l *loader) shopTimes(m mapping, s *Shop) {
	s.Zone = time.UTC
	if v, ok := m.need("zone", "the time zone that the shop shows its times in, as zone: Asia/Shanghai"); ok {
		s.Zone = v.zone()
	}
	if v, ok := m.need("visit", `how often to look, as visit: 15m or visit: "*/10 8-23 * * *"`); ok {
		s.Visit, _ = v.schedule()
		if gap := s.Visit.shortest(s.Zone); gap > 0 && gap < minInterval {
			v.warn("a visit every %s is a burden on the shop; 10m is often enough", human(gap))
		}
	}
	if s.AutoClose, _ = m.get("auto_close").duration(); s.AutoClose == 0 && s.Recipe != nil && !m.get("auto_close").there() {
		s.AutoClose = s.Recipe.AutoClose
	}
}

func (v value) zone() *time.Location {
	name, ok := v.text()
	if !ok {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		v.problem("there is no time zone %s; write one as Asia/Shanghai, Europe/Berlin or UTC", quote(name))
		return time.UTC
	}
	return zone
}

func (l *loader) shopWords(m mapping, s *Shop) {
	s.Title = s.Name
	if title, ok := m.get("title").short(100); ok && title != "" {
		s.Title = title
	}
	s.Contact, _ = m.get("contact").short(200)
	s.HowToPay, _ = m.get("how_to_pay").short(300)
	s.Language = l.language(m.get("language"))
	if v := m.get("region"); v.there() {
		s.Region = v.code(region, "a country of two capital letters, as CN or DE")
	}
	if v := m.get("currency"); v.there() {
		s.Currency = v.code(currency, "a currency of three capital letters, as CNY or EUR")
	}
	s.OfflinePayment = m.get("offline_payment").texts("[bank-transfer]", 100)
	s.Address, _ = m.get("address").short(200)
	s.Sign = m.get("sign").sign()
	if v := m.get("soft_opt_in"); v.there() {
		s.SoftOptIn, _ = v.flag()
	}
	if v := m.get("max_pages_per_hour"); v.there() {
		s.MaxPagesPerHour, _ = v.number(1, 100_000)
	}
}

func (l *loader) language(v value) string {
	const standard = "en"
	lang, ok := v.text()
	if !ok || lang == "" {
		return standard
	}
	if l.texts != nil && len(l.texts.Names(lang)) == 0 {
		v.problem("there are no texts in %s yet; write %s, or put your own into the directory of reminders.texts", quote(lang), l.spoken())
		return standard
	}
	return lang
}

// spoken lists the languages that there are texts in.
func (l *loader) spoken() string {
	return strings.Join(l.texts.Languages(), " or ")
}

func (v value) code(shape *regexp.Regexp, want string) string {
	s, ok := v.text()
	if ok && !shape.MatchString(s) {
		v.problem("%s is not %s", quote(s), want)
		return ""
	}
	return s
}

// texts reads a list of short texts.
func (v value) texts(example string, limit int) []string {
	var out []string
	for _, item := range v.list(example) {
		if s, ok := item.short(limit); ok && s != "" {
			out = append(out, s)
		}
	}
	return out
}
