// Package notify turns what is known of open orders into messages: it plans
// the steps of a reminder sequence, decides at the due moment whether each may
// go out, writes the words, hands them to a sender, and tells the seller once a
// day how things stand.
//
// The story of one reminder:
//
//  1. [Plan] is pure. It reads an order and the settings and says which steps
//     it gets and when. A step that falls into quiet hours moves to their end,
//     or before their beginning when the shop closes the order sooner. Of two
//     steps that would reach the buyer within [Settings.MinGap], only the later
//     one stays. Orders from before the shop was enabled get their steps as
//     skipped, so that the ledger can say why nothing was sent.
//  2. [Dispatcher.Flush] takes what is due, one by one. What the stored order
//     already rules out is settled without asking the shop. Everything else is
//     looked at: the [Looker] reads the order's own page. No look, no send.
//  3. The fresh order is judged again by the same rules, the words are written,
//     and [Outbox.Begin] puts the hand-over on record before the [Sender] is
//     called. The hand-over begins within [LookFresh] of the look.
//  4. The answer is settled: sent, failed (tried again later), parked (given up)
//     or unknown (the connection went away after the whole message was out).
//     An unknown outcome is never sent again by itself.
//
// In preview mode, the default, the message goes to the seller instead, marked
// with the address it would have gone to.
//
// Everything that comes from a shop is hostile text here: it is cleaned of line
// breaks, control and direction characters, cut to a sane length, its web
// addresses are made unclickable, and html/template escapes the rest. A fact that
// a template needs and that is missing refuses the step; no mail begins with
// "Hi ,".
//
// The package knows no database, no browser and no mail library. What it needs
// it declares as small interfaces; cmd/nudged fills them in.
package notify
