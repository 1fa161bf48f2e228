package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/crawler"
	"nudged/store/order"
)

// account asks for user and password, unless the seller signs in by hand.
func (m *meeting) account() error {
	if m.found.Recipe.SignIn.Person != nil {
		return m.draft()
	}
	var err error
	for m.User == "" {
		if m.User, err = m.d.line("User: "); err != nil {
			return err
		}
	}
	m.first.User = m.User
	if m.PasswordFile != "" {
		if m.password, err = passwordIn(m.PasswordFile); err != nil {
			return &usageError{err}
		}
	}
	for m.password == "" {
		if m.password, err = m.d.secret("Password (it is not shown): "); err != nil {
			return err
		}
	}
	for m.totp == "" && config.TypesCode(m.found.Recipe) {
		if m.totp, err = m.d.secret("The secret of your one-time codes, the text beside their QR code (it is not shown): "); err != nil {
			return err
		}
	}
	m.places()
	return m.draft()
}

// places says where the secrets will be.
func (m *meeting) places() {
	m.first.Password = fmt.Sprintf("{file: %s}", yamlText(m.passwordFile()))
	if m.PasswordFile != "" {
		m.first.Password = fmt.Sprintf("{file: %s}", yamlText(absolute(m.PasswordFile)))
	}
	if m.Keyring {
		m.first.Password = fmt.Sprintf("{keyring: %s}", yamlText(m.first.Name))
	}
	if m.totp != "" {
		m.first.TOTP = fmt.Sprintf("{file: %s}", yamlText(m.totpFile()))
		if m.Keyring {
			m.first.TOTP = fmt.Sprintf("{keyring: %s}", yamlText(m.first.Name+"-totp"))
		}
	}
}

// passwordFile is the file beside the config, relative to it.
func (m *meeting) passwordFile() string { return m.unused(m.first.Name + "-password") }
func (m *meeting) totpFile() string     { return m.unused(m.first.Name + "-totp") }

