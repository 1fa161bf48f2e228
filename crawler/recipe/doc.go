// Package recipe is the language in which one kind of back-office is described:
// how to sign in, how to know that it worked, where the orders stand and what the
// words there mean. A recipe is data; reading one does no I/O, and a shop that
// nobody has seen before needs a new YAML file, not new Go.
//
// Everything in a recipe is compiled when it is loaded: selectors, JSON paths,
// regular expressions, templates, date layouts, GraphQL. A recipe that loads can be
// run; one that does not says every mistake at once, with line, column and mend.
//
// What follows is the guide for the person who writes a recipe. It takes some HTML,
// and the developer tools of a browser (F12).
//
// # A first recipe
//
// Sign in to your back-office, open the order list and look at its source (Ctrl-U).
// If the orders stand there, the shop needs no browser, and all goes over HTTP. That
// is the case here. The page to sign in on, at /admin/login, has
//
//	<form id="login" action="/admin/login" method="post">
//	  <input type="hidden" name="token" value="8f3a">
//	  <input name="user"> <input name="password" type="password">
//	  <button>Sign in</button>
//	</form>
//
// and after a wrong password also a <p class="error">. The list, at /admin/orders,
// is a table:
//
//	<a id="logout" href="/admin/logout">Sign out</a>
//	<table id="orders">
//	  <tr> <th>Order</th> <th>Date</th> <th>Customer</th> <th>Total</th> <th>State</th> </tr>
//	  <tr class="order" data-id="4711">
//	    <td><a href="/admin/orders/4711">B-4711</a></td> <td>22.11.2026 09:30</td>
//	    <td>Anna Kowalska</td> <td>1.234,50 €</td> <td>Waiting for payment</td>
//	  </tr>
//	</table>
//	<a class="next" href="/admin/orders?page=2">Next</a>
//
// and an order has a page of its own, at /admin/orders/4711:
//
//	<h1 id="order" data-id="4711">Order B-4711</h1>
//	<p>State: <b>Waiting for payment</b></p>
//	<dl> <dt>E-mail</dt> <dd>anna@example.com</dd> <dt>Mobile</dt> <dd>+48 512 345 678</dd> </dl>
//	<table id="items">
//	  <tr> <th>Article</th> <th>Pieces</th> </tr>
//	  <tr class="item"> <td>Rye bread</td> <td>2</td> </tr>
//	</table>
//
// The recipe says the same in its own order: who it is, how to sign in, the list,
// the order's page, and what the words mean.
//
//	schema: 1                        # the language
//	name: bakery
//	title: The Bakery's shop
//	about: The url is the address of the admin folder, such as https://bakery.example/admin/
//
//	sign_in:
//	  steps:
//	    - get: login                 # from the shop's url, which is a folder
//	    - submit: {select: "#login", fields: {user: "{user}", password: "{password}"}}
//	  refused: .error                # its text is shown to you
//	  proof: {request: orders, sign: "#logout"}
//	signed_out: "#login"             # what any page shows when the session has ended
//
//	list:
//	  request: orders
//	  rows: "#orders tr.order"
//	  empty: "#orders .nothing"      # what a list without orders shows
//	  sorted: true                   # newest first
//	  next: {link: a.next}
//	  fields:
//	    id: {attr: data-id}          # of the row itself
//	    number: {column: Order}      # the cell under the header "Order"
//	    created: {column: Date, date: "02.01.2006 15:04"}
//	    name: {column: Customer, optional: true}
//	    total: {column: Total}
//	    status: {column: State}
//
//	detail:
//	  request: orders/{id}
//	  found: "#order"                # what the page of an order shows
//	  fields:
//	    id: {select: "#order", attr: data-id}
//	    status: {label: State}       # what stands beside "State"
//	    email: {label: E-mail, optional: true}
//	    phone: {label: [Phone, Mobile], optional: true}
//	    lines: {rows: "#items tr.item", title: {column: Article}, quantity: {column: Pieces}}
//
//	statuses:                        # the first rule that fits
//	  - {text: Waiting for payment, is: unpaid}
//	  - {text: [Paid, Baked, Delivered], is: paid}
//	  - {match: ^Cancelled, is: closed_unpaid}
//
// Save it as bakery.yaml, and the pages as files, and try it; this sends nothing:
//
//	nudged recipe test bakery.yaml --page orders.html
//	nudged recipe test bakery.yaml --page order.html --detail
//
// Times are in UTC there, and phones need their country code. Then write "recipe:
// ./bakery.yaml" into the shop in config.yaml, try it with --shop and its name, and have
// it read once with "nudged crawl". Later, when the shop has changed, "nudged recipe
// record" keeps the pages of a visit, without contacts, to try the mended recipe on.
//
// An editor that knows YAML names the keys and their mistakes while you type, if you
// write the schema beside the recipe (nudged recipe schema > recipe.schema.json) and
// begin the recipe with the line
//
//	# yaml-language-server: $schema=recipe.schema.json
//
// YAML needs quotes around a text that begins with { [ * & ! # @ % or holds ": " or
// " #", as selectors and templates do, and inside of {…} and […] around one that holds
// a bracket or a comma: {select: 'input[name=a]', match: '^\d{4}', path: "$.b[*]"}.
// Single quotes are best for regular expressions: in double ones \ is special.
//
// # Finding things
//
// A plain text is a CSS selector or, if it begins with $, a JSON path. In a row, both
// start at the row. This holds for rows, fields, vars and signs alike:
//
//	rows: table.orders tr      rows: $.data.orders[*]
//	name: .customer            name: $.customer.name
//
// Of selectors, #id, .class, tag, [name=x], [href*=pay], "a b" (b inside of a), "a > b"
// (directly), td:nth-child(2) and "a, b" (either) go a long way; of paths $.a.b,
// $.rows[*] (all), $['a','b'] (both) and $.rows[?(@.state == 'x')] (those for which it
// holds). In the developer tools, Ctrl-F in the element view tries a selector.
//
// The long form of a value, {…}, says where a text stands. One of these:
//
//	select: .mail              the element's text, as a person reads it
//	path: $.customer.name      the place in JSON
//	column: [Customer, Kunde]  the cell of the row under the header with this text
//	label: [Phone, 电话]       what stands beside or below this text: dt and dd,
//	                           two cells, a label and its field, "Phone: 123"
//	text: "{origin}/o/{id}"    made of other values, or always the same
//	from: url                  the page's address; {header: X}, {cookie: X},
//	                           {storage: X} for the browser's localStorage
//	(none of them)             the row or page itself
//
// of an element, which text of it:
//
//	attr: href                 an attribute
//	own: true                  its own text, without its children's
//	live: true                 what stands in the field now (engine browser)
//
// and, if it is not the row or page in which to look, what else:
//
//	in: $.html                 a text that is HTML or JSON itself, found by any value
//	of: buyer                  the row of a join, see below
//
// Then it is worked on, in this order:
//
//	join: ", "                 all that was found, not only the first
//	match: 'No (\d+)'          the first group, or the whole match
//	filters: [lower]           see below
//	date, money                see below
//	or: [.phone, .mobile]      what to try when nothing was found, or no contact
//	optional: true             nothing found is no error
//	default: "0"               what it is then
//
// So {in: {select: "#data", attr: data-order, filters: [url_decode]}, path: $.total}
// reads JSON in an attribute, and {in: $.html, select: .phone} HTML in JSON. White
// space is always tidied. Regular expressions are Go's (RE2), without look-around.
//
// The filters, each of which gets the text of the one before:
//
//	lower                      lower case
//	digits                     what is no digit goes
//	decode                     HTML entities once more: &lt; becomes <
//	url_decode                 %41 becomes A
//	base64                     decoded
//	unescape                   the escapes of a JavaScript string: \u0022 becomes "
//	{line: 2}                  the second of several lines, as <br> makes them; -1 is the last
//	{split: ["/", 1]}          the first part of what a separator separates
//	{replace: ['\s+x$', ""]}   a regular expression by a text, which may use $1
//
// # What the fields are
//
//	id          what the shop's addresses call the order; needed
//	number      what people call it, if that is something else
//	status      the shop's words; needed
//	code        the shop's key of the status, such as a class, where it has one
//	created     when it was ordered; needed, in the list or on its own page
//	updated     when it was changed
//	closes      when the shop closes it, if it stays unpaid
//	total       needed, in the list or on its own page
//	currency    ISO code, if the total does not show it
//	name, email, phone
//	payment     method of payment
//	refunded    any text but 0, false and no: money went back
//	coupon      one that the buyer has and did not use for this order
//	pay_failed  any text but 0, false and no: an attempt to pay failed
//	link        where the buyer pays; used only if it leads to the shop
//	chat        where you write to the buyer
//	lines       what was ordered: rows, exclude, title, sku, quantity, total,
//	            sold_out (any text but 0, false and no: the shop has none left)
//	vars        texts of your own, for the order's requests and templates
//
// A field that is not there is an error of its row, unless it is optional. An error
// is better than a wrong reminder: make optional only what some orders lack. An empty
// cell, or null in JSON, is there; only what is needed must not be empty.
//
// Times are ISO 8601, or as date says: how 2 January 2006, 15:04:05 would be written
// there ("02.01.2006 15:04" for DD.MM.YYYY hh:mm, "Jan 2, 2006"), a list of such, epoch
// or epoch_ms. A year that is not shown may be in the number: {text: "{year}-{when}",
// date: "2006-01-02 15:04"} joins vars. Filters make what is missing, as the zone of
// times in UTC, {replace: ['$', Z]}, or a month, {replace: ['févr\.', Feb]}. Or in
// words, with layouts for what is not:
//
//	date:
//	  words:
//	    - {match: '(\d+) minutes? ago', unit: 1m}
//	    - {match: yesterday, unit: 24h}
//	    - {match: today}
//	  layouts: ["15:04", 2 Jan 2006]
//
// Amounts are read as people write them, with their symbol. Where that is not enough,
// money says {decimal: ","}, {divide: 100} for cents, or minor for the smallest unit
// of whatever currency it is. Phones need their country code, or the country of the
// shop; masked ones (138****8000) are none.
//
// # Signs
//
// A sign is a test on an answer, of which everything must hold. A plain text is a
// selector or path that finds something; the long form has
//
//	status: 401                HTTP status
//	url: /login                the page's address matches
//	type: text/html            media type
//	select or path             something is there
//	match: locked              in the text found, or in the whole answer
//	is: "[]"                   is the whole text found
//
// Where several signs may stand, as in signed_out, one of them is enough.
//
// # Requests and templates
//
// A plain text is an address to get. It starts at the shop's url: orders is below
// it, /orders at the root. The long form:
//
//	request:
//	  engine: browser          for a page that JavaScript draws
//	  get: orders?page={page}  or several, of which the first with rows counts
//	  post: api/orders         instead of get, with one of the three bodies
//	  form: {a: "1"}           names with texts
//	  json: {page: "{page}"}   anything; !!int "{id}" is a number, where a text will not do
//	  graphql: {operation: X, query: "query X { … }", variables: {id: "{id}"}}
//	  headers: {x-token: "{token}"}
//	  wait: "#orders"          engine browser: when the page is there
//	  capture: {url: /api/}    engine browser: see below
//
// A text with {names} is a template; a brace that is meant is written twice. Values
// are escaped for the place that they stand in. A name that begins an address may be
// one that the shop itself gave: "{customer}", "{grid}?page={page}".
//
//	{url} {origin}             everywhere: the shop's url; its scheme and host
//	{user} {password} {totp}   in the sign-in; the last is the one-time code
//	vars of the sign-in        in every request
//	{page} {offset} {size}     in the list's request, as next counts
//	{cursor}
//	{view} and its values      in the list's request; {view} also in its fields
//	vars of the list           in its fields and in the requests of details
//	{id} {number}              in fields and in the requests of details
//	vars of the fields         in the other fields, and in the requests that follow
//
// # Signing in
//
// Steps over HTTP post what a browser would: get fetches a page; submit sends a form
// of that page with all its hidden fields and the button's own name (button says
// which, action says where to, if the page does not); post sends form, json or
// graphql. Each may read vars from its answer, for the steps and requests after it:
//
//	steps:
//	  - post: "{origin}/api/login"
//	    json: {name: "{user}", pass: "{password}"}
//	    vars: {token: $.data.token}
//
// Steps in the browser do what a person would. Take them if the page needs
// JavaScript to sign in; the rest may be fetched all the same:
//
//	steps:
//	  - open: "{url}"
//	  - click: .cookies button
//	    optional: true           # not every visitor sees it
//	  - fill: {into: "#user", with: "{user}"}
//	  - fill: {into: "#pass", with: "{password}"}
//	    frame: iframe#login      # if the field stands in one
//	  - choose: {in: "#shop", option: Main}
//	  - click: "#go"             # or press: Enter
//	    until: "#dash, .error"   # once more, if the first click was lost
//	  - wait: {for: "#dash", gone: .spinner, url: /home, response: /api/me}
//	    timeout: 30s             # one of the four is enough
//
// The two kinds are never mixed. Around the steps stand
//
//	refused     signs of a wrong password; the text found is shown to you, and the
//	            password is never tried again until you change it
//	locked      signs that the account is locked, whatever the password
//	needs_you   captcha, one-time code, risk page: a person is asked
//	vars        read from the page after signing in
//	proof       a request whose answer only a signed-in user gets, and its sign;
//	            identity, a value that must stay the same: which shop it is
//
// Where only a person can sign in, person: {open: "{url}", qr: .code} stands in place
// of the steps; "nudged login" then asks you. heartbeat: {every: 15m, request: …}
// keeps a session that ends too soon.
//
// # Lists
//
// How the next page is reached, one of
//
//	next: {link: a.next}       its address
//	next: {page: 1}            {page} in the request, from 0 or 1
//	next: {offset: 50}         {offset} and {size} in the request
//	next: {cursor: $.next}     {cursor} in the request, empty at first
//	next: {click: .more}       engine browser: until it is gone or nothing changes
//	next: {scroll: .list}      engine browser: until nothing more comes
//
// A list that is told apart by tabs has views, which are read one after the other.
// What they say stands in the request, and their name in the rules of statuses:
//
//	views: {open: {tab: "1"}, closed: {tab: "6"}}
//	request: orders?tab={tab}
//
// empty is what a list without orders shows: without it, a page without rows is taken
// for a broken one. exclude are signs of rows that are no orders, as th. narrowed is a
// sign of a filter that hides orders. total is how many the shop says there are.
//
// Rows may stand in a text: {in: {select: "script#data"}, path: "$.orders[*]"}. Or each
// row may be a text: {select: tr, each: {attr: data-order, filters: [base64]}} takes
// what stands there for the row, as JSON or HTML.
//
// # The order's own page, and more
//
// detail is the page on which an order is looked at again before a reminder. It must
// say id or number, so that another order's page is never taken for it, and the
// status. missing is what the shop shows when there is no such order. Further pages
// are listed in more, each with request, found and fields:
//
//	more:
//	  - {request: "customers/{customer}", found: "#customer", fields: {email: .mail}}
//
// # Statuses
//
// A rule says what a text, or a code, means: unpaid, paid (and all that follows, as
// sent), closed_unpaid, closed_refunded, or other (drafts, what is not ours). Where
// one text is not enough, a rule may ask for more: match (a part of the text), view,
// vars (of the fields), payment: offline (what you list so in config.yaml) and
// refunded: true.
//
//	statuses:
//	  - {text: Closed, vars: {paid: ["0", "no"]}, is: closed_unpaid}
//	  - {view: open, is: unpaid}
//
// A text that no rule names is reported to you, and its orders wait. An order's own
// page is in no view: where there is a detail, other rules must know its words.
//
// # Orders that JavaScript draws
//
// If the source (Ctrl-U) holds no orders, look at the network tab (F12) while the list
// loads. Mostly the page fetches JSON, here from /api/orders/search:
//
//	{"orders": [{"id": 9001, "no": "M-9001", "state": 1, "placed": 1795339800, "cents": 2599, "buyer": "c7"}],
//	 "buyers": [{"id": "c7", "name": "Ben Ito", "mail": "ben@example.com"}]}
//
// The browser opens the page, and capture takes that response for the answer. The
// buyers stand apart; a join brings them to their orders.
//
//	schema: 1
//	name: market
//
//	sign_in:
//	  steps:
//	    - open: "{url}"
//	    - fill: {into: "#mail", with: "{user}"}
//	    - fill: {into: "#pass", with: "{password}"}
//	    - click: button[type=submit]
//	      until: ".dashboard, .alert"
//	  refused: .alert
//	  proof: {request: {engine: browser, get: home, wait: ".dashboard, #pass"}, sign: .dashboard}
//	signed_out: [{status: 401}, "#pass"]
//
//	list:
//	  request:
//	    engine: browser
//	    get: orders
//	    capture: {url: /api/orders/search, method: POST}
//	  rows: $.orders[*]
//	  empty: {path: $.orders, is: "[]"}
//	  next: {click: .pager .next}
//	  joins:
//	    buyer: {rows: "$.buyers[*]", key: $.id, by: $.buyer}
//	  fields:
//	    id: $.id
//	    number: $.no
//	    status: $.state
//	    created: {path: $.placed, date: epoch}
//	    total: {path: $.cents, money: {divide: 100}}
//	    currency: {text: EUR}
//	    name: {of: buyer, path: $.name}
//	    email: {of: buyer, path: $.mail}
//
//	statuses:
//	  - {text: "1", is: unpaid}
//	  - {text: ["2", "3"], is: paid}
//	  - {text: "9", is: closed_unpaid}
//
//	allow: # the page asks by POST: let that through, and nothing else
//	  - {url: '/api/orders/search$', body: '\{"page":\d+\}'}
//
// capture also knows operation (of GraphQL), body (of the request), and all: true for
// several responses as one list: rows: $[*].orders[*].
//
// # Orders in a script
//
// Other pages carry their data in a script, to be drawn from there:
//
//	<script>window.shop = {};</script>
//	<script>window.page = {"orders": [{"id": 12, "state": "new", "paid": 0, "at": "2026-11-22T09:30:00Z", "sum": "30.00 €"}], "next": "b2"};</script>
//
// The source is enough, so this needs no browser. An order's own page has such a script.
//
//	schema: 1
//	name: kiosk
//
//	sign_in:
//	  steps:
//	    - post: "{origin}/api/login"
//	      json: {name: "{user}", pass: "{password}"}
//	      vars: {token: $.token}
//	  refused: [{status: 401}, {path: $.error, match: password}]
//	  locked: {path: $.error, match: locked}
//	  proof: {request: {get: "{origin}/api/me", headers: {authorization: "Bearer {token}"}}, sign: $.name}
//	signed_out: {url: /login}
//
//	list:
//	  views: {open: {tab: "1"}, done: {tab: "2"}}
//	  request: orders?tab={tab}&after={cursor}
//	  rows: {in: {select: script, match: 'window\.page = (.*);'}, path: "$.orders[*]"}
//	  empty: {match: '"orders": \[\]'}
//	  next: {cursor: {in: {select: script, match: 'window\.page = (.*);'}, path: $.next, optional: true}}
//	  fields:
//	    id: $.id
//	    status: $.state
//	    created: $.at
//	    total: $.sum
//	    vars: {paid: $.paid}
//
//	detail:
//	  request: orders/{id}
//	  found: {select: script, match: 'window\.page = \{"order":'}
//	  fields:
//	    id: {in: {select: script, match: 'window\.page = (.*);'}, path: $.order.id}
//	    status: {in: {select: script, match: 'window\.page = (.*);'}, path: $.order.state}
//	    phone: {in: {select: script, match: 'window\.page = (.*);'}, path: $.order.phone, optional: true}
//	    vars:
//	      paid: {in: {select: script, match: 'window\.page = (.*);'}, path: $.order.paid}
//
//	statuses:
//	  - {text: new, vars: {paid: "0"}, is: unpaid}
//	  - {text: [new, sent], is: paid}
//	  - {text: gone, vars: {paid: "0"}, is: closed_unpaid}
//	  - {text: gone, is: closed_refunded}
//
// # About the shop as a whole
//
//	about, proven, marks       for people: what it is, on what it was tried, and what
//	                           viewing marks at the shop (orders as read)
//	terms, trial               what the shop's owner says of programs; why the recipe
//	                           is off until your own test of it passes
//	detect                     signs on the page at the url, by which nudged init
//	                           knows the system
//	charset                    of pages that do not tell theirs, such as gb18030
//	delay, at_once, hours      how gently to ask: 2s between requests, 4 at once (1,
//	                           if not said), only 06:00-24:00
//	auto_close                 after which the system closes an unpaid order: 48h
//
// # What the program never does
//
// After the proof of sign-in only GETs go out, and POSTs that allow declares by address
// and whole body, or as graphql: true, for documents that hold nothing but queries. That
// counts for what pages send by themselves, too. A GET is stopped as well if its address
// reads as if it changed something. Where it only shows, as /order/update/12 does in some
// systems, allow says so: {url: '/order/update/\d+', get: true}; of delete, cancel and
// their like it cannot. And deny lists addresses that are never opened: pages that lock
// an order while somebody looks at it. See [Guard].
package recipe
