package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
	"nudged/crawler/extract"
	"nudged/store"
	"nudged/store/order"
)

// keepSaved is how long saved pages and pictures stay; what they are for is
// mended by then, or has passed.
const keepSaved = 14 * 24 * time.Hour

// shaky is [app.barred], and whatever else speaks against believing a look: while
// the shop's pages do not fit its recipe, no page of it is believed.
func (a *app) shaky(ctx context.Context, shop config.Shop) error {
	if err := a.barred(ctx, shop); err != nil {
		return err
	}
	last, ok, err := a.db.LastVisit(shop.Name)
	if err != nil || !ok || last.Outcome != order.LayoutChanged {
		return err
	}
	return fmt.Errorf("the shop's pages do not fit the recipe any more since the visit of %s: %s", last.Ended.In(shop.Zone).Format("2 Jan 15:04"), last.Words)
}

// samplesOf takes one good value of each field from a visit, for the day on which
// a field cannot be read any more. None of them is a contact.
func samplesOf(v order.Visit) map[string]store.Sample {
	out := map[string]store.Sample{}
	keep := func(field, value string) {
		if _, ok := out[field]; !ok && value != "" {
			out[field] = store.Sample{Value: value, At: v.Ended}
		}
	}
	if n := len(v.Orders); n > 0 {
		keep("rows", fmt.Sprintf("%d order(s)", n))
	}
	for _, o := range v.Orders {
		keep("id", o.ID)
		keep("number", o.Number)
		keep("status", o.StatusText)
		keep("name", firstLetter(o.Buyer.Name))
		keep("email", o.Buyer.Email.String())
		keep("phone", o.Buyer.Phone.String())
		keep("payment", o.Payment)
		for field, at := range map[string]time.Time{"created": o.Created, "updated": o.Updated, "closes": o.Closes} {
			if !at.IsZero() {
				keep(field, at.Format("2006-01-02 15:04 MST"))
			}
		}
		if o.Total != (order.Money{}) {
			keep("total", o.Total.String())
		}
		for _, l := range o.Lines {
			keep("lines", fmt.Sprintf("%d × %s", l.Quantity, l.Title))
		}
	}
	return out
}

func firstLetter(name string) string {
	for _, r := range name {
		return string(r) + "…"
	}
	return ""
}

// fieldOf is the name under which a field's sample is kept: "list.fields.total"
// and "detail.fields.total" are both the total.
func fieldOf(place string) string {
	_, field, ok := strings.Cut(place, "fields.")
	if !ok {
		if strings.HasSuffix(place, "rows") {
			return "rows"
		}
		return ""
	}
	field, _, _ = strings.Cut(field, ".")
	field, _, _ = strings.Cut(field, "[")
	return field
}

// explain adds to what went wrong on a visit what was read of the same fields
// when they were fine.
func (a *app) explain(shop config.Shop, v *order.Visit, err error) error {
	var layout *crawler.LayoutError
	if len(v.Problems) == 0 && !errors.As(err, &layout) {
		return err
	}
	samples, failure := a.db.Samples(shop.Name)
	if failure != nil {
		a.log.Error("the samples could not be read", "shop", shop.Name, "err", failure)
		return err
	}
	for i := range v.Problems {
		p := &v.Problems[i]
		if s, ok := samples[fieldOf(p.Field)]; ok && p.Good == "" {
			p.Good = s.Value
			p.Text += lastGood(s, shop.Zone)
		}
	}
	var inner *extract.LayoutError
	if layout == nil || !errors.As(layout.Err, &inner) {
		return err
	}
	sample, ok := samples[fieldOf(inner.Field)]
	if !ok {
		return err
	}
	more := lastGood(sample, shop.Zone)
	v.Words += more
	return fmt.Errorf("%w%s", err, more)
}

func lastGood(s store.Sample, zone *time.Location) string {
	return fmt.Sprintf("; the last good one was %q, read on %s", s.Value, s.At.In(zone).Format("2 Jan 15:04"))
}

// sweep removes saved pages and pictures that have had their time.
func (a *app) sweep() {
	dir := filepath.Join(a.cfg.Data, "saved")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // there is none yet
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || a.now().Sub(info.ModTime()) < keepSaved {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			a.log.Warn("an old saved page could not be removed", "err", err)
		}
	}
}
