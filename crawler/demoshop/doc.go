// Package demoshop is a small back-office that behaves like the real ones that
// nudged reads, bad habits included. The demo runs against it, and so do the
// tests of several packages.
//
// A seller signs in with a form that carries a hidden token and gets a session
// cookie. The order list at /admin/orders is drawn by JavaScript from
// /api/orders; the same list is served ready at /admin/orders/plain. An order's
// page is at /admin/orders/ID, and at /admin/orders/ID/live with its fields
// filled in by JavaScript only, so that they stand in no attribute.
//
// [Door] says how else people are let in: with a one-time code, the user on one
// page and the password on the next, by a captcha that nobody here solves. Scripts
// sign in at /api/login and carry a token; a phone signs in whoever looks at the
// QR code at /admin/qr, by [Shop.Scan].
//
// The pages are dangerous on purpose: links and images that delete by GET, a
// request that marks orders as read, a beacon, a WebSocket. None of them really
// changes an order; each one that arrives is counted in [Shop.Writes], which
// has to stay empty whoever reads the shop.
//
// A test or the demo moves the shop with [Shop.Add], [Shop.Pay], [Shop.Cancel],
// [Shop.ExpireSessions], and breaks it with [Shop.Break]. A [Cast] is who orders
// in a life of some weeks, the same every time.
package demoshop
