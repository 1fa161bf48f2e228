package extract_test

import "testing"

func TestContactThatSaysNothingLeadsToTheNext(t *testing.T) {
	const fields = `id: {attr: id}, created: .d, total: .t,
  phone: {select: .p, optional: true, or: [{select: .q}, {select: .r}]}, email: {select: .m, or: [.n]}`
	row := func(rest string) string {
		return `<tr id="7"><td class="s">Open</td><td class="d">2026-11-20 10:00</td><td class="t">1.00</td>` + rest + `</tr>`
	}
	for name, tc := range map[string]struct{ rest, phone, email string }{
		"the first":          {`<td class=p>+48 512 345 678<td class=q>+48 512 345 679<td class=m>a@example.com<td class=n>b@example.com`, "+48512345678", "a@example.com"},
		"a dash":             {`<td class=p>-<td class=q>+48 512 345 679<td class=m>-<td class=n>b@example.com`, "+48512345679", "b@example.com"},
		"masked, then a gap": {`<td class=p>138****8000<td class=r>+48 512 345 670<td class=m>a***@example.com<td class=n>b@example.com`, "+48512345670", "b@example.com"},
		"none of them":       {`<td class=p>-<td class=q>n/a<td class=m>-<td class=n>-`, "", ""},
	} {
		got, err := listOf(t, fields, row(tc.rest))
		if err != nil || len(got.Orders) != 1 || len(got.Problems) != 0 {
			t.Errorf("%s: %v, %+v", name, err, got.Problems)
			continue
		}
		if b := got.Orders[0].Buyer; b.Phone.Reveal() != tc.phone || b.Email.Reveal() != tc.email {
			t.Errorf("%s: %q and %q", name, b.Phone.Reveal(), b.Email.Reveal())
		}
	}
}
