package recipe

import (
	"net/url"
	"slices"
	"strings"
)

// writing judges an address without the folders in which the shop itself lies:
// /store/admin is a name, not an act.
func (g *Guard) writing(u *url.URL) string {
	below := *u
	if g.Own(u) {
		below.Path = belowFolder(Folder(g.base).Path, u.Path)
	}
	return writingAddress(&below)
}

// shows reports whether the recipe says of an address that it only shows
// something. What the rule does not match of it is judged as ever, and no rule makes
// a page of one that says delete or cancel.
func (g *Guard) shows(u *url.URL) bool {
	plain := withoutFragment(u)
	for _, a := range g.allow {
		if a.Method != "GET" || a.URL == nil || a.URL.Regexp == nil || !g.Own(u) {
			continue
		}
		at := a.URL.FindStringIndex(plain)
		if at == nil || slices.ContainsFunc(splitWords(unescape(plain[at[0]:at[1]])), wordAnywhere.MatchString) {
			continue
		}
		if rest, err := url.Parse(plain[:at[0]] + "/" + plain[at[1]:]); err == nil && g.writing(rest) == "" {
			return true
		}
	}
	return false
}

// belowFolder is a path without the leading segments that it shares with a folder.
func belowFolder(folder, p string) string {
	for {
		first, rest, ok := strings.Cut(strings.TrimPrefix(folder, "/"), "/")
		after, same := strings.CutPrefix(p+"/", "/"+first+"/")
		if !ok || first == "" || !same {
			return p
		}
		folder, p = rest, "/"+strings.TrimSuffix(after, "/")
	}
}
