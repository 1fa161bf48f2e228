// Package intake reads the lists that sellers keep themselves: old orders, and
// people with what they bought and agreed to. It asks nobody and keeps nothing: a
// [sheet.Book] goes in, orders or people come out.
//
// No two lists look alike, so a list is read in two steps. [Kind.Plan] finds out
// how: which row has the titles, what each column holds, which of two numbers is
// the day, which sign stands before the cents. [Plan.Columns] shows that to the
// seller, who may say it otherwise by the [Options]; what they say goes before
// what is guessed. [Plan.Read] then reads all rows.
//
// A column is guessed by its title and by the values under it. The titles that are
// known, in English, German and Chinese, are those of the exports of Shopify,
// WooCommerce, Magento, PrestaShop, Shopware, Taobao, JD, Youzan and of nudged
// itself, and what people write by hand. A title is not believed against its
// values; without one, only addresses and phone numbers are told. Each field is
// given to one column. What one cell does not say is decided over the whole
// column, or asked for, and never guessed: 03/04/2026, 1.234.
//
// A row is whole or it is left out: [Reading.Bad] names each with its place, its
// column and what to do, and the others go in. Only a contact that cannot be used,
// and an answer that is neither a yes nor a no, leave their row as it is. Rows with
// the number of an order are one order, since exports write one row an item; of
// the rows of a person the first counts. What a spreadsheet has spoilt, a number of
// twenty digits or one that became a date, is not believed.
//
// A yes to offers is worth something only with its proof: when, where, and to what.
// A no needs none, in whatever column it stands, and counts also in a further row of
// a person.
//
// Errors and complaints are for the seller: they name the flags of nudged import,
// and show no contacts.
package intake
