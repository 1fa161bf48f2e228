package notify

import (
	"errors"
	"fmt"
	html "html/template"
	"regexp"
	"strings"
	text "text/template"
	"text/template/parse"
	"unicode/utf8"
)

// letterFuncs are all that a letter may call. Nothing here makes a text longer
// than its parts, waits, or reads anything.
func letterFuncs() map[string]any {
	same := func(...any) bool { return false } // names for the parser; text/template brings the real ones
	return map[string]any{
		"need": need, "fact": fact, "and": same, "or": same, "not": same, "len": same, "index": same,
		"eq": same, "ne": same, "lt": same, "le": same, "gt": same, "ge": same,
	}
}

// parsed is the trees of one file, by the names they define.
type parsed struct {
	src    source
	trees  map[string]*parse.Tree
	fields map[string]bool // facts that it uses
}

// parseSource reads one file and refuses what a letter must not do.
func parseSource(s source) (*parsed, error) {
	trees, err := parse.Parse(s.shown, s.text, "{{", "}}", letterFuncs())
	if err != nil {
		return nil, syntaxError(err)
	}
	p := &parsed{src: s, trees: trees, fields: map[string]bool{}}
	if main := trees[s.shown]; main != nil {
		for _, n := range main.Root.Nodes {
			if t, ok := n.(*parse.TextNode); !ok || strings.TrimSpace(string(t.Text)) != "" {
				where, _ := main.ErrorContext(n)
				return nil, fmt.Errorf("%s: this stands outside of {{define …}} and would never be shown; put it between {{define \"text\"}} and {{end}}", where)
			}
		}
		delete(trees, s.shown)
	}
	var wrong []error
	known := factNames()
	for _, tree := range trees {
		g := guard{tree: tree, known: known, used: p.fields}
		g.walk(tree.Root)
		wrong = append(wrong, g.wrong...)
	}
	return p, errors.Join(wrong...)
}

// needed are the parts of which a text has to have both or none.
func (p *parsed) whole() error {
	_, plain := p.trees["text"]
	_, rich := p.trees["html"]
	if plain == rich {
		return nil
	}
	has, lacks := "text", "html"
	if rich {
		has, lacks = lacks, has
	}
	return fmt.Errorf("%s: it defines %q and not %q, and a mail shows one or the other; define both", p.src.shown, has, lacks)
}

// assemble puts the trees of several files together; a later file wins.
func assemble(name string, files []*parsed) (letterTemplate, error) {
	lt := letterTemplate{text: text.New(name).Funcs(realFuncs()), html: html.New(name).Funcs(realFuncs())}
	for _, p := range files {
		for define, tree := range p.trees {
			if _, err := lt.text.AddParseTree(define, tree.Copy()); err != nil {
				return lt, fmt.Errorf("%s: %w", p.src.shown, err)
			}
			if _, err := lt.html.AddParseTree(define, tree.Copy()); err != nil {
				return lt, fmt.Errorf("%s: %w", p.src.shown, err)
			}
		}
	}
	return lt, nil
}

func realFuncs() map[string]any { return map[string]any{"need": need, "fact": fact} }

// need hands a value on, and refuses the step when there is none.
func need(fact, value string) (string, error) {
	if strings.TrimSpace(value) == "" {
		return "", fmt.Errorf("%w: %s", ErrMissing, fact)
	}
	return value, nil
}

// fact stands behind everything that a letter prints: what is not known refuses
// the step, so that no message begins with "Hi ,".
func fact(name string, value any) (any, error) {
	if s, ok := value.(string); ok {
		return need(name, s)
	}
	if value == nil {
		return nil, fmt.Errorf("%w: %s", ErrMissing, name)
	}
	return value, nil
}

var (
	templatePrefix = regexp.MustCompile(`(?:html/)?template: ?`)
	noFunction     = regexp.MustCompile(`function "([^"]*)" not defined`)
)

// syntaxError says what to do about a file that cannot be parsed.
func syntaxError(err error) error {
	words := templatePrefix.ReplaceAllString(err.Error(), "")
	var mend string
	switch {
	case noFunction.MatchString(words):
		mend = "a text may use need, and, or, not, eq, ne, lt, le, gt, ge, len and index"
	case strings.Contains(words, "unexpected EOF"):
		mend = "an {{if}}, {{range}}, {{with}} or {{define}} has no {{end}}"
	case strings.Contains(words, "unexpected {{end}}"):
		mend = "there is one {{end}} too many"
	case strings.Contains(words, "unclosed action") || strings.Contains(words, `unexpected "{"`):
		mend = "a {{ before this has no }}"
	case strings.Contains(words, "multiple definition"):
		mend = "keep one of them"
	case strings.Contains(words, "undefined variable"):
		mend = "facts are written with a dot, as {{.Shop}}"
	default:
		return errors.New(words)
	}
	return errors.New(words + "; " + mend)
}

var notHere = regexp.MustCompile(`can't evaluate field (\w+) in type .*`)

// showError says what to do about a text that cannot be shown.
func showError(err error) error {
	words := templatePrefix.ReplaceAllString(err.Error(), "")
	words = notHere.ReplaceAllString(words, "there is no fact .$1 here; .Title, .Quantity and .Total of an item stand in {{range .Items}}")
	return errors.New(words)
}

func validText(src []byte) bool { return utf8.Valid(src) }
