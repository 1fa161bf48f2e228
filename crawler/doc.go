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
// are not listed. A list whose pages are only reached by clicking cannot be gone
// on with; its scan begins anew. The session also holds what was spent in the
// last hour, so that the budget outlives the program.
//
// A password that was sent and led to no answer is not sent again for a while.
//
// A [Spider.Look] reads one order's own page again.
//
// One shop is read by one visit or look at a time; several shops may be read in
// parallel. Chrome is started when a recipe's step first needs it, one for each
// shop, and closed by [Spider.Idle].
package crawler
