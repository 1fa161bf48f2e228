package main

import (
	"errors"
	"fmt"
	"regexp"

	"nudged/cmd/nudged/table"
	"nudged/store/order"
)

type whyCmd struct {
	Order    string `arg:"" help:"Number or id of the order, or SHOP/ID."`
	Contacts bool   `help:"Also show the buyer's address and number, and answers word for word."`
	JSON     bool   `name:"json" help:"As JSON."`
}

func (whyCmd) remote() {}

// Run tells the life of an order, in order of time and in plain words.
func (c whyCmd) Run(s *session) error {
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	if key, ok := listRow(c.Order); ok {
		return &usageError{fmt.Errorf("%s is somebody on a list of yours, not an order; nudged buyers show %s tells of them", key, key)}
	}
	key, err := a.find(c.Order)
	if err != nil {
		return err
	}
	t, err := a.tale(key, c.Contacts)
	if err != nil {
		return err
	}
	if c.JSON {
		return table.JSON(s.stdout, t.json())
	}
	t.write(s)
	return nil
}

// why tells an order's story on the terminal.
func (a *app) why(s *session, key order.Key) error {
	t, err := a.tale(key, false)
	if err != nil {
		return err
	}
	t.write(s)
	return nil
}

func (t *tale) write(s *session) {
	s.printf("%s\n", t.headline())
	for _, l := range t.lines {
		s.printf("%s  %s\n", l.at.In(t.zone).Format("2006-01-02 15:04:05"), table.Clean(l.text))
	}
	for _, text := range t.next {
		s.printf("%19s  %s\n", "next", table.Clean(text))
	}
}

// whyJSON is the story for other programs.
type whyJSON struct {
	orderJSON
	Email string     `json:"email"`
	Phone string     `json:"phone"`
	Story []talkJSON `json:"story"`
	Next  []string   `json:"next"`
}

type talkJSON struct {
	At       string `json:"at"`
	Text     string `json:"text"`
	Kind     string `json:"kind"` // placed, status, planned, looked, reminder or came back
	Step     string `json:"step,omitempty"`
	Channel  string `json:"channel,omitempty"`
	State    string `json:"state,omitempty"`
	Cause    string `json:"cause,omitempty"`
	Provider string `json:"provider,omitempty"`
	Message  string `json:"message,omitempty"`
	Cost     string `json:"cost,omitempty"`
}

func (t *tale) json() whyJSON {
	out := whyJSON{orderJSON: jsonOf(t.o, t.zone), Story: []talkJSON{}, Next: []string{}}
	out.Email, out.Phone = t.o.Buyer.Email.String(), t.o.Buyer.Phone.String()
	if t.contacts {
		out.Email, out.Phone = t.o.Buyer.Email.Reveal(), t.o.Buyer.Phone.Reveal()
	}
	for _, l := range t.lines {
		j := talkJSON{
			At: l.at.In(t.zone).Format("2006-01-02T15:04:05Z07:00"), Text: table.Clean(l.text), Kind: l.kind,
			Step: l.e.Key.Step, Channel: string(l.e.Key.Channel), State: string(l.e.State), Cause: string(l.e.Cause),
			Provider: table.Clean(l.e.Provider), Message: table.Clean(l.e.Message),
		}
		if l.e.Cost.Currency != "" {
			j.Cost = l.e.Cost.String()
		}
		out.Story = append(out.Story, j)
	}
	out.Next = append(out.Next, t.next...)
	return out
}

// contactLike finds what may be somebody's address or number.
var contactLike = regexp.MustCompile(`[^\s@<>]+@[^\s@<>]+|\+?\d[\d ()./-]{5,}\d`)

// masked is foreign text without what may be a contact.
func masked(s string) string { return contactLike.ReplaceAllString(s, "***") }

// errNotOnRecord is an order that nobody has read yet.
var errNotOnRecord = errors.New("is not on record")
