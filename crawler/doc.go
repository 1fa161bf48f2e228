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
// A [Spider.Look] reads one order's own page again.
//
// One shop is read by one visit or look at a time; several shops may be read in
// parallel. Chrome is started when a recipe's step first needs it, one for each
// shop, and closed by [Spider.Idle].
package crawler