// unused is a name that no file beside the config has: one that is there may
// hold another password.
func (m *meeting) unused(name string) string {
	for i := 1; ; i++ {
		try := name
		if i > 1 {
			try = fmt.Sprintf("%s-%d", name, i)
		}
		if _, err := os.Lstat(filepath.Join(filepath.Dir(m.s.cli.Config), try)); err != nil {
			return try
		}
	}
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// passwordIn reads a password file as the config would; one that others can read
// would be refused there.
func passwordIn(path string) (order.Secret, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("the password file cannot be read: %w", err)
	case !info.Mode().IsRegular() || info.Size() > 4096:
		return "", fmt.Errorf("%s is no password file: it is no plain file, or over 4 KiB", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("the file %s can be read by others; run: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return "", fmt.Errorf("the password file cannot be read: %w", err)
	}
	s := strings.TrimRight(string(text), "\r\n")
	if s == "" {
		return "", fmt.Errorf("the file %s is empty; put the password there", path)
	}
	return order.Secret(s), nil
}

// orders signs in and reads the last ones. A refused password is sent once; only
// another one that the seller types is a new try.
func (m *meeting) orders() ([]order.Order, error) {
	if m.found.Recipe.SignIn.Person != nil {
		if err := m.byHand(); err != nil {
			return nil, err
		}
	}
	for {
		spider := m.s.lonely(m.cfg, "chrome-init")
		m.s.sayf("Signing in …\n")
		orders, err := m.read(spider)
		err = errors.Join(err, spider.Close())
		m.s.endProgress()
		var refused *crawler.RefusedError
		var needs *crawler.NeedsYouError
		switch {
		case err == nil:
			return orders, nil
		case errors.As(err, &refused):
			err = m.another(refused)
		case errors.As(err, &needs) && !needs.Locked:
			err = m.instead(needs)
		case errors.As(err, &needs):
			err = &saidError{fmt.Sprintf("the shop has locked the account: %s; nothing more is sent to its sign-in, and nothing was written. When it is open again, type: nudged init", strings.TrimSuffix(needs.Why, ".")), needs}
		}
		if err != nil {
			return nil, err
		}
	}
}

// saidError puts an error of the crawler, which speaks of a config, in the words
// of somebody who has none yet.
type saidError struct {
	text string
	err  error
}

func (e *saidError) Error() string { return e.text }
func (e *saidError) Unwrap() error { return e.err }

// another asks for another user and password.
func (m *meeting) another(refused *crawler.RefusedError) error {
	said := "The shop refused user and password and said nothing more."
	if refused.Words != "" {
		said = fmt.Sprintf("The shop refused user or password. It said: %q", refused.Words)
	}
	if m.Yes || m.PasswordFile != "" {
		return &saidError{said + "\nThe password was sent once and is not tried again; nothing was written", refused}
	}
	m.s.sayf("\n%s\nThe password was sent once. It is only tried again if you type another one; an empty line ends this.\n\n", said)
	for {
		user, err := m.d.line(fmt.Sprintf("User [%s]: ", table.Clean(m.User)))
		if err != nil {
			return err
		}
		if user == "" {
			user = m.User
		}
		password, err := m.d.secret("Password: ")
		switch {
		case err != nil:
			return err
		case password == "":
			return &saidError{"stopped; nothing was written", refused}
		case user == m.User && password == m.password:
			m.s.sayf("That is the same again, which the shop has just refused; some shops lock the account after three tries.\n")
			continue
		}
		m.User, m.password, m.first.User, m.session = user, password, user, nil
		return m.draft()
	}
}

// instead lets the seller sign in where the shop wants a person, if there is one.
func (m *meeting) instead(needs *crawler.NeedsYouError) error {
	text := fmt.Sprintf("the shop wants a person: %s", strings.TrimSuffix(needs.Why, "."))
	if needs.Screenshot != "" {
		text += " (what it shows: " + needs.Screenshot + ")"
	}
	if m.Yes || m.session != nil {
		return &saidError{text + "; nudged answers no captchas and codes. Run nudged init where you can answer it; nothing was written", needs}
	}
	m.s.sayf("\n%s.\nNudged answers no captchas. You can: in a browser that is opened for it.\n", strings.ToUpper(text[:1])+text[1:])
	yes, err := m.d.yes("Open it?", true)
	if err != nil {
		return err
	}
	if !yes {
		return &saidError{"stopped; nothing was written", needs}
	}
	return m.byHand()
}

// byHandTime is how long the seller may take.
const byHandTime = 10 * time.Minute

func (m *meeting) byHand() error {
	profile := profileOf(m.cfg, m.shop.Name)
	if _, err := os.Lstat(profile); errors.Is(err, fs.ErrNotExist) {
		m.profile = profile
	}
	session, err := m.s.signInByHand(m.cfg, m.shop, nil, byHandTime, !m.NoWindow && m.s.screen())
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	m.session = session
	return nil
}

// read visits one page of the list, and opens those of its newest orders that a
// visit would open.
func (m *meeting) read(spider *crawler.Spider) ([]order.Order, error) {
	target := targetOf(m.shop)
	target.PagesPerHour = 1
	result, err := spider.Visit(m.s.ctx, target, crawler.Known{Session: m.session})
	var spent *crawler.BudgetError
	if err != nil && !errors.As(err, &spent) {
		return nil, err
	}
	m.session = result.Session
	for i, p := range result.Problems {
		if i < 3 && p.Kind != order.Budget {
			m.s.sayf("problem: %s\n", table.Clean(p.Text))
		}
	}
	orders := result.Orders
	slices.SortStableFunc(orders, func(a, b order.Order) int { return b.Created.Compare(a.Created) })
	orders = orders[:min(len(orders), shownFirst)]
	target.PagesPerHour = 1 + 2*shownFirst + result.Pages
	for i, o := range orders {
		if !o.Status.WantsDetail() || m.shop.Recipe.Detail == nil {
			continue
		}
		looked, session, err := spider.Look(m.s.ctx, target, o.ID, m.session)
		if m.s.ctx.Err() != nil {
			return nil, m.s.ctx.Err()
		}
		m.session = session
		if shut := (*crawler.RefusedError)(nil); errors.As(err, &shut) {
			return nil, err // the next look would send the password again
		}
		if needs := (*crawler.NeedsYouError)(nil); errors.As(err, &needs) {
			return nil, err
		}
		if err != nil {
			m.s.sayf("problem: %s\n", table.Clean(err.Error()))
			continue
		}
		orders[i] = whole(o, looked)
	}
	return orders, nil
}

// whole lays the order's own page over its row.
func whole(row, page order.Order) order.Order {
	if page.Number == "" || page.Number == page.ID {
		page.Number = row.Number
	}
	if page.Created.IsZero() {
		page.Created, page.DayOnly = row.Created, row.DayOnly
	}
	if page.Total == (order.Money{}) {
		page.Total = row.Total
	}
	if page.Buyer.Name == "" {
		page.Buyer.Name = row.Buyer.Name
	}
	return page
}
