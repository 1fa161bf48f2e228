package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/browser"
	"nudged/crawler/demoshop"
	"nudged/notify"
	"nudged/store/order"
)

type demoCmd struct {
	InstallBrowser bool   `help:"Install Chromium first if there is no browser (Debian and Ubuntu, with apt)."`
	Out            string `default:"out" help:"Where mails and digest are written." placeholder:"DIR"`
	Keep           bool   `help:"Keep the demo's database and config."`
}

// shownOrders is how much of the order table the demo prints.
const shownOrders = 12

// Run shows the real thing: the real pipeline with the real browser. Only the
// shop and the mail server are ours, and both are on this computer.
func (c demoCmd) Run(s *session) error {
	if c.InstallBrowser {
		if err := installBrowser(s); err != nil {
			return err
		}
	}
	chrome, err := browser.Find("")
	if err != nil {
		return fmt.Errorf("%w; or let the demo install one: nudged demo --install-browser", err)
	}
	dir, err := os.MkdirTemp("", "nudged-demo-")
	if err != nil {
		return fmt.Errorf("the demo needs a temporary directory: %w", err)
	}
	if c.Keep {
		s.printf("The demo's files: %s\n", dir)
	} else {
		defer func() { _ = os.RemoveAll(dir) }()
	}
	d := &demo{session: s, dir: dir, out: c.Out, chrome: chrome}
	if err := d.run(); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// demo is one run.
type demo struct {
	*session
	dir, out, chrome string
	ahead            time.Duration // how far the demo's clock is put forward

	shop  *demoshop.Shop
	mails *sink
	app   *app
	conf  config.Shop
	files []string
}

// clock is the demo's: an hour need not be waited for.
func (d *demo) clock() time.Time { return time.Now().Add(d.ahead) }

func (d *demo) run() (err error) {
	begin := time.Now()
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.open(); err != nil {
		return err
	}
	for _, act := range []func() error{d.firstVisit, d.newOrders, d.reminders, d.explain, d.digest} {
		if err := act(); err != nil {
			return err
		}
	}
	if writes := d.shop.Writes(); len(writes) > 0 {
		return fmt.Errorf("the shop was sent something that writes: %s", strings.Join(writes, ", "))
	}
	d.printf("\nOpen these in a browser; the .eml files beside them are for a mail program:\n")
	for _, f := range d.files {
		d.printf("  %s\n", f)
	}
	d.printf("\nThe shop was sent nothing that writes. %.0f s in all. Your own shop next: nudged init\n", time.Since(begin).Seconds())
	return nil
}

func (d *demo) open() error {
	var err error
	if d.shop, err = demoshop.Start(d.ctx, demoshop.Options{Now: d.clock}); err != nil {
		return err
	}
	if d.mails, err = startSink(d.ctx); err != nil {
		return err
	}
	cfg, err := d.writeConfig()
	if err != nil {
		return err
	}
	d.app, err = openApp(d.ctx, cfg, appOptions{Now: d.clock, Log: d.log, Loopback: true})
	if err != nil {
		return err
	}
	d.conf = cfg.Shops[0]
	d.printf("A small shop runs at %s and a mail server beside it; both are on this computer only.\n", d.shop.URL)
	return nil
}

// writeConfig writes and loads a config as a seller would write it.
func (d *demo) writeConfig() (*config.Config, error) {
	text := fmt.Sprintf(`shops:
  - name: demoshop
    recipe: ./demoshop.yaml
    url: %s
    user: %s
    password: {file: password}
    zone: UTC
    visit: 10m
    title: The Demo Shop
    contact: "help@demoshop.example, every day from 9 to 18"
reminders:
  mode: live
  steps:
    - {step: first, after: 1h, by: [email], template: gentle}
    - {step: last, before_close: 6h, by: [email], template: closing}
email: {host: %s, port: %d, security: none, from: The Demo Shop <shop@demoshop.example>, unsubscribe: unsubscribe@demoshop.example}
digest: {at: "0 21 * * *", to: [you@example.com]}
data: data
key_file: key/nudged
browser: {path: %q}
`, d.shop.URL, d.shop.User(), d.mails.host, d.mails.port, d.chrome)
	for name, body := range map[string]string{"config.yaml": text, "demoshop.yaml": string(demoshop.Recipe()), "password": d.shop.Password()} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(body), 0o600); err != nil {
			return nil, fmt.Errorf("write the demo's config: %w", err)
		}
	}
	return config.Load(filepath.Join(d.dir, "config.yaml"), config.Options{Secrets: true, LookupEnv: d.lookupEnv, Texts: notify.LoadTexts})
}

