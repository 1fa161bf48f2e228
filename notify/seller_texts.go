package notify

import (
	"cmp"
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	text "text/template"
)

// sellerTexts is what the seller gets, in one language: the layout is the same
// for all of them, the words stand in the language's own file.
type sellerTexts struct {
	plain *text.Template // words, and the layout of plain mails
	rich  *html.Template // the layout of HTML mails
	loc   locale
}

// loadSeller parses what the seller gets. Its words are not the seller's own.
func loadSeller(language string) (sellerTexts, error) {
	lang := sellerLanguage(language)
	if !HasDigest(language) {
		return sellerTexts{}, fmt.Errorf("there is no digest in language %q; there are %s", language, strings.Join(SellerLanguages(), ", "))
	}
	layouts := []string{"templates/digest.tmpl", "templates/notice.tmpl"}
	var s sellerTexts
	funcs := digestFuncs()
	funcs["say"] = func(name string, view any) (string, error) { return s.say(name, view) }
	var err error
	s.plain, err = text.New("digest").Funcs(funcs).Option("missingkey=error").ParseFS(templates, append(layouts, path.Join("templates", lang, "digest.tmpl"))...)
	if err == nil {
		s.rich, err = html.New("digest").Funcs(funcs).Option("missingkey=error").ParseFS(templates, layouts...)
	}
	s.loc = localeOf(lang)
	if err != nil {
		return s, fmt.Errorf("mails to the seller in %s: %w", lang, err)
	}
	return s, nil
}

// HasDigest reports whether the seller can be written to in a language.
func HasDigest(language string) bool {
	return slices.Contains(SellerLanguages(), sellerLanguage(language))
}

func sellerLanguage(language string) string { return localeLanguage(cmp.Or(language, "en")) }

// SellerLanguages are those that the seller can be written to in.
func SellerLanguages() []string {
	files, err := fs.Glob(templates, "templates/*/digest.tmpl")
	if err != nil {
		return nil // the pattern is fixed and valid
	}
	for i, file := range files {
		files[i] = path.Base(path.Dir(file))
	}
	return files
}

// say gives the words that a define holds, as plain text: the layout of HTML
// mails escapes them.
func (s sellerTexts) say(name string, view any) (string, error) {
	if s.plain.Lookup(name) == nil {
		return "", fmt.Errorf("there are no words %q", name)
	}
	b := limited{left: maxOutput}
	if err := s.plain.ExecuteTemplate(&b, name, view); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}

// line is what a define says, fit for a header.
func (s sellerTexts) line(name string, view any) (string, error) {
	words, err := s.say(name, view)
	return clean(words, maxLine), err
}

// render writes the text and the HTML of a mail: NAMEtext and NAMEhtml.
func (s sellerTexts) render(name string, view any) (plain, rich string, err error) {
	p, r := limited{left: maxOutput}, limited{left: maxOutput}
	err = errors.Join(s.plain.ExecuteTemplate(&p, name+"text", view), s.rich.ExecuteTemplate(&r, name+"html", view))
	return strings.TrimSpace(emptyLines.ReplaceAllString(p.String(), "\n\n")) + "\n", r.String(), err
}
