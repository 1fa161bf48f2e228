package extract

import (
	"net/url"
	"slices"
	"strings"

	"nudged/crawler/recipe"
	"nudged/store/order"
)

// orderLink gives the address where the buyer pays: what the page shows, or the
// shop's own template; "" if neither may be handed to a buyer, and why.
func orderLink(shop Shop, page, found string, o order.Order) (link, why string) {
	address := found
	if address == "" && shop.OrderLink != "" {
		t, err := recipe.ParseTemplate(shop.OrderLink)
		if err != nil {
			return "", "the shop's order_link is no template: " + err.Error()
		}
		address, err = t.Expand(func(name string) (string, bool) {
			switch name {
			case "id":
				return o.ID, true
			case "number":
				return o.Number, true
			}
			return "", false
		}, url.QueryEscape)
		if err != nil {
			return "", "the shop's order_link knows only {id} and {number}"
		}
	}
	if address == "" {
		return "", ""
	}
	return allowedLink(shop, page, address)
}

func allowedLink(shop Shop, page, address string) (link, why string) {
	base, err := url.Parse(page)
	if err != nil {
		base = &url.URL{}
	}
	u, err := base.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", "it is no web address"
	case u.User != nil:
		return "", "it holds a user or password"
	case !slices.Contains(linkHosts(shop), strings.ToLower(u.Host)):
		return "", "its host " + ellipsis(u.Host, 60) + " is not one of the shop's; add it to link_hosts if it is yours"
	}
	for name := range u.Query() {
		if secretName(name) {
			return "", "its parameter " + ellipsis(name, 30) + " looks like a sign-in token"
		}
	}
	return u.String(), ""
}

// linkHosts are the hosts that a buyer may be sent to.
func linkHosts(shop Shop) []string {
	var hosts []string
	for _, h := range shop.LinkHosts {
		hosts = append(hosts, strings.ToLower(h))
	}
	for _, address := range []string{shop.URL, shop.OrderLink} {
		// The braces of a template stand in path and query, never in the host.
		if i := strings.IndexByte(address, '{'); i >= 0 {
			address = address[:i]
		}
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, strings.ToLower(u.Host))
		}
	}
	return hosts
}

// secretName reports whether a parameter's name says that it lets its bearer in.
func secretName(name string) bool {
	n := strings.ToLower(name)
	for _, word := range []string{"token", "nonce", "session", "sessid", "csrf", "passw", "secret", "jwt", "auth", "apikey", "api_key", "access_key"} {
		if strings.Contains(n, word) {
			return true
		}
	}
	return n == "sid" || n == "ticket" || n == "security" || n == "pwd"
}
