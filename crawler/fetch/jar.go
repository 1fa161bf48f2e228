package fetch

import (
	"cmp"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Cookie as it is kept between visits and handed to the browser.
type Cookie struct {
	Name, Value string
	Domain      string // "shop.example" for that host alone, ".shop.example" for its subdomains too
	Path        string
	Expires     time.Time // zero: with the session
	Secure      bool
	HTTPOnly    bool
	SameSite    string // "Strict", "Lax", "None" or ""
}

// jar is a cookiejar.Jar that can tell what it holds: the one of net/http gives
// names and values only.
type jar struct {
	*cookiejar.Jar
	now func() time.Time
	mu  sync.Mutex
	all map[cookieKey]Cookie
}

type cookieKey struct{ name, domain, path string }

func newJar(now func() time.Time) (*jar, error) {
	inner, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	return &jar{Jar: inner, now: now, all: map[cookieKey]Cookie{}}, err
}

// SetCookies keeps what an answer sets.
func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(u, cookies)
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		j.keep(u, c)
	}
}

func (j *jar) keep(u *url.URL, c *http.Cookie) {
	host, domain := strings.ToLower(u.Hostname()), strings.ToLower(strings.TrimPrefix(c.Domain, "."))
	if domain != "" && domain != host && !strings.HasSuffix(host, "."+domain) {
		return
	}
	kept := Cookie{Name: c.Name, Value: c.Value, Domain: host, Path: c.Path, Expires: c.Expires, Secure: c.Secure, HTTPOnly: c.HttpOnly, SameSite: sameSite(c.SameSite)}
	if domain != "" && c.Domain != "" && (domain != host || strings.Contains(host, ".")) && !isIP(host) {
		kept.Domain = "." + domain
	}
	if !strings.HasPrefix(kept.Path, "/") {
		kept.Path = "/"
		if i := strings.LastIndexByte(u.Path, '/'); i > 0 {
			kept.Path = u.Path[:i]
		}
	}
	if c.MaxAge > 0 {
		kept.Expires = j.now().Add(time.Duration(min(c.MaxAge, 400*86400)) * time.Second)
	}
	key := cookieKey{kept.Name, kept.Domain, kept.Path}
	if c.MaxAge < 0 || gone(kept, j.now()) {
		delete(j.all, key)
		return
	}
	j.all[key] = kept
}

func gone(c Cookie, now time.Time) bool { return !c.Expires.IsZero() && !c.Expires.After(now) }

func isIP(host string) bool {
	return strings.Trim(host, "0123456789.") == "" || strings.Contains(host, ":")
}

func sameSite(s http.SameSite) string {
	switch s {
	case http.SameSiteStrictMode:
		return "Strict"
	case http.SameSiteLaxMode:
		return "Lax"
	case http.SameSiteNoneMode:
		return "None"
	}
	return ""
}

// Cookies that the client holds, for keeping or for the browser.
func (c *Client) Cookies() []Cookie {
	c.jar.mu.Lock()
	defer c.jar.mu.Unlock()
	var out []Cookie
	for _, kept := range c.jar.all {
		if !gone(kept, c.o.Now()) {
			out = append(out, kept)
		}
	}
	slices.SortFunc(out, func(a, b Cookie) int {
		return cmp.Or(strings.Compare(a.Domain, b.Domain), strings.Compare(a.Path, b.Path), strings.Compare(a.Name, b.Name))
	})
	return out
}

// Cookie that would go to an address under this name.
func (c *Client) Cookie(u *url.URL, name string) (string, bool) {
	for _, cookie := range c.jar.Jar.Cookies(u) {
		if cookie.Name == name {
			return cookie.Value, true
		}
	}
	return "", false
}

// SetCookies takes cookies over, from an earlier visit or from the browser.
func (c *Client) SetCookies(cookies []Cookie) {
	for _, kept := range cookies {
		host := strings.TrimPrefix(kept.Domain, ".")
		u := &url.URL{Scheme: "https", Host: host, Path: "/"}
		if strings.Contains(host, ":") {
			u.Host = "[" + host + "]"
		}
		set := &http.Cookie{Name: kept.Name, Value: kept.Value, Path: kept.Path, Expires: kept.Expires, Secure: kept.Secure, HttpOnly: kept.HTTPOnly}
		if strings.HasPrefix(kept.Domain, ".") {
			set.Domain = host
		}
		c.jar.SetCookies(u, []*http.Cookie{set})
	}
}
