package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/crawler"
	"nudged/store/order"
)

// shownFirst is how many orders are shown at the first contact.
const shownFirst = 5

// meeting is the first contact with a shop: the address, what stands there, the
// sign-in, the last orders, and only when the seller finds them right the
// config.
type meeting struct {
	initCmd
	s *session
	d *dialog

	found    crawler.Found
	first    firstShop
	cfg      *config.Config // of what would be written
	shop     config.Shop
	password order.Secret
	totp     order.Secret
	session  []byte
	profile  string // of a browser that was opened for the seller, where there was none before
}

func (m *meeting) run() error {
	for _, act := range []func() error{m.keys, m.address, m.introduce, m.names, m.account, m.meet} {
		if err := act(); err != nil {
			if left := m.forget(); left != nil {
				return errors.Join(m.explain(err), left)
			}
			return m.explain(err)
		}
	}
	return m.write()
}

// explain adds what to do where an answer is missing.
func (m *meeting) explain(err error) error {
	if errors.Is(err, errNoAnswer) {
		return &usageError{errors.New("there is nobody to answer; nothing was written. For scripts: nudged init --address URL --user NAME --password-file FILE --yes")}
	}
	return err
}

// forget removes the browser's profile of a sign-in that led to no config: whoever
// has it is signed in.
func (m *meeting) forget() error {
	if m.profile == "" {
		return nil
	}
	if err := os.RemoveAll(m.profile); err != nil {
		return fmt.Errorf("the browser's profile of the sign-in could not be removed: %w", err)
	}
	return nil
}

// keys looks for the keyring before anybody types a password in vain.
func (m *meeting) keys() error {
	if !m.Keyring {
		return nil
	}
	var err error
	if m.s.keys == nil {
		err = errors.New("there is none")
	} else if _, err = m.s.keys.Get("first contact"); errors.Is(err, config.ErrNotInKeyring) {
		err = nil
	}
	if err != nil {
		return &usageError{fmt.Errorf("the keyring of this computer cannot be reached: %w; without --keyring the password is kept in a file that only you can read", err)}
	}
	return nil
}

// introduce says what was found, and what there is to know about it.
func (m *meeting) introduce() error {
	r := m.found.Recipe
	title := ""
	if m.found.Title != "" {
		title = fmt.Sprintf(" The page calls itself %q.", table.Clean(m.found.Title))
	}
	m.s.printf("This is %s, at %s.%s\n", r.Title, m.found.URL, title)
	m.s.printf("The recipe %s was tried on: %s.\n", r.Name, strings.TrimSuffix(r.Proven, "."))
	if r.Marks != "" {
		m.s.printf("What viewing an order marks there: %s.\n", strings.TrimSuffix(r.Marks, "."))
	}
	if r.Terms != "" {
		m.s.printf("Mind the terms: %s.\n", strings.TrimSuffix(r.Terms, "."))
	}
	if m.found.Plain {
		m.s.sayf("Mind: the address is http, so the password can be read on its way there.\n")
	}
	return nil
}

// names settles what the config needs besides the account.
func (m *meeting) names() error {
	name := m.Name
	if name == "" {
		name = shopNameOf(m.found.URL)
	}
	source := m.Recipe
	if source == "" {
		source = m.found.Recipe.Name
	}
	named, err := recipeFor(source, m.s.cli.Config)
	if err != nil {
		return err
	}
	r := m.found.Recipe
	m.first = firstShop{
		Name: name, Recipe: named, URL: m.found.URL, Zone: m.Zone,
		AutoClose: closesAfter(r), Closes: r.AutoClose > 0 || config.TellsClose(r),
	}
	if m.Zone != "" {
		_, err := time.LoadLocation(m.Zone)
		if err != nil {
			return &usageError{fmt.Errorf("there is no time zone %q; write one as Asia/Shanghai, Europe/Berlin or UTC", m.Zone)}
		}
		return nil
	}
	return m.zone()
}

