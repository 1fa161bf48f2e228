package notify

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"nudged/store/order"
)

// links are the rules on where a text leads.
func (u *use) links(text string, channel order.Channel) {
	for _, link := range urlIn.FindAllString(text, -1) {
		at, err := url.Parse(strings.TrimRight(link, ".,:;!?"))
		if err != nil || at.Host == "" {
			u.wrong("%s is no link that a phone can follow; write it out, as https://shop.example/order/17/", link)
			continue
		}
		host := strings.ToLower(at.Hostname())
		switch {
		case slices.Contains(shortLinks(), strings.TrimPrefix(host, "www.")):
			u.tell(channel == order.BySMS, "a short link hides where it leads, and networks stop it ("+host+"); write the address of the shop")
		case u.shop.Host != "" && site(host) != site(u.shop.Host):
			u.look("the link leads to %s, and the shop is at %s; see that it is the shop's own, or name the page in words", host, u.shop.Host)
		case at.Scheme == "http":
			u.look("the link to %s is not encrypted; write https:// if the shop has it", host)
		}
	}
}

// site is the part of a host name that one owner has: shop.example of
// www.shop.example, shop.com.cn of a.shop.com.cn.
func site(host string) string {
	labels := strings.Split(strings.ToLower(host), ".")
	n := 2
	if len(labels) > 2 && slices.Contains([]string{"com", "co", "net", "org", "edu", "gov", "ac", "or", "ne"}, labels[len(labels)-2]) {
		n = 3
	}
	if net.ParseIP(host) != nil || len(labels) < n {
		return host
	}
	return strings.Join(labels[len(labels)-n:], ".")
}
