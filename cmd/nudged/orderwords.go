package main

import (
	"cmp"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/store/order"
)

// ways says how somebody can be reached.
func ways(b order.Buyer) string {
	var out []string
	if b.Email != "" {
		out = append(out, "email")
	}
	if b.Phone != "" {
		out = append(out, "phone")
	}
	return cmp.Or(strings.Join(out, " "), "none")
}

// redacted is an address or a number, which tells what it is only if asked to.
type redacted interface {
	Reveal() string
	String() string
}

// contactText is an address or a number as it may be shown.
func contactText(c redacted, plain bool) string {
	if plain {
		return c.Reveal()
	}
	return c.String()
}

// label names an order the way why takes it.
func label(o order.Order) string { return o.Shop + "/" + cmp.Or(o.Number, o.ID) }

func statusWords(o order.Order) string {
	if o.Status == order.Unknown {
		return "unknown: " + o.StatusText + fromList(o.Key())
	}
	return string(o.Status) + fromList(o.Key())
}

// fromList marks an order that no shop has told of.
func fromList(key order.Key) string {
	if key.Imported() {
		return " (from your list)"
	}
	return ""
}

// contact shows which way there is to the buyer without giving it away.
func contact(b order.Buyer) string {
	var ways []string
	if b.Email != "" {
		ways = append(ways, b.Email.String())
	}
	if b.Phone != "" {
		ways = append(ways, b.Phone.String())
	}
	if len(ways) == 0 {
		return "none"
	}
	return strings.Join(ways, " ")
}

func minute(t time.Time) string { return moment(t, "2006-01-02 15:04") }

func moment(t time.Time, form string) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(form)
}

func zoneOf(cfg *config.Config, shop string) *time.Location {
	if s, ok := cfg.Shop(shop); ok && s.Zone != nil {
		return s.Zone
	}
	return time.UTC
}

// inZones shows the times of each order on its shop's clock.
func inZones(cfg *config.Config, orders []order.Order) []order.Order {
	out := make([]order.Order, len(orders))
	for i, o := range orders {
		zone := zoneOf(cfg, o.Shop)
		if !o.Created.IsZero() {
			o.Created = o.Created.In(zone)
		}
		if !o.Closes.IsZero() {
			o.Closes = o.Closes.In(zone)
		}
		out[i] = o
	}
	return out
}

func names(cfg *config.Config) string { return strings.Join(shopNames(cfg), ", ") }

func shopNames(cfg *config.Config) []string {
	var out []string
	for _, s := range cfg.Shops {
		out = append(out, s.Name)
	}
	return out
}

// meantOf helps whoever typed a word that is not known: with the one that was
// likely meant, else with all.
func meantOf(word string, known []string) string {
	if near := config.Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "there are " + strings.Join(known, ", ")
}
