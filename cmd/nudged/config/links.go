package config

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"nudged/crawler/recipe"
)

// webAddress reads an http(s) address. Messages do not repeat what may hold a
// user and a password.
func (v value) webAddress() (*url.URL, bool) {
	raw, ok := v.text()
	if !ok {
		return nil, false
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "":
		v.problem("this is no web address; write for example https://buckles.example/admin/")
	case u.User != nil:
		v.problem("the address holds a user name; use the keys user and password")
	case u.Scheme != "http" && u.Scheme != "https":
		v.problem("%s does not begin with https://; write the whole address", quote(raw))
	case u.Hostname() == "":
		v.problem("%s names no host; write for example https://buckles.example/admin/", quote(raw))
	case u.Fragment != "":
		v.problem("%s goes to a spot in a page; leave out what follows #", quote(raw))
	default:
		return u, true
	}
	return nil, false
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

func (l *loader) shopLinks(m mapping, s *Shop) {
	hosts := m.get("link_hosts")
	for _, v := range hosts.list("[pay.buckles.example]") {
		host, ok := v.text()
		if !ok {
			continue
		}
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host || host == "" || net.ParseIP(host) != nil {
			v.problem("%s is not a host name; write for example pay.buckles.example", quote(host))
			continue
		}
		s.LinkHosts = append(s.LinkHosts, strings.ToLower(host))
	}
	if v := m.get("order_link"); v.there() {
		s.OrderLink, _ = v.orderLink()
	}
}

// orderLink reads the address where a buyer finds an order: it may use {id}
// and {number}.
func (v value) orderLink() (string, bool) {
	raw, ok := v.text()
	if !ok {
		return "", false
	}
	t, err := recipe.ParseTemplate(raw)
	if err != nil {
		v.problem("%s", err)
		return "", false
	}
	names := t.Names()
	for _, name := range names {
		if name != "id" && name != "number" {
			v.problem("{%s} is not known here; an order link may use {id} and {number}", name)
			return "", false
		}
	}
	if len(names) == 0 {
		v.problem("every order would get the same link; write {id} or {number} where the order's own stands")
		return "", false
	}
	filled := strings.NewReplacer("{id}", "1", "{number}", "1").Replace(raw)
	probe := v
	n := *v.node
	n.Value = filled
	probe.node = &n
	if _, ok := probe.webAddress(); !ok {
		return "", false
	}
	return raw, true
}
