package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"nudged/cmd/nudged/intake"
	"nudged/store"
	"nudged/store/order"
)

// takings are the rows of a list, packed for whoever has the database open.
type takings struct {
	kind       intake.Kind
	file, shop string

	rows    []json.RawMessage
	at      []intake.Place
	answers answers
	lost    int // rows that are not among them
}

func (t takings) len() int { return len(t.rows) }

// takenOrder is what a list says of an order, on its way over the socket.
type takenOrder struct {
	Shop       string       `json:"shop"`
	Number     string       `json:"number"`
	Status     order.Status `json:"status"`
	StatusText string       `json:"words,omitempty"`
	Created    time.Time    `json:"created"`
	DayOnly    bool         `json:"day,omitempty"`
	Total      order.Money  `json:"total,omitzero"`
	Lines      []order.Line `json:"lines,omitempty"`
	Payment    string       `json:"payment,omitempty"`
	Buyer      takenBuyer   `json:"buyer"`
}

// takenBuyer holds contacts in clear: the types of the vocabulary would mask them
// on the way.
type takenBuyer struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

func packBuyer(b order.Buyer) takenBuyer {
	return takenBuyer{b.Name, b.Email.Reveal(), b.Phone.Reveal()}
}

func (b takenBuyer) buyer() order.Buyer {
	return order.Buyer{Name: b.Name, Email: order.Email(b.Email), Phone: order.Phone(b.Phone)}
}

// takenPerson is what a list says of a person.
type takenPerson struct {
	Shop    string        `json:"shop"`
	Buyer   takenBuyer    `json:"buyer"`
	Past    order.Past    `json:"past,omitzero"`
	Consent order.Consent `json:"consent,omitzero"`
}

// pack takes up what was read of a list.
func pack(k intake.Kind, o intake.Options, r *intake.Reading) (takings, error) {
	t := takings{kind: k, file: o.File, shop: o.Shop, lost: r.Lost()}
	for _, listed := range r.Orders {
		err := t.add(takenOrder{
			Shop: listed.Shop, Number: listed.Number, Status: listed.Status, StatusText: listed.StatusText, Created: listed.Created, DayOnly: listed.DayOnly,
			Total: listed.Total, Lines: listed.Lines, Payment: listed.Payment, Buyer: packBuyer(listed.Buyer),
		}, listed.At)
		if err != nil {
			return t, err
		}
	}
	for _, p := range r.People {
		if err := t.add(takenPerson{t.shop, packBuyer(p.Buyer), p.Past, p.Consent}, p.At); err != nil {
			return t, err
		}
		t.answers.add(p.Consent)
	}
	return t, nil
}

// answers counts what people said of offers.
type answers struct{ yes, no int }

func (a *answers) add(c order.Consent) {
	switch {
	case c.Withdrawn:
		a.no++
	case !c.At.IsZero():
		a.yes++
	}
}

// String is "" where nobody said anything.
func (a answers) String() string {
	if a == (answers{}) {
		return ""
	}
	return fmt.Sprintf("%d agreed to offers, %d said no", a.yes, a.no)
}

func (t *takings) add(row any, at intake.Place) error {
	b, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	t.rows, t.at = append(t.rows, b), append(t.at, at)
	return nil
}

// maxHanded bounds what is handed over at once, in bytes: less than the daemon
// listens to.
const maxHanded = 2 << 20

// batch is how many rows go in one message.
func (t takings) batch() int {
	n, size := 0, 0
	for n < len(t.rows) {
		if size += len(t.rows[n]) + 1; size > maxHanded && n > 0 {
			break
		}
		n++
	}
	return n
}

// takeIn hands a list to whoever has the database open, and says what became of
// it.
func (s *session) takeIn(t takings) error {
	var sum store.Imported
	lost := t.lost
	for t.len() > 0 {
		n := t.batch()
		input, err := json.Marshal(t.rows[:n])
		if err != nil {
			return fmt.Errorf("%s: %w", t.file, err)
		}
		said, err := s.inside([]string{"take-in", string(t.kind), t.file}, input)
		var part store.Imported
		if err == nil {
			err = json.Unmarshal([]byte(said), &part)
		}
		if err != nil {
			s.sayTaken(t.kind, sum)
			return fmt.Errorf("%s: what stands from %s on did not go in; import the list again, what is in stays as it is: %w", t.file, t.at[0], err)
		}
		for _, b := range part.Bad {
			if b.Row >= 0 && b.Row < n {
				s.sayf("%s: %s\n", t.at[b.Row], b.Why)
				lost++
			}
		}
		sum.New, sum.Changed, sum.Same = sum.New+part.New, sum.Changed+part.Changed, sum.Same+part.Same
		sum.Crossed, sum.Erased = sum.Crossed+part.Crossed, sum.Erased+part.Erased
		sum.Refused, sum.Outdated = sum.Refused+part.Refused, sum.Outdated+part.Outdated
		t.rows, t.at = t.rows[n:], t.at[n:]
	}
	s.sayTaken(t.kind, sum)
	if said := t.answers.String(); said != "" {
		s.printf("On the list, %s.\n", said)
	}
	s.sayAnswers(sum)
	return leftOut(lost)
}

