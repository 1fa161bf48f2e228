package main

import (
	"fmt"
	"slices"

	"nudged/cmd/nudged/table"
	"nudged/crawler/recipe"
)

type recipeCmd struct {
	List recipeListCmd `cmd:"" help:"List the recipes that come with nudged."`
	Show recipeShowCmd `cmd:"" help:"Print one, to make a copy of your own."`
}

type recipeListCmd struct{}

// Run lists the built-in recipes, and on what each was tried.
func (recipeListCmd) Run(s *session) error {
	t := table.Table{Columns: []table.Column{{Title: "recipe"}, {Title: "system"}, {Title: "tried on", Max: 60}, {Title: "viewing marks", Max: 60}}}
	for _, name := range recipe.Builtin() {
		r, err := recipe.Load(name)
		if err != nil {
			return err
		}
		t.Add(r.Name, r.Title, r.Proven, r.Marks)
	}
	return t.Write(s.stdout, s.width)
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

// copyCommand makes a built-in recipe the seller's own.
func copyCommand(name string) string {
	if !slices.Contains(recipe.Builtin(), name) {
		return ""
	}
	return fmt.Sprintf("nudged recipe show %s > %s.yaml", name, name)
}
