// Package crawler reads a shop: a name in, orders out. It knows nothing of
// databases or mail.
//
// A [Spider.Visit] goes like this. The session of the last visit is taken up,
// and the first page of the order list shows whether the shop still accepts it;
// if not, the spider signs in, once, and proves it on a page that only a
// signed-in user gets. From that proof on the read-only guard is locked. List
// pages are read newest first until one brings nothing new, or to the end; then
// the own pages of unpaid and closed orders that are new, changed or never
// looked at. What was read is a value, also beside an error: nothing that was
// read before a shop went down is lost.
//
// A scan that is cut, by a spent budget or a shop that goes down, leaves a
// bookmark in the session that the caller keeps. The next visit reads what is
// new and goes on there, so that a shop with more pages than an hour allows is
// read in several hours; a tenth of each hour is left for new orders and looks.
// A scan in parts ends with [Result.Done] and is never Complete: of a shop whose
// list does not fit into an hour's pages nothing is concluded from orders that
// are not listed. A list whose pages are only reached by clicking or scrolling
// cannot be gone on with; its scan begins anew. The session also holds what was
// spent in the last hour, so that the budget outlives the program.
//
// A list may have several views, read one after the other: an order that stands
// in two counts once, as it was read last, and a scan is complete only if every
// view came to its end. While a list is read it lives on. Where its total becomes
// smaller, orders were taken off it and others moved up, past the page that was
// read: the scan steps back until it meets what it knows. Without a total only
// the page before a pause is read again; what slips past between two pages that
// follow each other at once is found by the next full scan.
//
// A long visit hands over what it has read every few pages ([Known.Part]), so
// that a program that is killed loses little. Where a recipe allows it, the pages
// of several orders are asked for at once; their results come in the list's own
// order, and anything out of the ordinary is dealt with one by one.
//
// A shop that answers with 403, 429 or 5xx, or not at all, is left alone: for a
// minute, then 5, 30 and 120 while it stays so, or as long as it asks for. No
// visit or look asks earlier, also not in a new run of the program; outside of
// the recipe's hours none asks either.
//
// A [Recorder] keeps what was read, without contacts and tokens; a [Replayer]
// gives it back without a shop.
//
// The steps of a sign-in act in a browser or over HTTP; what they read is kept
// with the session, as are cookies and localStorage, over restarts too. When a
// session ends, the page that was wanted is asked for again with the new one's
// tokens. A recipe may say who has to be signed in: nothing of another shop is
// read. [Spider.Beat] keeps a session alive between visits.
//
// A password that was sent and led to no answer is not sent again for a while,
// and no one-time code is sent twice. A locked account is left alone for as long
// as the shop says. What wants a person (a captcha, a code from a phone, a risk
// page) is never answered and never tried again: the shop waits for
// [Spider.Login], in which the seller signs in with their own browser.
//
// [Detect] is the first contact with a shop: what system it is, or what stands in
// the way.
//
// A [Spider.Look] reads one order's own page again.
//
// One shop is read by one visit or look at a time; several shops may be read in
// parallel. Chrome is started when a recipe's step first needs it, one for each
// shop, and closed by [Spider.Idle].
package crawler
