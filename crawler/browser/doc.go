// Package browser drives one Chrome per shop: it signs in as the seller would,
// renders pages, and hands over what a page itself fetched.
//
// Three things here are not negotiable. Nothing that writes leaves the browser.
// Nothing waits for ever: each step has its deadline. And nothing stays behind: a
// Browser has a profile directory of its own, which goes when it closes, and the
// whole tree of Chrome processes goes with it.
//
// # What leaves the browser
//
// Every request of every tab, frame and worker is paused and judged by
// recipe.Guard (traffic.go). That covers fetch, XHR, beacons, forms, links,
// images, popups and redirects, but not everything:
//
//   - WebSockets are never paused. They end at the wall, a proxy on loopback
//     that Chrome asks for them alone (wall.go).
//   - Speculation rules prefetch and prerender past the pause; the profile's
//     preferences turn preloading off (launch.go).
//   - fetchLater, background fetch, pings, reports and WebRTC are turned off by
//     flags.
//   - WebTransport is taken away from documents. A worker still has it; it
//     reaches nothing but an HTTP/3 endpoint that a shop would have to have.
//
// # Windows, frames and dialogs
//
// A window that a page opens is closed, except while signing in: then it is
// followed (stage.go), each step being done in the window on top that has what it
// names, and the steps go on below when it closes. Frames are asked in their own
// worlds, those of other sites as targets of their own (frame.go). Dialogs are
// answered no.
//
// # A person
//
// Person opens the seller's own browser for a sign-in that only a person can do.
// It has neither guard nor automation flags, and nothing in it is done for the
// person except to type the one-time code that they gave. Its debugging port on
// loopback is another one each time, and ends with Close.
//
// # How a page is asked
//
// chromedp starts Chrome and carries its protocol. Its queries and waits are not
// used: they run among the page's own scripts, where a page can change what they
// see. What this package asks a page it asks from an isolated world (page.js).
package browser
