// Package fetch asks a shop for pages that need no JavaScript. It is colly with
// everything that guesses or hides turned off: no revisit filter, no robots.txt
// (the pages are the seller's own), no delay of its own (the caller waits, and
// can be cancelled), no settings from COLLY_ variables.
//
// An answer is a [recipe.Page] whatever its status; only what is no whole
// answer is an [Error]: nothing came, it was cut, it was larger than [MaxBody],
// or the guard did not let the request out. Every redirect is judged like the
// request itself. Bodies are UTF-8 when they leave this package: by the charset
// of the header, else of the page's meta tag, else of the recipe.
//
// An error never holds a query string or a body: shops put tokens there.
package fetch
