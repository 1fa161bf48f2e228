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
	return allowedLink(linkHosts(shop), page, address)
}

// chatLink gives the address where the seller writes to the buyer; "" if there
// is none to be opened, and why. Besides the hosts of an order's link, it may lead
// to the host of the page and to one that the recipe itself names.
func chatLink(shop Shop, page, found string, v *recipe.Value) (link, why string) {
	if found == "" {
		return "", ""
	}
	hosts := append(linkHosts(shop), hostOf(page))
	for _, from := range append([]recipe.Value{*v}, v.Or...) {
		if from.Text != nil {
			hosts = append(hosts, hostOf(from.Text.String()))
		}
	}
	return allowedLink(slices.DeleteFunc(hosts, func(h string) bool { return h == "" }), page, found)
}

func allowedLink(hosts []string, page, address string) (link, why string) {
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
	case !slices.Contains(hosts, strings.ToLower(u.Host)):
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
		if h := hostOf(address); h != "" {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// hostOf is the host of an address or of a template of one, "" if a name of the
// template may be part of it.
func hostOf(address string) string {
	address, _, cut := strings.Cut(address, "{")
	u, err := url.Parse(address)
	if err != nil || cut && u.Path == "" && u.RawQuery == "" && u.Fragment == "" {
		return ""
	}
	return strings.ToLower(u.Host)
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

func (w *row) link(f *recipe.Fields) {
	found, _ := w.text("link", f.Link, maxVar)
	if w.err != nil || f.Link == nil && w.order.Link != "" && showsLink(w.recipe) {
		return
	}
	link, why := orderLink(w.shop, w.doc.page.URL, found, w.order)
	if link != "" || found != "" {
		w.order.Link = link
	}
	if why != "" {
		w.once("link "+why, order.Problem{
			Kind: order.BadRow, Order: w.order.ID, Field: w.section + ".link", Select: where(f.Link),
			Text: "the link to order " + w.order.ID + " is left out of reminders: " + why,
		})
	}
}

// showsLink reports whether a shop's pages show where the buyer pays.
func showsLink(r *recipe.Recipe) bool {
	if r.List.Fields.Link != nil {
		return true
	}
	return r.Detail != nil && (r.Detail.Fields.Link != nil ||
		slices.ContainsFunc(r.Detail.More, func(m recipe.More) bool { return m.Fields.Link != nil }))
}

func (w *row) chat(f *recipe.Fields) {
	found, _ := w.text("chat", f.Chat, maxVar)
	if w.err != nil || found == "" {
		return
	}
	link, why := chatLink(w.shop, w.doc.page.URL, found, f.Chat)
	w.order.Chat = link
	if why != "" {
		w.once("chat "+why, order.Problem{
			Kind: order.BadRow, Order: w.order.ID, Field: w.section + ".chat", Select: where(f.Chat),
			Text: "the chat link of order " + w.order.ID + " is left out: " + why,
		})
	}
}
