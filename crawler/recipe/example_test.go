package recipe_test

import (
	"fmt"
	"strings"

	"nudged/crawler/recipe"
)

// A back-office with a sign-in form, a list in a table and a page per order.
const bakery = `
schema: 1
name: bakery
title: The Bakery's shop
sign_in:
  steps:
    - get: login
    - submit: {select: "form#login", fields: {user: "{user}", password: "{password}"}}
  refused: .error              # its text is shown to the seller
  proof: {request: orders, sign: "#logout"}
signed_out: "form#login"

list:
  request: orders?page={page}
  rows: "#orders tr.order"
  empty: "#orders .nothing"
  sorted: true                 # newest first
  next: {page: 1}
  fields:
    id: {attr: data-id}
    status: .status
    created: {select: .date, date: "02.01.2006 15:04"}
    total: .sum                # "1.234,50 €"
    name: .customer

detail:
  request: orders/{id}
  found: "#order"
  fields:
    id: {select: "#order", attr: data-id}
    status: "#status"
    email: "#buyer .mail"
    phone: {select: "#buyer .phone", or: ["#buyer .mobile"], optional: true}
    lines: {rows: "#items tr", title: .title, quantity: .count}

statuses:                      # the first that fits
  - {text: Waiting for payment, is: unpaid}
  - {text: [Paid, Baked, Delivered], is: paid}
  - {match: ^Cancelled, is: closed_unpaid}
`

func Example() {
	r, err := recipe.Parse("bakery.yaml", []byte(bakery))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Title, "lists its orders at", r.List.Request.Get[0])

	// Mistakes are named all at once.
	wrong := strings.NewReplacer("sorted:", "sortet:", "tr.order", "tr..order", "is: unpaid", "is: open").Replace(bakery)
	_, err = recipe.Parse("bakery.yaml", []byte(wrong))
	fmt.Println(err)
	// Output:
	// The Bakery's shop lists its orders at orders?page={page}
	// bakery.yaml:15:9: list.rows: "#orders tr..order" is not a CSS selector: expected identifier, found . instead
	// bakery.yaml:17:3: list.sortet: is not a key here; did you mean sorted?
	// bakery.yaml:37:37: statuses[0].is: "open" is not known; known here: unpaid, paid, closed_unpaid, closed_refunded, other
}
