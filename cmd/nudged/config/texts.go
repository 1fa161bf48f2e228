package config

import (
	"errors"
	"slices"
	"strings"
)

// template checks a name against every language that the shops of a row speak.
func (l *loader) template(v value, name string, row sequenceAt) {
	if l.texts == nil || name == "" {
		return
	}
	var said []string
	for _, s := range l.shopsOf(row) {
		if s.Language == "" || slices.Contains(said, s.Language) {
			continue
		}
		said = append(said, s.Language)
		known := l.texts.Names(s.Language)
		if slices.Contains(known, name) {
			if !l.texts.ForOpen(s.Language, name) {
				v.problem("the text %s is not for an order that is open and can be delivered, so this step could never go out; write another one", quote(name))
				return
			}
			continue
		}
		hint := "; there are " + strings.Join(known, ", ")
		if near := Nearest(name, known); near != "" {
			hint = "; did you mean " + quote(near) + "?"
		}
		v.problem("there is no template %s in %s%s", quote(name), s.Language, hint)
	}
}

// textExists reports a name that is no text in any language.
func (l *loader) textExists(v value, name string) {
	if l.texts == nil {
		return
	}
	var known []string
	for _, s := range l.cfg.Shops {
		known = append(known, l.texts.Names(s.Language)...)
	}
	slices.Sort(known)
	if known = slices.Compact(known); slices.Contains(known, name) {
		return
	}
	hint := "there are " + strings.Join(known, ", ")
	if near := Nearest(name, known); near != "" {
		hint = "did you mean " + quote(near) + "?"
	}
	v.problem("there is no text %s; %s", quote(name), hint)
}

// ownTexts loads the texts that steps may name, the seller's own among them.
func (l *loader) ownTexts(v value) {
	dir, ok := v.text()
	if ok && dir != "" {
		dir = l.abs(dir)
		if !isDir(dir) {
			v.problem("there is no directory %s; make it, or leave the key out", dir)
			dir = ""
		}
		l.cfg.Reminders.Texts = dir
	}
	if l.opts.Texts == nil {
		return
	}
	loaded, err := l.opts.Texts(dir)
	if err != nil {
		v.textsAreWrong(err)
		if loaded, err = l.opts.Texts(""); err != nil {
			return // the program's own are broken, which a test rules out
		}
	}
	l.texts = loaded
}

// textsAreWrong repeats what is wrong with the seller's own texts.
func (v value) textsAreWrong(err error) {
	var many interface{ Unwrap() []error }
	if !errors.As(err, &many) {
		v.problem("%s", err)
		return
	}
	for _, one := range many.Unwrap() {
		v.problem("%s", one)
	}
}
