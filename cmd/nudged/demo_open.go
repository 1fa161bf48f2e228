package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/demoshop"
	"nudged/notify"
)

// demoClock stands still until it is put forward: what the demo shows is the same
// on every computer.
type demoClock struct{ at atomic.Pointer[time.Time] }

func (c *demoClock) now() time.Time   { return *c.at.Load() }
func (c *demoClock) set(at time.Time) { c.at.Store(&at) }

// Length of the demo.
const (
	demoDays = 21
	demoZone = "Asia/Shanghai"
)

// open starts the shops and the mail server, and nudged beside them.
func (d *demo) open() error {
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		return fmt.Errorf("the time zone of the demo: %w", err)
	}
	d.clock.set(time.Date(2026, 3, 2, 0, 0, 0, 0, zone))
	for _, c := range []struct {
		cast  demoshop.Cast
		more  []demoshop.Customer
		stock int
	}{{demoshop.Harbour(), harbourPeople(d.clock.now()), 28}, {demoshop.TeaHouse(), teaPeople(d.clock.now()), 16}} {
		shop, err := demoshop.Start(d.ctx, demoshop.Options{
			Now: d.clock.now, Zone: zone, PageSize: 40, Orders: c.cast.Backlog(d.clock.now(), c.stock),
		})
		if err != nil {
			return err
		}
		st := &stage{cast: c.cast, shop: shop}
		for _, one := range c.cast.Life(d.clock.now(), demoDays, c.more...) {
			st.guests = append(st.guests, &guest{Customer: one, of: st})
		}
		d.stages = append(d.stages, st)
	}
	if d.mails, err = startSink(d.ctx); err != nil {
		return err
	}
	return d.openNudged()
}

func (d *demo) openNudged() error {
	cfg, err := d.writeConfig()
	if err != nil {
		return err
	}
	for i := range cfg.Shops {
		d.stages[i].conf = cfg.Shops[i]
	}
	d.spider = awake{crawler.New(crawler.Options{
		Browser: browser.Options{Path: d.chrome, LoopbackOnly: true, ProfileRoot: filepath.Join(cfg.Data, "chrome"), Log: d.log},
		Log:     d.log, Now: d.clock.now, // no SaveDir: the files of a demo are gone when its mails are read
	})}
	d.app, err = openApp(d.ctx, cfg, appOptions{
		Now: d.clock.now, Log: d.log, Loopback: true, Spider: d.spider, Inbox: &demoBox{d.mails, ownAddresses(cfg)},
	})
	if err != nil {
		return err
	}
	for _, mark := range []string{markDigest, markReplies} { // the daemon's first start would do this
		if err := d.app.db.Mark(d.ctx, mark, d.clock.now()); err != nil {
			return err
		}
	}
	return nil
}

// awake keeps the browser open between visits: three weeks of them follow each
// other at once.
type awake struct{ *crawler.Spider }

// Idle does nothing.
func (awake) Idle(string) {}

// writeConfig writes and loads a config as a seller would write it.
func (d *demo) writeConfig() (*config.Config, error) {
	harbour, tea := d.stages[0].shop, d.stages[1].shop
	text := fmt.Sprintf(demoConfig, harbour.URL, harbour.User(), tea.URL, tea.User(), d.mails.host, d.mails.port, d.chrome)
	for name, body := range map[string]string{
		"config.yaml": text, "harbour.yaml": string(demoshop.Recipe()), "teahouse.yaml": string(demoshop.FormRecipe()), "password": harbour.Password(),
	} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(body), 0o600); err != nil {
			return nil, fmt.Errorf("write the demo's config: %w", err)
		}
	}
	return config.Load(filepath.Join(d.dir, "config.yaml"), config.Options{Secrets: true, LookupEnv: d.lookupEnv, Texts: notify.LoadTexts})
}

const demoConfig = `shops:
  - name: harbour
    recipe: ./harbour.yaml
    url: %s
    user: %s
    password: {file: password}
    zone: ` + demoZone + `
    visit: "0 10,17 * * *"
    title: Harbour Goods
    contact: "help@harbour.example, every day from 9 to 18"
    soft_opt_in: true
    address: 7 Quay Street, Hong Kong
  - name: teahouse
    recipe: ./teahouse.yaml
    url: %s
    user: %s
    password: {file: password}
    zone: ` + demoZone + `
    visit: "0 10-20 * * *"
    title: 清平茶舍
    contact: "微信 qingping-cha，每天 9 点到 18 点"
    language: zh
    soft_opt_in: true
    address: 杭州市清平路 7 号
reminders:
  mode: live
  steps:
    - {step: first, after: 2h, by: [email], template: gentle}
    - {step: help, after: 22h, by: [email], template: helpful}
    - {step: last, before_close: 6h, by: [email], template: closing}
  sequences:
    - name: known
      buyers: [known]
      steps:
        - {step: kindly, after: 4h, by: [email], template: gentle}
        - {step: last, before_close: 6h, by: [email], template: closing}
buyers:
  levels:
    - {name: regular, orders: 3}
quiet: {from: "21:00", to: "09:00"}
email: {host: %s, port: %d, security: none, from: shop@harbour.example, reply_to: help@harbour.example, unsubscribe: unsubscribe@harbour.example}
digest: {at: "0 21 * * *", to: [you@example.com]}
data: data
key_file: key/nudged
browser: {path: %q}
`
