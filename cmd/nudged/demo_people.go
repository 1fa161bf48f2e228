package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

// guest is a customer of the demo, and what has become of their order.
type guest struct {
	demoshop.Customer
	of     *stage
	mails  int       // about the order
	pays   time.Time // once a mail has made up their mind
	paid   bool
	heeded bool // they paid because of a mail
}

func (g *guest) key() order.Key { return order.Key{Shop: g.of.conf.Name, ID: g.ID} }

// stage is one shop with those who order there, in order of time.
type stage struct {
	cast   demoshop.Cast
	shop   *demoshop.Shop
	conf   config.Shop
	guests []*guest
	came   int // guests that have ordered
}

// graceEmail is of the buyer who pays minutes before her reminder.
const graceEmail = "grace@buyers.example"

// at is a time of a day of the demo, the first of which is 0.
func at(monday time.Time, day, hour, minute int) time.Time {
	return monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// harbourPeople are those of the first shop of whom there is something to tell.
func harbourPeople(monday time.Time) []demoshop.Customer {
	h := demoshop.Harbour().People[11] // she has ordered before
	person := func(day, hour, minute int, name, email string) demoshop.Customer {
		return demoshop.Customer{Order: demoshop.Order{Created: at(monday, day, hour, minute), Name: name, Email: email, Payment: "Card"}}
	}
	tom := person(3, 10, 12, "Tom <script>alert('x')</script> Baker", "tom@buyers.example")
	asks := person(9, 9, 40, "Ruth Adeyemi", "harbour.ruth@buyers.example")
	asks.Says, asks.Pays = "Can it be here before the 20th? It is a present.", 9*time.Hour
	grace := person(20, 8, 31, "Grace Okafor", graceEmail)
	grace.Pays = 2*time.Hour + 20*time.Minute
	emily := person(20, 10, 5, "Emily Carter", "emily@buyers.example")
	emily.Says = "Does the lamp come with a UK plug? Then I would take two."
	victor := person(20, 9, 20, "Victor Lang", "victor@buyers.example")
	victor.Stops = true
	mina := person(20, 9, 48, "Mina Sato", "") // no contact: a hand-off
	hannah := person(20, 7, 55, h.Name, h.Email)
	hannah.Heeds, hannah.Then = 1, 50*time.Minute
	return []demoshop.Customer{tom, asks, grace, emily, victor, mina, hannah}
}

// teaPeople are those of the second.
func teaPeople(monday time.Time) []demoshop.Customer {
	z := demoshop.TeaHouse().People[7]
	person := func(day, hour, minute int, name, email string) demoshop.Customer {
		return demoshop.Customer{Order: demoshop.Order{Created: at(monday, day, hour, minute), Name: name, Email: email, Payment: "Wallet"}}
	}
	shen := person(20, 9, 15, "沈月", "") // no contact
	zhou := person(20, 10, 25, z.Name, z.Email)
	zhou.Heeds, zhou.Then = 1, 35*time.Minute
	return []demoshop.Customer{shen, zhou}
}

// guest finds the newest order of an address.
func (d *demo) guest(email string) (*guest, bool) {
	for _, st := range d.stages {
		for _, g := range slices.Backward(st.guests[:st.came]) {
			if g.Email == email {
				return g, true
			}
		}
	}
	return nil, false
}

// act lets everybody do what they had in mind by now: order, pay, or let the shop
// close their order.
func (st *stage) act(now time.Time, today *day) error {
	for st.came < len(st.guests) && !st.guests[st.came].Created.After(now) {
		g := st.guests[st.came]
		g.Order = st.cast.Number(g.Order, st.came)
		st.shop.Add(g.Order)
		st.came++
		today.orders++
	}
	for _, g := range st.guests[:st.came] {
		if !g.wantsToPay(now) {
			continue
		}
		if o, ok := st.shop.Order(g.ID); !ok || o.Status != demoshop.Awaiting {
			g.pays = time.Time{} // too late, it is closed
			continue
		}
		if err := st.shop.Pay(g.ID); err != nil {
			return err
		}
		g.paid = true
		today.paid++
		if g.heeded {
			today.heeded++
		}
	}
	today.closed += st.shop.CloseOverdue()
	return nil
}

// comesBack makes somebody order the same things again a day later, and pay at
// once.
func (st *stage) comesBack(g *guest, now time.Time) {
	again := &guest{Customer: demoshop.Customer{Order: g.Order, Pays: 10 * time.Minute}, of: st}
	again.ID, again.Number, again.Created = "", "", now.Add(23*time.Hour)
	i, _ := slices.BinarySearchFunc(st.guests, again.Created, func(g *guest, t time.Time) int { return g.Created.Compare(t) })
	st.guests = slices.Insert(st.guests, i, again)
}

func (g *guest) wantsToPay(now time.Time) bool {
	switch {
	case g.paid:
		return false
	case !g.pays.IsZero():
		return !g.pays.After(now)
	}
	return g.Pays > 0 && !g.Created.Add(g.Pays).After(now)
}

// read lets whoever has got a mail about an order make up their mind, and write
// back if they have something to say.
func (g *guest) read(now time.Time, l letter) (answer []byte, to string) {
	g.mails++
	if g.Heeds == g.mails {
		g.pays, g.heeded = now.Add(g.Then), true
	}
	switch {
	case g.mails != 1:
		return nil, ""
	case g.Stops:
		return g.unsubscribe(now, l)
	case g.Says != "":
		return g.mail(now, "Re: "+l.Subject, l.Header.Get("Message-ID"), g.Says), "help@harbour.example"
	}
	return nil, ""
}

// unsubscribe does what a mail program does with the address in the header.
func (g *guest) unsubscribe(now time.Time, l letter) (mail []byte, to string) {
	u, err := url.Parse(strings.Trim(l.Header.Get("List-Unsubscribe"), "<> "))
	if err != nil {
		return nil, ""
	}
	return g.mail(now, u.Query().Get("subject"), "", u.Query().Get("body")), u.Opaque
}

func (g *guest) mail(now time.Time, subject, about, words string) []byte {
	head := fmt.Sprintf("From: <%s>\r\nDate: %s\r\nMessage-ID: <%s.%d@buyers.example>\r\nSubject: %s\r\n",
		g.Email, now.Format(time.RFC1123Z), g.ID, g.mails, subject)
	if about != "" {
		head += "In-Reply-To: " + about + "\r\n"
	}
	return []byte(head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + words + "\r\n")
}
