// Package notify turns what is known of open orders into messages: it plans
// the steps of a reminder sequence, decides at the due moment whether each may
// go out, writes the words, hands them to a sender, and tells the seller once a
// day how things stand.
//
// The story of one reminder:
//
//  1. [Plan] is pure. It reads an order, what else is known of its buyer, and
//     the settings, and says which steps the order gets and when.
//     [Settings.SequenceOf] chooses the sequence: by shop, payment and the
//     groups that the buyer is of ([Person.Groups]). A step that falls into the
//     buyer's quiet hours moves to their end, or before their beginning when the
//     shop closes the order sooner. Orders from before the shop was enabled get
//     their steps as skipped, so that the ledger can say why nothing was sent.
//     All else is decided when it is due: planning again after every visit is
//     what brings new facts and an edited config to bear, and nothing that went
//     out is on the list twice.
//  2. [Dispatcher.Flush] takes what is due, one by one. What the stored order
//     already rules out is settled without asking the shop. Everything else is
//     looked at: the [Looker] reads the order's own page. No look, no send.
//  3. The fresh order is judged again by the same rules: is it unpaid, is the
//     step still one of its sequence, did it go out under another name or
//     channel, by which channel can the buyer be reached now, has the buyer opted
//     out, is it marketing and did they agree, does the step's condition hold, is
//     something sold out, did the buyer order again, is it late, quiet, or too
//     close to another message. Each no has a [order.Cause] and a reason in plain
//     words. The words are written, and [Outbox.Begin] puts the hand-over on
//     record, unless the person has had enough messages, before the [Sender] is
//     called. The hand-over begins within [LookFresh] of the look.
//  4. The answer is settled: sent, failed (tried again later), parked (given up;
//     the step may still go by its next channel) or unknown (the connection went
//     away after the whole message was out). An unknown outcome is never sent
//     again by itself, by no channel.
//
// What went out under an earlier config is told by its time: a message of a step
// that the order does not have now, or that came before the time its step has
// now, was the step that was due then or shortly after. So a step that is
// renamed, moved to another sequence or given another channel is not repeated.
//
// A campaign is the same story with another beginning. [Dispatcher.Consider] says
// of each person on record whether it is for them ([Settings.Members] asks its
// segment, a [SegmentEnv] expression), and [PlanCampaign] spreads the messages
// over its window by its rate, to nobody in quiet hours. They are reminders with
// the step of [order.CampaignStep]: they wait in the same outbox, go through the
// same Flush, behind the reminders, and through the same begin, limit, send and
// settle. Their judgement is their own: does the campaign run, does its segment
// still hold, has the person just paid, is one of their orders open or being
// reminded of, have they had the campaign or an offer of late, have they agreed
// and by no contact taken it back. An order that may have moved is looked at
// first. Right before one begins it is asked once more whether the campaign was
// stopped, and whether its rate, which shops share, has room.
//
// In preview mode, the default, the same decisions are made, and the message goes
// to the seller instead, marked with the address it would have gone to.
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
