package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"

	"nudged/crawler/recipe"
)

// misfit says what stands where a value that found nothing looks: a text that
// its match does not fit, or something without its attribute. The error is nil if
// nothing stands there; the text is empty where it must not be shown.
func (s scope) misfit(p place, field string, v *recipe.Value) (found string, why error) {
	for i := -1; i < len(v.Or) && why == nil; i++ {
		one := v
		if i >= 0 {
			one = &v.Or[i]
		}
		if found, why = s.misfitOne(p, one); secretName(field) || secretName(one.Attr) {
			found = ""
		}
	}
	return found, why
}

func (s scope) misfitOne(p place, v *recipe.Value) (string, error) {
	if raws, ok := s.raw(p, v); ok && len(raws) > 0 {
		if v.Match == nil {
			return "", nil
		}
		return harmless(raws, v), fmt.Errorf("does not fit match %s", v.Match)
	}
	if v.Attr == "" {
		return "", nil
	}
	bare := *v
	bare.Attr = ""
	raws, ok := s.raw(p, &bare)
	if !ok || len(raws) == 0 {
		return "", nil
	}
	found := ""
	if v.Select != nil || v.Label != nil || v.Column != nil { // else the whole row is meant
		found = harmless(raws, &bare)
	}
	return found, fmt.Errorf("has no attribute %s", v.Attr)
}

// keyValue is how a secret stands in an address or a script.
var keyValue = regexp.MustCompile(`([\pL\pN_\-.]+)["'\]]*\s*[=:]\s*["']?([^\s"'&;,<>]+)`)

// harmless is the first of the texts as a problem may show it. Cookies and the
// like are not shown, nor are whole documents: nobody knows what is in them.
func harmless(raws []reading, v *recipe.Value) string {
	const document = 2000
	for _, r := range raws {
		if v.Source != recipe.FromBody && v.Source != recipe.FromURL || r.body || len(r.text) > document || inJSON(r.text) {
			return ""
		}
		t := keyValue.ReplaceAllStringFunc(clean(r.text, maxText), func(pair string) string {
			if name := keyValue.FindStringSubmatch(pair)[1]; secretName(name) {
				return name + "=***"
			}
			return pair
		})
		if t != "" {
			return shown(redactText(t))
		}
	}
	return ""
}

// instead is a misfit for the error of a page.
func (s scope) instead(p place, field string, v *recipe.Value) string {
	found, why := s.misfit(p, field, v)
	switch {
	case why != nil && found != "":
		return fmt.Sprintf("%q, which %s", found, why.Error())
	case why != nil:
		return "what " + why.Error()
	case v.Path != nil:
		return wrongKind(s.insideOf(p, v.In, true), true)
	}
	return ""
}

// rowsText is the document that rows are looked for in.
func (s scope) rowsText(p place, r recipe.Rows) *document { return s.insideOf(p, r.In, r.Path != nil) }

func (s scope) insideOf(p place, in *recipe.Value, json bool) *document {
	if in != nil {
		if inner, ok := s.inside(p, in, json); ok {
			p = inner
		}
	}
	return p.doc
}

// wrongKind says of a document that is not JSON, or not HTML, what it is, and
// what to do; "" if it is what it should be.
func wrongKind(d *document, json bool) string {
	whole := "give it the whole answer that the page fetches (in the browser: developer tools, Network)"
	if d.inside {
		whole = "look whether the value of in: takes the whole text"
	}
	body := bytes.TrimSpace(bytes.TrimPrefix(d.page.Body, []byte("\ufeff")))
	_, err := d.json()
	switch {
	case len(body) == 0:
		return "an empty text; " + whole
	case !json && err == nil && (body[0] == '{' || body[0] == '['):
		return "JSON, in which a selector finds nothing; use path, or in: for HTML inside it"
	case !json || err == nil:
		return ""
	case body[0] == '<':
		return "HTML where the recipe wants JSON, perhaps the page around the list or a sign-in page; " + whole
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("JSON that is cut off after %d bytes; %s", len(body), whole)
	case errors.Is(err, errTrailing):
		return "JSON and then something more; " + whole
	}
	return "text that is no JSON (" + shown(err.Error()) + "); " + whole
}

// noSuchTime says how the recipe wants a time written.
func noSuchTime(how *recipe.Date, err error) error {
	switch {
	case how != nil && how.Epoch != recipe.NoEpoch && errors.Is(err, errFarTime):
		return fmt.Errorf("is a time far from now as %s: epoch counts seconds (10 digits), epoch_ms milliseconds (13 digits)", how.Epoch)
	case how != nil && how.Epoch != recipe.NoEpoch:
		return fmt.Errorf("is no number, as date: %s wants", how.Epoch)
	case !errors.Is(err, errNoTime):
		return err
	case how != nil && len(how.Layouts) > 0:
		return fmt.Errorf("is no time in the layout that the recipe gives: %s", strings.Join(how.Layouts, " | "))
	case how != nil && len(how.Words) > 0:
		return errors.New("is no time in the words that the recipe gives")
	}
	return errors.New("is no time as 2006-01-02 15:04:05; write into date how the shop would show that one")
}

// shortDate is 20.11.26 or 11/20/26, perhaps with an hour.
var shortDate = regexp.MustCompile(`^\d\d[-./]\d\d[-./]\d\d( \d\d?)?$`)

// shownTime is a text that should be a time, as a problem may show it. A date is
// no contact and is shown; of digits that may be someone's number, their form.
func shownTime(s string) string {
	s = mailPattern.ReplaceAllString(clean(s, 4*maxFound), "***@***")
	s = phonePattern.ReplaceAllStringFunc(s, func(run string) string {
		if mask(run) == run || shortDate.MatchString(run) {
			return run
		}
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return '9'
			}
			return r
		}, run)
	})
	return ellipsis(s, maxFound)
}

// WrongKind says of a page that is not JSON, or not HTML, though a recipe looks
// for that, what it is and what to do; "" if it is what it should be.
func WrongKind(p recipe.Page, json bool) string { return wrongKind(newDocument(p), json) }
