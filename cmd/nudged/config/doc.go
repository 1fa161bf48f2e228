// Package config reads the one YAML file that the seller edits. It is strict:
// a key that nobody knows, a duration without a unit, a step that can never
// fire is a [Problem] with its line and column and the way to mend it, and all
// problems come at once.
//
// The file is read node by node instead of being decoded into structs, so that
// every message can point at the very word it is about, and so that values
// such as 0123 or +86138… stay the text that the seller typed.
//
// No message ever holds the value of a secret: passwords are named by the
// environment variable or file they come from.
package config
