package extract

import (
	"net/http"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"nudged/crawler/recipe"
)

// Check reports whether a sign holds: everything given in it must.
func Check(s *recipe.Sign, p recipe.Page) bool {
	_, ok := signText(s, place{doc: newDocument(p)})
	return ok
}

// Words gives the text found by the first of the signs that holds: what the
// shop says. The text may be empty. Contacts in it are masked.
func Words(signs []recipe.Sign, p recipe.Page) (string, bool) {
	doc := newDocument(p)
	for i := range signs {
		if t, ok := signText(&signs[i], place{doc: doc}); ok {
			// The × is on the button that closes the message.
			return ellipsis(mask(strings.TrimRight(clean(t, 4*maxWords), " ×")), maxWords), true
		}
	}
	return "", false
}

func anySign(signs []recipe.Sign, p place) bool {
	for i := range signs {
		if _, ok := signText(&signs[i], p); ok {
			return true
		}
	}
	return false
}

// signText tests a sign at a place and gives the text that it found.
func signText(s *recipe.Sign, p place) (string, bool) {
	page := p.doc.page
	switch {
	case s.Status != 0 && s.Status != page.Status,
		s.URL != nil && !s.URL.MatchString(page.URL),
		s.Type != "" && !strings.EqualFold(s.Type, page.Type):
		return "", false
	}
	switch {
	case s.Select != nil:
		return signElement(s, p)
	case s.Path != nil:
		return signPath(s, p)
	case s.Match != nil:
		return signBody(s, p)
	}
	return "", true
}

func signElement(s *recipe.Sign, p place) (words string, ok bool) {
	sel, err := p.selection()
	if err != nil {
		return "", false
	}
	if p.sel == nil && s.Is == nil && s.Match == nil {
		first := findFirst(sel, s.Select)
		return clean(text(first), 1<<20), first.Length() > 0
	}
	// A row that is itself the element counts, as do elements inside it.
	all := find(sel, s.Select)
	if p.sel != nil {
		all = all.AddSelection(sel.FilterMatcher(matcher(s.Select)))
	}
	all.EachWithBreak(func(_ int, e *goquery.Selection) bool {
		words, ok = signFits(s, text(e))
		return !ok
	})
	return words, ok
}

func signPath(s *recipe.Sign, p place) (string, bool) {
	root, err := p.root()
	if err != nil {
		return "", false
	}
	for _, found := range get(s.Path, root) {
		if found == nil {
			continue
		}
		t, _ := scalar(found)
		if words, ok := signFits(s, t); ok {
			return words, true
		}
	}
	return "", false
}

func signFits(s *recipe.Sign, t string) (string, bool) {
	t = clean(t, len(t))
	if s.Is != nil && t != *s.Is {
		return "", false
	}
	return t, s.Match == nil || s.Match.MatchString(t)
}

func signBody(s *recipe.Sign, p place) (string, bool) {
	var t string
	switch {
	case p.sel != nil:
		t = clean(text(p.sel), maxVar)
	case p.json:
		t, _ = scalar(p.value)
	default:
		t = p.doc.text()
	}
	return s.Match.FindString(t), s.Match.MatchString(t)
}

// SignedIn judges whether an answer was given to a signed-in user.
func SignedIn(r *recipe.Recipe, p recipe.Page) Access {
	doc := newDocument(p)
	switch {
	case p.Status == http.StatusUnauthorized, anySign(r.SignedOut, place{doc: doc}):
		return No
	case p.Status < 200, p.Status >= 300 && p.Status < 400, p.Status >= 500,
		p.Status == http.StatusForbidden, p.Status == http.StatusTooManyRequests:
		return Uncertain
	}
	if strings.HasSuffix(p.Type, "json") {
		if _, err := doc.json(); err != nil {
			return Uncertain
		}
	}
	return Yes
}