func (m *meeting) zone() error {
	m.first.Zone = zoneHere(m.s.lookupEnv)
	for !m.Yes && m.s.typed != nil {
		answer, err := m.d.line(fmt.Sprintf("In which time zone are the times that the shop shows? [%s] ", m.first.Zone))
		if err != nil || answer == "" {
			return err
		}
		if _, err := time.LoadLocation(answer); err == nil {
			m.first.Zone = answer
			return nil
		}
		m.s.sayf("There is no time zone %q; write one as Asia/Shanghai, Europe/Berlin or UTC.\n", table.Clean(answer))
	}
	return nil
}

// draft reads the config that would be written, as nudged would read it.
func (m *meeting) draft() error {
	text, err := m.first.text()
	if err != nil {
		return err
	}
	m.cfg, err = config.Parse(m.s.cli.Config, text, config.Options{LookupEnv: m.s.lookupEnv})
	if err != nil {
		return fmt.Errorf("the config that would be written is not right: %w", err)
	}
	m.shop = m.cfg.Shops[0]
	m.shop.Password, m.shop.TOTP = m.password, m.totp
	return nil
}

// meet signs in, shows the last orders and asks whether they are right.
func (m *meeting) meet() error {
	if m.found.Recipe.Trial != "" {
		return m.trial()
	}
	orders, err := m.orders()
	if err != nil {
		return err
	}
	if len(orders) == 0 {
		m.s.printf("\nSigned in. The shop shows no orders yet, so there is nothing to compare.\n")
		return m.agreed("Write the config all the same?")
	}
	m.s.printf("\nSigned in. These are the last %d orders, as nudged understands them:\n\n", len(orders))
	if err := writeOrders(m.s, inZones(m.cfg, orders)); err != nil {
		return err
	}
	m.s.printf("\n")
	m.remarks(orders)
	return m.agreed("Is this right?")
}

// remarks says what in the table wants a second look.
func (m *meeting) remarks(orders []order.Order) {
	unknown := slices.ContainsFunc(orders, func(o order.Order) bool { return o.Status == order.Unknown })
	bare := slices.ContainsFunc(orders, func(o order.Order) bool { return o.Total != (order.Money{}) && o.Total.Currency == "" })
	ahead := slices.ContainsFunc(orders, func(o order.Order) bool { return o.Created.After(m.s.now().Add(10 * time.Minute)) })
	if unknown {
		m.s.sayf("A status that the recipe does not know is held and never guessed; the digest tells how to add it.\n")
	}
	if bare {
		m.s.sayf("The shop shows no currency; write it into the config: currency: EUR\n")
	}
	if ahead {
		m.s.sayf("An order of the future: the shop's clock is not that of %s. Answer no, and try another time zone.\n", m.first.Zone)
	}
	if slices.ContainsFunc(orders, func(o order.Order) bool { return o.Looked.IsZero() }) {
		m.s.sayf("Where the contact is a -, nobody has opened the order: paid ones are not opened.\n")
	}
}

// errNotRight is the answer to the seller saying no.
var errNotRight = errors.New("nothing was written. What is wrong can be mended in a copy of the recipe")

func (m *meeting) agreed(question string) error {
	if m.Yes {
		return nil
	}
	yes, err := m.d.yes(question, false)
	if err != nil || yes {
		return err
	}
	if command := copyCommand(m.found.Recipe.Name); command != "" {
		return fmt.Errorf("%w: %s, then: nudged init --recipe ./%s.yaml", errNotRight, command, m.found.Recipe.Name)
	}
	return fmt.Errorf("%w: nudged recipe test %s --page saved.html shows what comes out of a page", errNotRight, m.first.Recipe)
}

// trial explains a recipe that is off: nobody signs in with it yet.
func (m *meeting) trial() error {
	m.s.printf("This recipe is on trial: %s.\nSo nobody signs in now, and the shop stays off until you have tried the recipe on a page that you saved yourself.\n",
		strings.TrimSuffix(m.found.Recipe.Trial, "."))
	return m.agreed("Write a config with this shop, still off?")
}
