package recipe

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"
)

// syntaxProblem turns an error of the YAML library, which stops at the first
// place that is not YAML at all, into a problem.
func syntaxProblem(file string, err error) Problem {
	p := Problem{File: file, Message: "is not YAML: " + short(err.Error())}
	var one *yaml.LoadError
	if !errors.As(err, &one) {
		return p
	}
	if strings.Contains(one.Message, "no documents") {
		p.Message = "is empty; a recipe begins with schema: 1"
		return p
	}
	p.Line, p.Col = one.Mark.Line, one.Mark.Column
	p.Message = "is not YAML: " + one.Message
	for _, hint := range syntaxHints() {
		if !strings.Contains(one.Message+" "+one.ContextMsg, hint.of) {
			continue
		}
		p.Message = "is not YAML: " + hint.text
		if hint.begin && one.ContextMark.Line > 0 {
			p.Line, p.Col = one.ContextMark.Line, one.ContextMark.Column
		}
		break
	}
	return p
}

// syntaxHint is what a message of the YAML library mostly means; begin, that the
// place where the thing began is the one to look at.
type syntaxHint struct {
	of, text string
	begin    bool
}

func syntaxHints() []syntaxHint {
	return []syntaxHint{
		{"multiple", "it holds several documents; remove the line ---", false},
		{"mapping values", `there is a colon too many, an indent is wrong, or the line above lacks its ": "; a text that holds ": " needs quotes`, false},
		{"simple key", `this line is no "name: value", with a plain colon and a blank after it`, true},
		{"tab character", "indents are blanks, not tabs", false},
		{"cannot start any token", "a text that begins with @ % or ` needs quotes, and indents are blanks, not tabs", false},
		{"unknown anchor", "a text that begins with * needs quotes", false},
		{"scanning an alias", "a text that begins with * needs quotes, and so does one with a bracket inside of brackets", true},
		{"scanning an anchor", "a text that begins with & needs quotes", false},
		{"tag", "a text that begins with ! needs quotes", false},
		{"unknown escape", `in double quotes, \ is special; write single ones, as '\d+'`, false},
		{"block scalar", "a text that begins with > or | needs quotes", false},
		{"quoted scalar", "the quote that opens here is not closed", true},
		{"flow", "the bracket that opens here does not close; inside of brackets, a text that holds a bracket, a comma, a quote or a colon, or begins with #, needs quotes", true},
		{"block", "this does not belong here; look for a wrong indent, a dash too few, a quote too many, or {…} that needs quotes around all of it", false},
		{"UTF-8", "it holds bytes that are no UTF-8; save the file as UTF-8", false},
	}
}
