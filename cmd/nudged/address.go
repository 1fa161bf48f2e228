package main

import (
	"errors"
	"fmt"
	"strings"

	"nudged/cmd/nudged/table"
	"nudged/crawler"
	"nudged/crawler/recipe"
)

// address finds out what stands at the address. One that was typed wrong can be
// typed again.
func (m *meeting) address() error {
	recipes, err := m.recipes()
	if err != nil {
		return err
	}
	given := m.Address != ""
	for {
		if !given {
			if m.Address, err = m.d.line("Where do you sign in to your shop? Copy the address from your browser: "); err != nil {
				return err
			}
			if m.Address == "" {
				continue
			}
		}
		m.s.sayf("Looking at %s …\n", table.Clean(m.Address))
		err = m.look(recipes)
		var why *crawler.ContactError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &why):
			return err
		case m.Recipe != "" && why.Kind == crawler.UnknownSystem && len(recipes) == 1:
			m.found.Recipe = recipes[0] // the seller knows better than the signs
			m.found, err = crawler.Settle(m.s.ctx, m.found)
			return err
		}
		if given || m.Yes {
			return fmt.Errorf("%w. %s", err, m.advice(why))
		}
		m.s.sayf("\n%s.\n%s\n\n", table.Clean(err.Error()), m.advice(why))
	}
}

// usualFolders are where the back-offices of known systems mostly stand.
func usualFolders() []string { return []string{"wp-admin/", "admin/", "backend/"} }

// look finds out what stands at the address. Where that is only the shop's front,
// the usual folders are tried; and the address becomes the one from which the
// back-office's pages are reached.
func (m *meeting) look(recipes []*recipe.Recipe) error {
	var err error
	m.found, err = crawler.Detect(m.s.ctx, m.Address, recipes)
	var why *crawler.ContactError
	if front := m.found.URL; errors.As(err, &why) && why.Kind == crawler.UnknownSystem && strings.Count(front, "/") == 3 && strings.HasSuffix(front, "/") {
		for _, folder := range usualFolders() {
			if found, failed := crawler.Detect(m.s.ctx, front+folder, recipes); failed == nil {
				m.found, err = found, nil
				break
			}
		}
	}
	if err != nil {
		return err
	}
	m.found, err = crawler.Settle(m.s.ctx, m.found)
	return err
}

// advice says what else can be done, where the error itself does not.
func (m *meeting) advice(why *crawler.ContactError) string {
	if why.Kind != crawler.UnknownSystem {
		return "Nothing was sent but the question for that page, and nothing was written."
	}
	var known []string
	for _, name := range recipe.Builtin() {
		if r, err := recipe.Load(name); err == nil {
			known = append(known, r.Title)
		}
	}
	return "Known are: " + strings.Join(known, ", ") + ". If it is one of these under another face, name it: nudged init --recipe NAME. " +
		"If not, a recipe has to be written, a file of some fifty lines: the guide is crawler/recipe/doc.go, `nudged recipe schema` helps your editor, " +
		"and `nudged recipe test ./my-shop.yaml --page saved.html` tries it on a page that you saved. Nobody writes it for you yet."
}

func (m *meeting) recipes() ([]*recipe.Recipe, error) {
	names := recipe.Builtin()
	if m.Recipe != "" {
		names = []string{m.Recipe}
	}
	var out []*recipe.Recipe
	for _, name := range names {
		r, err := recipe.Load(name)
		if err != nil {
			return nil, &usageError{err}
		}
		out = append(out, r)
	}
	return out, nil
}
