package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nudged/cmd/nudged/config"
	"nudged/crawler/recipe"
)

// trialError says that a shop is off: its recipe was never tried on the shop
// itself, only on what others told of it.
type trialError struct {
	shop, recipe, why string
}

func (e *trialError) Error() string {
	return fmt.Sprintf("shop %s is off: recipe %s is on trial (%s); sign in with your own browser, save a page of your orders, and try it: nudged recipe test %s --page saved.html --shop %s",
		e.shop, e.recipe, strings.TrimSuffix(e.why, "."), e.recipe, e.shop)
}

// onTrial is the reason for which a shop's recipe is off, if it is.
func (a *app) onTrial(_ context.Context, shop config.Shop) error {
	if shop.Recipe == nil || shop.Recipe.Trial == "" {
		return nil
	}
	hash, err := hashOf(recipeSource(shop))
	if err != nil {
		return err
	}
	_, tried, err := a.db.Marked(markTried + hash)
	if err != nil || tried {
		return err
	}
	return &trialError{shop.Name, shop.RecipeName, shop.Recipe.Trial}
}

// recipeSource is what [recipe.Load] takes.
func recipeSource(shop config.Shop) string {
	if shop.RecipeFile != "" {
		return shop.RecipeFile
	}
	return shop.RecipeName
}

func isRecipeFile(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// hashOf names the text of a recipe: one that was changed is another one.
func hashOf(name string) (string, error) {
	var text []byte
	var err error
	if isRecipeFile(name) {
		text, err = os.ReadFile(filepath.Clean(name))
	} else {
		text, err = recipe.Text(name)
	}
	if err != nil {
		return "", fmt.Errorf("read the recipe %s: %w", name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// triedCmd tells or notes, where the database is open, that a recipe passed its
// test. It is no command for people.
type triedCmd struct {
	Hash string `arg:""`
	Note bool
}

func (triedCmd) remote() {}

// Run prints yes or no.
func (c triedCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	if c.Note {
		return a.db.Mark(s.ctx, markTried+c.Hash, a.now())
	}
	_, ok, err := a.db.Marked(markTried + c.Hash)
	if err != nil {
		return err
	}
	if ok {
		s.printf("yes\n")
	} else {
		s.printf("no\n")
	}
	return nil
}

// tried asks whether a recipe has passed its test, wherever the database is open.
func (s *session) tried(name string) (bool, error) {
	hash, err := hashOf(name)
	if err != nil {
		return false, err
	}
	out, err := s.inside([]string{"tried", hash}, nil)
	return strings.TrimSpace(out) == "yes", err
}

// noteTried notes that it has.
func (s *session) noteTried(name string) error {
	hash, err := hashOf(name)
	if err != nil {
		return err
	}
	_, err = s.inside([]string{"tried", hash, "--note"}, nil)
	return err
}

// inside runs a command where the database is open, in the daemon or here, and
// gives what it prints.
func (s *session) inside(args []string, input []byte) (string, error) {
	var out bytes.Buffer
	w := s.world
	w.stdin, w.stdout, w.input, w.tty, w.width = bytes.NewReader(input), &out, input, false, 0
	err := command(s.ctx, append([]string{"--config", s.cli.Config}, args...), w)
	return out.String(), err
}
