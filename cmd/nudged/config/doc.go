// Package config reads the one YAML file that the seller edits, and those of
// campaigns, which lie beside it in campaigns/NAME.yaml. It is strict:
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
// A campaign is checked against the config: its shops, its ways to a buyer, hosts
// that its link may lead to, and whether its text can be written at every shop.
// What comes with the program as a ready campaign ([ReadyCampaign]) leaves blank
// what only the seller knows, and a blank is a [Problem] at its place.
//
// No message ever holds the value of a secret: passwords are named by the
// environment variable or file they come from.
package config
