// Package config reads the one YAML file that the seller edits. It is strict:
// a key that nobody knows, a duration without a unit, a step that can never
// fire is a [Problem] with its line and column and the way to mend it, and all
// problems come at once.
//
// The file is read node by node instead of being decoded into structs, so that
// every message can point at the very word it is about, and so that values
// such as 0123 or +86138… stay the text that the seller typed.
//
// Whether a step can ever go out is not judged by rules of thumb: orders of every
// hour of a week are played through at each shop, by its visits, its close, the
// quiet hours and the limits, with the times that notify plans. What goes out in
// none of them is a problem, or, where only the limits stop it, a warning. A step
// with a condition takes nobody's place there, since it may not be sent.
//
// No message ever holds the value of a secret: passwords are named by the
// environment variable or file they come from.
package config
