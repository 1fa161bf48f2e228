// Package recipe is the language in which one kind of back-office is described:
// how to sign in, how to know that it worked, where the orders stand and what
// the words there mean. A recipe is data; reading one does no I/O, and a shop
// that nobody has seen before needs a new YAML file, not new Go.
//
// Everything in a recipe is compiled when it is loaded: selectors, JSON paths,
// regular expressions, templates, date layouts, GraphQL. A recipe that loads
// can be run; one that does not says every mistake at once, with line and
// column.
//
// # The parts of a recipe
//
//	schema: 1                the language
//	name, title, about       who it is
//	proven, marks            on what it was tried; what viewing marks at the shop
//	charset, delay           of pages that tell no charset; between requests
//	sign_in                  act, recognise refusal, prove success
//	signed_out               what every page shows when the session has ended
//	list                     the order list: request, rows, next page, fields
//	detail                   an order's own page, if the list does not say all
//	statuses                 what the shop's words mean
//	allow, deny              POSTs that only read; addresses never to open
//
// The Example shows a whole one; the built-in recipes are in the folder recipes.
//
// # Finding things
//
// A plain text is a CSS selector, or, if it begins with $, a JSON path. In a row,
// both start at the row. This holds for rows, fields, vars and signs alike:
//
//	rows: table.orders tr      rows: $.data.orders[*]
//	name: .customer            name: $.customer.name
//
// The long form of a value says more. It finds a text:
//
//	select: .mail              the element's text, as a person reads it
//	  attr: href                 an attribute of it instead
//	  own: true                  its own text, without its children's
//	  live: true                 what stands in the field (engine browser)
//	path: $.html               JSON; with select: what it holds is HTML
//	text: "{origin}/o/{id}"    made of other values
//	from: url                  the page's address; {header: X}, {cookie: X}, {storage: X}
//	(none of them)             the row or page itself
//
// and then works on it, in this order:
//
//	join: ", "                 all that was found, not only the first
//	match: 'No (\d+)'          the first group, or the whole match
//	filters: [lower]           lower, digits, decode (HTML entities once more),
//	                           {replace: [regexp, text]}, {split: [separator, part]}
//	or: [.phone, .mobile]      what to try when nothing was found
//	optional: true             nothing found is no error; default: says what then
//
// White space is always tidied, control characters are always gone. Regular
// expressions are Go's (RE2), without look-around.
//
// # Fields
//
// The name of a field says what it must be. Times (created, updated, closes) are
// ISO 8601, or as date says: a layout that shows how 2 January 2006, 15:04:05
// would be written, several layouts, epoch or epoch_ms. Amounts (total) are read
// as people write them; money says what cannot be seen: {decimal: ","},
// {divide: 100}, minor. The currency follows from the amount's symbol, or is a
// field of its own. Phones become E.164, and masked ones (138****8000) are none.
// The link is where the buyer pays; it is used only if it leads to the shop.
//
// id, status, created and total must hold something; the others must be there,
// if they are not optional, but may be empty.
//
// # Signs
//
// A sign is a test on an answer; everything in it must hold: status, url, type,
// select or path, with match or is for the text found there. A plain text is a
// selector or path.
//
// # Requests and pages
//
// A plain text is an address to get, relative to the shop's url, which is taken
// for a folder. The long form has get or post, headers, form, json or graphql,
// engine: browser for pages that need JavaScript, wait, and capture for a
// response that the page itself fetches. In templates stand {url}, {origin}, the
// vars, and in a detail {id} and {number}; a brace that is meant is written
// twice. The sign-in alone knows {user} and {password}.
//
// The next page of a list is reached by link, by page (a number, {page}), by
// offset ({offset} and {size}), or by click.
//
// # What the program never does
//
// After the proof of sign-in only GETs go out, and POSTs that allow declares by
// address and whole body, or GraphQL documents that hold nothing but queries.
// See [Guard].
package recipe