func (d *demo) firstVisit() error {
	d.printf("\n1. The first visit: the browser signs in and reads the order list, and the page of each order that is unpaid or closed.\n\n")
	done, err := d.app.flow(d.ctx, d.conf, false)
	if err != nil {
		return err
	}
	orders, err := d.app.db.Orders(d.ctx, orderFilter(shownOrders))
	if err != nil {
		return err
	}
	if err := writeOrders(d.session, orders); err != nil {
		return err
	}
	d.printf("… and %d more, from %d pages. The shop's pages themselves tried %d times to change something in the shop; nudged stopped that.\n",
		len(done.Visit.Orders)-len(orders), done.Visit.Pages, done.Visit.Blocked)
	d.printf("Nobody is reminded of these orders: they are older than the first visit.\n")
	return nil
}

func (d *demo) newOrders() error {
	d.printf("\n2. Four buyers order and do not pay. The next visit finds them.\n\n")
	for _, o := range []demoshop.Order{
		{Name: "Grace Okafor", Email: "grace@buyers.example", Payment: "Card"},
		{Name: "Tom <script>alert('x')</script> Baker", Email: "tom@buyers.example", Payment: "Card"},
		{Name: "王小明", Email: "xiaoming@buyers.example", Payment: "Wallet"},
		{Name: "Mina Sato", Payment: "Card"},
	} {
		d.shop.Add(o)
	}
	if _, err := d.app.flow(d.ctx, d.conf, false); err != nil {
		return err
	}
	orders, err := d.app.db.Orders(d.ctx, orderFilter(4))
	if err != nil {
		return err
	}
	return writeOrders(d.session, orders)
}

// reminders puts the clock forward to the first step, lets one buyer pay, and
// handles what is due.
func (d *demo) reminders() error {
	paying, ok := d.byEmail("grace@buyers.example")
	if !ok {
		return errors.New("the order of the demo's buyer is gone")
	}
	d.ahead = 61 * time.Minute
	if err := d.shop.Pay(paying.ID); err != nil {
		return err
	}
	d.printf("\n3. An hour passes (the demo puts its clock forward). Grace Okafor pays just now, and no visit has seen it.\n")
	leave, err := d.app.enter(d.ctx, d.conf.Name)
	if err != nil {
		return err
	}
	defer leave()
	tally, err := d.app.tell(d.ctx, d.conf.Name)
	if err != nil {
		return err
	}
	d.printf("   %d reminders are due. The %d orders with an address are looked at once more in the shop, and %d buyers get a mail.\n"+
		"   Grace gets none: the look shows that she has paid. The buyer without an address is left to the seller, who finds\n"+
		"   the order in the digest, with a text to paste into the shop's chat.\n",
		tally.Sent+tally.Skipped, tally.Looks, tally.Sent)
	for i, m := range d.mails.caught() {
		if err := d.write(fmt.Sprintf("reminder-%d", i+1), m); err != nil {
			return err
		}
	}
	if tally.Sent != 2 || tally.Skipped != 2 {
		return fmt.Errorf("expected 2 reminders sent and 2 skipped, got %+v", tally)
	}
	return nil
}

func (d *demo) byEmail(email string) (demoshop.Order, bool) {
	for _, o := range d.shop.Orders() {
		if o.Email == email {
			return o, true
		}
	}
	return demoshop.Order{}, false
}

// explain tells of the paid order what nudged why would.
func (d *demo) explain() error {
	paid, _ := d.byEmail("grace@buyers.example")
	d.printf("\n4. Why did Grace get nothing? The command for that is: nudged why %s\n\n", paid.Number)
	return d.app.why(d.session, order.Key{Shop: d.conf.Name, ID: paid.ID})
}

func (d *demo) digest() error {
	before := len(d.mails.caught())
	d.printf("\n5. In the evening the seller gets one mail about the day.\n")
	if err := d.app.sendDigest(d.ctx, d.clock().Add(-24*time.Hour), d.clock()); err != nil {
		return err
	}
	all := d.mails.caught()
	if len(all) != before+1 {
		return fmt.Errorf("%d digests arrived", len(all)-before)
	}
	l, err := all[before].open()
	if err != nil {
		return err
	}
	d.printf("   Its subject: %s\n", l.Subject)
	return d.write("digest", all[before])
}

// write makes a mail a file that a mail program opens, and one for a browser.
func (d *demo) write(name string, m caught) error {
	l, err := m.open()
	if err != nil {
		return err
	}
	for ending, body := range map[string][]byte{".eml": m.Raw, ".html": []byte(l.HTML)} {
		if err := d.file(filepath.Join(d.out, name+ending), body); err != nil {
			return err
		}
	}
	path, err := filepath.Abs(filepath.Join(d.out, name+".html"))
	if err != nil {
		return fmt.Errorf("name a file: %w", err)
	}
	d.files = append(d.files, path)
	return nil
}

func (d *demo) close() error {
	var errs []error
	if d.app != nil {
		errs = append(errs, d.app.Close())
	}
	if d.mails != nil {
		errs = append(errs, d.mails.Close())
	}
	if d.shop != nil {
		errs = append(errs, d.shop.Close())
	}
	return errors.Join(errs...)
}
