package intake

import (
	"fmt"
	"reflect"

	"nudged/store/order"
)

// Person is somebody on a list.
type Person struct {
	Buyer order.Buyer // with at least one contact
	Past  order.Past  // empty: the list does not say
	// Consent is what the list says of offers: a yes with its proof, a no, or zero.
	Consent order.Consent
	At      Place
}

// people reads all rows.
func (r *reader) people() []Person {
	var out []Person
	index := map[string]int{}
	for s, row := range r.all() {
		r.begin(s, row)
		stars := r.out.Masked
		p := Person{Buyer: r.buyer(), Past: r.past(), Consent: r.agreed(), At: r.at}
		if r.failed {
			continue
		}
		if !p.Buyer.Reachable() {
			switch {
			case len(r.out.Bad) > r.before: // it is said already what is wrong
				r.failed = true
			case r.out.Masked > stars:
				r.wrong(-1, "the contacts are masked, so that nobody can be reached")
			default:
				r.wrong(-1, "there is neither an e-mail address nor a phone number")
			}
			continue
		}
		who := p.Buyer.Email.Reveal() // as the database tells the rows of a list apart
		if who == "" {
			who = p.Buyer.Phone.Reveal()
		}
		if i, again := index[who]; again {
			r.again(&out[i], p)
			continue
		}
		index[who] = len(out)
		out = append(out, p)
	}
	r.end()
	return out
}

func (r *reader) past() order.Past {
	p := order.Past{Orders: r.whole(fieldOrders), First: r.moment(fieldFirst).at, Last: r.moment(fieldLast).at}
	if m := r.amount(fieldSpent); !m.IsZero() {
		p.Spent = []order.Money{m}
	}
	return p
}

// again leaves out a further row of a person: if both went in, the last one would
// overwrite the first each time. Only a no of it counts.
func (r *reader) again(first *Person, p Person) {
	p.At = first.At // that is no difference
	if reflect.DeepEqual(*first, p) {
		r.out.Repeated++
		return
	}
	counts := ""
	if p.Consent.Withdrawn {
		first.Consent = later(first.Consent, p.Consent)
		counts = ", but for the no to offers"
	}
	r.wrong(-1, fmt.Sprintf("this person is in the list already, in %s; the row is left out%s", first.At, counts))
}

// later of two answers, where the second is a no: a no without a date is the last
// word, and a yes gives way to any.
func later(a, no order.Consent) order.Consent {
	if a.Withdrawn && (a.At.IsZero() || !no.At.IsZero() && a.At.After(no.At)) {
		return a
	}
	return no
}
