package recipe

import (
	"time"

	"go.yaml.in/yaml/v4"
)

// as makes a kind of a reader that returns what it read.
func as[T any](into *T, schema shaper, read func(d *decoder, n *yaml.Node, path string) T) kind {
	return kind{schema, func(d *decoder, n *yaml.Node, path string) { *into = read(d, n, path) }}
}

// asNew reads a mapping into a T of its own.
func asNew[T any](into **T, keys func(*T) object) kind {
	return as(into, keysOf(keys), func(d *decoder, n *yaml.Node, path string) *T {
		t := new(T)
		d.object(n, path, keys(t))
		return t
	})
}

// asKeys reads a mapping into a T that is there already.
func asKeys[T any](into *T, keys func(*T) object) kind {
	return kind{keysOf(keys), func(d *decoder, n *yaml.Node, path string) { d.object(n, path, keys(into)) }}
}

// keysOf is the shape of a mapping.
func keysOf[T any](keys func(*T) object) shaper {
	return func() shape { return keys(new(T)).shape() }
}

// items reads a list.
func items[T any](into *[]T, item shaper, read func(d *decoder, n *yaml.Node, path string) T) kind {
	return kind{listOf(item), func(d *decoder, n *yaml.Node, path string) {
		*into = []T{}
		d.each(n, path, func(n *yaml.Node, p string) { *into = append(*into, read(d, n, p)) })
	}}
}

// oneOrMore reads a single thing or a list of them.
func oneOrMore[T any](into *[]T, item shaper, read func(d *decoder, n *yaml.Node, path string) T) kind {
	return kind{either(item, listOf(item)), func(d *decoder, n *yaml.Node, path string) {
		d.oneOrEach(n, path, func(n *yaml.Node, p string) { *into = append(*into, read(d, n, p)) })
	}}
}

// free reads a text that may be empty.
func free(d *decoder, n *yaml.Node, path string) string {
	s, _ := d.text(n, path)
	return s
}

// word reads a text that may not.
func word(d *decoder, n *yaml.Node, path string) string {
	s, _ := d.word(n, path)
	return s
}

func asText(into *string) kind { return as(into, scalar, free) }
func asWord(into *string) kind { return as(into, filled, word) }

// asSome reads a text whose being there is news in itself.
func asSome(into **string) kind {
	return kind{scalar, func(d *decoder, n *yaml.Node, path string) {
		if s, ok := d.text(n, path); ok {
			*into = &s
		}
	}}
}

func asFlag(into *bool) kind { return as(into, flag, (*decoder).flag) }

func asNumber(into *int, lowest, highest int) kind {
	return as(into, wholeNumber(lowest, highest), func(d *decoder, n *yaml.Node, path string) int {
		return d.number(n, path, lowest, highest)
	})
}

func asSpan(into *time.Duration, highest time.Duration) kind {
	return as(into, duration, func(d *decoder, n *yaml.Node, path string) time.Duration {
		return d.duration(n, path, highest)
	})
}

// asChoice reads one of some words, into any type of text.
func asChoice[T ~string](into *T, words ...T) kind {
	known := make([]string, len(words))
	for i, w := range words {
		known[i] = string(w)
	}
	return as(into, choice(known...), func(d *decoder, n *yaml.Node, path string) T {
		s, _ := d.oneOf(n, path, known...)
		return T(s)
	})
}

func asSelector(into **Selector) kind { return as(into, ref("selector"), (*decoder).selector) }
func asRegexp(into **Regexp) kind     { return as(into, ref("regexp"), (*decoder).regexp) }
func asPath(into **Path) kind         { return as(into, ref("path"), (*decoder).path) }
func asTemplate(into **Template) kind { return as(into, ref("template"), (*decoder).template) }

// asElement reads a selector that is not a pointer.
func asElement(into *Selector) kind {
	return kind{ref("selector"), func(d *decoder, n *yaml.Node, path string) {
		if s := d.selector(n, path); s != nil {
			*into = *s
		}
	}}
}

// asFilling reads a template that is not a pointer.
func asFilling(into *Template) kind {
	return kind{ref("template"), func(d *decoder, n *yaml.Node, path string) {
		if t := d.template(n, path); t != nil {
			*into = *t
		}
	}}
}

func asValue(into **Value) kind   { return as(into, ref("value"), (*decoder).value) }
func asAddress(into **Value) kind { return as(into, ref("value"), (*decoder).address) }

// asReading reads a value that is not a pointer.
func asReading(into *Value) kind {
	return kind{ref("value"), func(d *decoder, n *yaml.Node, path string) { *into = *d.value(n, path) }}
}

func asVars(into *[]Var) kind     { return as(into, ref("vars"), (*decoder).vars) }
func asSign(into *Sign) kind      { return as(into, ref("sign"), (*decoder).sign) }
func asSigns(into *[]Sign) kind   { return oneOrMore(into, ref("sign"), (*decoder).sign) }
func asRows(into *Rows) kind      { return as(into, ref("rows"), (*decoder).rows) }
func asPairs(into *[]Pair) kind   { return as(into, ref("templates"), (*decoder).templates) }
func asWait(into **Wait) kind     { return as(into, ref("wait"), (*decoder).wait) }
func asBody(into **Template) kind { return as(into, anything, (*decoder).jsonTemplate) }

func asRequest(into *Request) kind { return as(into, ref("request"), (*decoder).request) }

// asTest reads a sign that may be missing.
func asTest(into **Sign) kind {
	return as(into, ref("sign"), func(d *decoder, n *yaml.Node, path string) *Sign {
		s := d.sign(n, path)
		return &s
	})
}

func asTexts(into *[]string) kind { return oneOrMore(into, scalar, free) }