func (s *session) sayTaken(k intake.Kind, sum store.Imported) {
	s.printf("%s: %d new, %d changed, %d as before.\n", counted(sum.New+sum.Changed+sum.Same, string(k)), sum.New, sum.Changed, sum.Same)
	if sum.Crossed > 0 {
		s.printf("%s left as the shop itself shows it.\n", countOf(sum.Crossed, "order is", "orders are"))
	}
	if sum.Erased > 0 {
		s.printf("%s erased before, and not brought back.\n", countOf(sum.Erased, "person was", "people were"))
	}
}

// sayAnswers tells where what is on record counts, and not the list.
func (s *session) sayAnswers(sum store.Imported) {
	if sum.Refused > 0 {
		s.printf("%s no before, or opted out: that stays, whatever the list says.\n", countOf(sum.Refused, "of them has said", "of them have said"))
	}
	if sum.Outdated > 0 {
		s.printf("%s older than the yes on record: that stays.\n", countOf(sum.Outdated, "no is", "no's are"))
	}
}

func leftOut(rows int) error {
	if rows == 0 {
		return nil
	}
	return &partlyError{fmt.Errorf("%s not taken in; see above. Mend the list and take it in again: what went in stays as it is", countOf(rows, "row was", "rows were"))}
}

// takeInCmd takes rows of a list in where the database is open. It is no command
// for people.
type takeInCmd struct {
	What   intake.Kind `arg:"" enum:"order,buyer"`
	Source string      `arg:""`
}

func (takeInCmd) remote() {}

// Run keeps the rows that stand on standard input.
func (c takeInCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	input, err := io.ReadAll(io.LimitReader(s.stdin, 2*maxHanded))
	if err != nil {
		return fmt.Errorf("read the list: %w", err)
	}
	var sum store.Imported
	if c.What == intake.Orders {
		sum, err = c.orders(s, a, input)
	} else {
		sum, err = c.people(s, a, input)
	}
	if err != nil {
		return err
	}
	out, err := json.Marshal(sum)
	if err == nil {
		_, err = s.stdout.Write(out)
	}
	return err
}

func (c takeInCmd) orders(s *session, a *app, input []byte) (store.Imported, error) {
	var rows []takenOrder
	if err := json.Unmarshal(input, &rows); err != nil {
		return store.Imported{}, fmt.Errorf("the list cannot be read: %w", err)
	}
	orders := make([]order.Order, len(rows))
	for i, r := range rows {
		if _, err := named(a.cfg, r.Shop); err != nil {
			return store.Imported{}, err
		}
		orders[i] = order.Order{
			Shop: r.Shop, ID: order.Imported + r.Number, Number: r.Number, Status: r.Status, StatusText: r.StatusText,
			Created: r.Created, DayOnly: r.DayOnly, Total: r.Total, Lines: r.Lines, Payment: r.Payment, Buyer: r.Buyer.buyer(),
		}
	}
	return a.db.ImportOrders(s.ctx, c.Source, orders)
}

func (c takeInCmd) people(s *session, a *app, input []byte) (store.Imported, error) {
	var rows []takenPerson
	if err := json.Unmarshal(input, &rows); err != nil {
		return store.Imported{}, fmt.Errorf("the list cannot be read: %w", err)
	}
	people := make([]store.ListRow, len(rows))
	for i, r := range rows {
		if _, err := named(a.cfg, r.Shop); err != nil {
			return store.Imported{}, err
		}
		people[i] = store.ListRow{Shop: r.Shop, Buyer: r.Buyer.buyer(), Past: r.Past, Consent: r.Consent, Source: c.Source}
	}
	return a.db.ImportBuyers(s.ctx, people)
}
