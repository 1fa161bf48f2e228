// Package extract takes a page and a recipe and gives what the page says:
// orders, links, forms, and what could not be read. It is pure: no network, no
// clock, no log. What it reads is hostile: texts are cut, control characters
// taken out, and a row that cannot be read whole is a problem beside the good
// ones, never a half order.
package extract
