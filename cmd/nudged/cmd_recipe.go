package main

import (
	"fmt"
	"slices"

	"nudged/cmd/nudged/table"
	"nudged/crawler/recipe"
)

type recipeCmd struct {
	List   recipeListCmd   `cmd:"" help:"List the recipes that come with nudged."`
	Show   recipeShowCmd   `cmd:"" help:"Print one, to make a copy of your own."`
	Test   recipeTestCmd   `cmd:"" help:"Try a recipe on a page that you saved."`
	Record recipeRecordCmd `cmd:"" help:"Visit a shop and keep its pages, without contacts, to try recipes on."`
	Schema recipeSchemaCmd `cmd:"" help:"Print the JSON Schema of recipes, for your editor."`
}

type recipeListCmd struct{}

// Run lists the built-in recipes: on what each was tried, what viewing an order
// leaves in the shop, and what the shop's owner says of automation.
func (recipeListCmd) Run(s *session) error {
	t := table.Table{Columns: []table.Column{
		{Title: "recipe"}, {Title: "system"}, {Title: "tried on", Max: 60}, {Title: "viewing marks", Max: 60}, {Title: "terms", Max: 60}, {Title: "state"},
	}}
	trials := 0
	for _, name := range recipe.Builtin() {
		r, err := recipe.Load(name)
		if err != nil {
			return err
		}
		state := "ready"
		if r.Trial != "" {
			state = "on trial"
			trials++
		}
		t.Add(r.Name, r.Title, r.Proven, r.Marks, r.Terms, state)
	}
	if err := t.Write(s.stdout, s.width); err != nil {
		return err
	}
	if trials > 0 {
		s.sayf("A recipe on trial is off until your own nudged recipe test of it passes.\n")
	}
	return nil
}

type recipeShowCmd struct {
	Name string `arg:"" help:"Of the recipe."`
}

// Run prints a built-in recipe as it is written.
func (c recipeShowCmd) Run(s *session) error {
	text, err := recipe.Text(c.Name)
	if err != nil {
		return &usageError{err}
	}
	_, err = s.stdout.Write(text)
	return err
}

type recipeSchemaCmd struct{}

// Run prints the schema.
func (recipeSchemaCmd) Run(s *session) error {
	_, err := s.stdout.Write(recipe.Schema())
	return err
}

// copyCommand makes a built-in recipe the seller's own.
func copyCommand(name string) string {
	if !slices.Contains(recipe.Builtin(), name) {
		return ""
	}
	return fmt.Sprintf("nudged recipe show %s > %s.yaml", name, name)
}
