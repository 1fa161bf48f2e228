package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"nudged/cmd/nudged/config"
)

// misread says what is wrong with a command line, and where to read on.
func misread(err error) error {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil || parse.Context.Model == nil {
		return &usageError{err}
	}
	node := parse.Context.Selected()
	if node == nil {
		node = parse.Context.Model.Node
	}
	near := ""
	if word, ok := strings.CutPrefix(err.Error(), "unexpected argument "); ok && !strings.Contains(word, "did you mean") {
		near = nearCommand(node, word)
		if node.Parent != nil && node.Parent.DefaultCmd == node { // nobody has typed its name
			node = node.Parent
		}
	}
	return &usageError{fmt.Errorf("%w%s; see %s --help", err, near, commandPath(node))}
}

// nearCommand is the command that may be meant by a word which is none.
func nearCommand(node *kong.Node, word string) string {
	var names []string
	for n := node; n != nil; n = n.Parent {
		for _, child := range n.Children {
			if !child.Hidden {
				names = append(names, child.Name)
			}
		}
	}
	if near := config.Nearest(word, names); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	return ""
}

// commandPath is a command as it is typed.
func commandPath(node *kong.Node) string {
	if node.Parent == nil {
		return node.Name
	}
	return commandPath(node.Parent) + " " + node.Name
}
