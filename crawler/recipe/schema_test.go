package recipe_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"nudged/crawler/recipe"
)

var update = flag.Bool("update", false, "write recipe.schema.json anew")

func TestSchemaIsThatOfTheParser(t *testing.T) {
	want, err := recipe.MakeSchema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("recipe.schema.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(recipe.Schema(), want) {
		t.Error("recipe.schema.json is older than the tables of the parser; run: go test ./crawler/recipe -run TestSchemaIsThatOfTheParser -update")
	}
}

// compiled is the schema as an editor reads it: the metaschema of its draft is
// held against it on the way.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(recipe.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("recipe.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("recipe.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaTakesWhatTheParserTakes(t *testing.T) {
	s := compiled(t)
	var files []string
	for _, pattern := range []string{"recipes/*.yaml", "testdata/*.yaml", "../demoshop/recipes/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := recipe.Parse(file, src); err != nil {
				t.Error(err)
			}
			if err := s.Validate(asJSON(t, src)); err != nil {
				t.Error(err)
			}
		})
	}
}

// What stands here is wrong in its shape: an editor must see it too.
func TestSchemaRefusesWhatTheParserRefuses(t *testing.T) {
	s := compiled(t)
	for _, tc := range []struct{ name, old, new string }{
		{"unknown key", "sorted: true", "sortet: true"},
		{"other version", "schema: 1", "schema: 2"},
		{"no name", "name: buttons\n", ""},
		{"empty name", "name: buttons", `name: ""`},
		{"number as a duration", "delay: 2s", "delay: 2"},
		{"duration without unit", "delay: 2s", `delay: "2"`},
		{"no hours of a day", "delay: 2s", `hours: "6-24"`},
		{"too many at once", "delay: 2s", "at_once: 9"},
		{"unknown field", "status: .state", "state: .state"},
		{"row without status", "    status: .state\n", ""},
		{"flag of text", "sorted: true", "sorted: often"},
		{"no way to the next page", "next: {page: 1}", "next: {}"},
		{"two ways to the next page", "next: {page: 1}", "next: {page: 1, link: a}"},
		{"page out of bounds", "next: {page: 1}", "next: {page: 2}"},
		{"path without dollar", "status: .state", "status: {path: state}"},
		{"two places of a value", "status: .state", "status: {path: $.a, select: a}"},
		{"value of nowhere", "status: .state", "status: [a, b]"},
		{"two sources", "{from: url, ", "{from: {header: a, cookie: b}, "},
		{"unknown source", "{from: url, ", "{from: body, "},
		{"default alone", "status: .state", "status: {select: .state, default: a}"},
		{"default of what must be", "status: .state", "status: {select: .state, default: a, optional: false}"},
		{"unknown filter", "status: .state", "status: {select: .state, filters: [upper]}"},
		{"filter without arguments", "status: .state", "status: {select: .state, filters: [split]}"},
		{"filter with one argument", "status: .state", "status: {select: .state, filters: [{replace: [a]}]}"},
		{"line zero", "status: .state", "status: {select: .state, filters: [{line: 0}]}"},
		{"unknown decimal", `decimal: ","`, `decimal: ";"`},
		{"words without match", `date: "02.01.2006 15:04"`, "date: {words: [{unit: 1m}]}"},
		{"two acts in a step", "- get: login", "- {get: login, open: login}"},
		{"act of nothing", "- get: login", "- {optional: true}"},
		{"until without act", "- get: login", "- {get: login, until: a}"},
		{"body without post", "- get: login", "- {get: login, json: {}}"},
		{"no steps", "steps:\n    - get: login\n    - submit: {select: \"#login\", fields: {user: \"{user}\", pass: \"{password}\"}}", "steps: []"},
		{"steps and person", "  refused: .error", "  refused: .error\n  person: {open: a}"},
		{"get and post", "post: order", "post: order\n    get: order"},
		{"wait without browser", "post: order", "post: order\n    wait: a"},
		{"wait with fetch", "post: order", "post: order\n    engine: fetch\n    wait: a"},
		{"rows of both", "rows: table.orders tr", "rows: {select: a, path: $.a}"},
		{"rows of nothing", "rows: table.orders tr", "rows: {in: a}"},
		{"name of a var", "    token: {from", "    My-Token: {from"},
		{"sign of nothing", "empty: .nothing", "empty: {}"},
		{"sign is what", "empty: .nothing", "empty: {is: a}"},
		{"unknown status", "is: unpaid", "is: unpayed"},
		{"no statuses", "  - {text: Open, is: unpaid}\n  - {text: [Paid, Sent], is: paid}\n  - {match: (?i)^cancel, is: closed_unpaid}", "  []"},
		{"text and match", "{text: Open, is", "{text: Open, match: a, is"},
		{"allow without body", `, body: 'id=\d+'}`, "}"},
		{"join without key", "  sorted: true", "  joins: {a: {rows: a, by: b}}\n  sorted: true"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			good := buttons(t)
			if strings.Count(good, tc.old) != 1 {
				t.Fatalf("%q stands %d times in the recipe", tc.old, strings.Count(good, tc.old))
			}
			src := []byte(strings.Replace(good, tc.old, tc.new, 1))
			if _, err := recipe.Parse("buttons.yaml", src); err == nil {
				t.Error("the parser takes it")
			}
			if err := s.Validate(asJSON(t, src)); err == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

// asJSON reads YAML as editors do.
func asJSON(t *testing.T, src []byte) any {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		t.Fatal(err)
	}
	return plain(t, doc.Content[0])
}

func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			out = append(out, plain(t, item))
		}
		return out
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	case "!!int", "!!float":
		return json.Number(n.Value)
	}
	return n.Value
}
