package recipe

import (
	_ "embed" // the schema
	"encoding/json"
	"fmt"
)

//go:embed recipe.schema.json
var schemaFile []byte

// Schema is the JSON Schema (draft 2020-12) of the language, for editors. It
// says which keys there are, what they hold and which exclude each other. What
// it cannot say (whether a selector is one, whether a name in a template has a
// value), [Parse] does.
func Schema() []byte { return append([]byte(nil), schemaFile...) }

// makeSchema writes the schema from the tables that the parser reads by. The
// file is kept beside the code, so that a change of the language shows.
func makeSchema() ([]byte, error) {
	s := recipeKeys(&Recipe{}).shape()
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "nudged recipe"
	s["description"] = "How one kind of back-office is signed in to and read."
	s["$defs"] = definitions()
	out, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return append(out, '\n'), nil
}

// definitions are the things that stand in more than one place. Many have a
// short form, a plain text.
func definitions() shape {
	layouts := either(filled, nonEmpty(filled))
	rule := func() shape { return statusKeys(&StatusRule{}, &ruleTexts{}).shape() }
	return shape{
		"selector":  about("a CSS selector", filled),
		"regexp":    about("a regular expression in Go's syntax (RE2)", filled),
		"path":      about("a JSON path", startingWithDollar),
		"template":  about("a text with {names}; {{ is a brace", scalar),
		"templates": about("names with texts", templatesShape),
		"value":     about("how a text is taken; a plain text is a selector, or a path if it begins with $", either(filled, keysOf(valueKeys))),
		"vars":      about("names with values, for templates", mapOf(ref("value"))),
		"filter":    about("what is done to a text", either(choice(plainFilters()...), keysOf(filterKeys))),
		"date":      about("how a time is written", either(layouts, keysOf(dateKeys))),
		"money":     about("how an amount is written", either(choice("minor"), keysOf(moneyKeys))),
		"rows":      about("where rows stand; a plain text is a selector, or a path if it begins with $", either(filled, keysOf(rowsKeys))),
		"sign":      about("a test on an answer, of which everything must hold; a plain text is a selector or path", either(filled, notEmpty(keysOf(signKeys)))),
		"wait":      about("what to wait for; a plain text is a selector", either(filled, notEmpty(keysOf(waitKeys)))),
		"request":   about("what to ask the shop for; a plain text is an address to get", either(scalar, keysOf(requestKeys))),
		"step":      about("one act of a sign-in", keysOf(stepKeys)),
		"more":      about("a further page of an order", keysOf(moreKeys)),
		"status":    about("one rule", rule),
	}
}

func about(text string, of shaper) shape {
	s := of()
	s["description"] = text
	return s
}

func templatesShape() shape {
	return shape{"type": "object", "additionalProperties": ref("template")()}
}

func startingWithDollar() shape { return shape{"type": "string", "pattern": `^\$`} }

func notEmpty(of shaper) shaper {
	return func() shape {
		s := of()
		s["minProperties"] = 1
		return s
	}
}
