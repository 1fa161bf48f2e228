package notify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

var shanghai = mustZone("Asia/Shanghai")

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

// noon is a Saturday, 12:00 in Shanghai.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, shanghai)

func settings() notify.Settings {
	return notify.Settings{
		Mode: notify.Live,
		Steps: []notify.Step{
			{Name: "first", After: time.Hour, By: []order.Channel{order.ByEmail}, Template: "gentle"},
			{Name: "second", After: 12 * time.Hour, By: []order.Channel{order.ByEmail}, Template: "helpful"},
			{Name: "last", BeforeClose: 3 * time.Hour, By: []order.Channel{order.ByEmail}, Template: "closing"},
		},
		Quiet: notify.Quiet{From: 21 * 60, To: 9 * 60},
		Shops: map[string]notify.ShopFacts{"buckles": {
			Name: "Buckles & Straps", Zone: shanghai, Contact: "WeChat buckles-help, every day 9:00 to 18:00",
			From: "shop@buckles.example", ReplyTo: "help@buckles.example",
		}},
		Seller: []order.Email{"boss@buckles.example"},
	}
}

func anOrder() order.Order {
	return order.Order{
		Shop: "buckles", ID: "9007199254740993", Number: "B-20261121-17", Status: order.Unpaid, StatusText: "Arranging payment",
		Created: noon, Closes: noon.Add(48 * time.Hour), Total: order.Money{Minor: 123450, Currency: "CNY"},
		Lines: []order.Line{
			{Title: "Leather belt, brown, 110 cm", Quantity: 2, Total: order.Money{Minor: 99800, Currency: "CNY"}},
			{Title: "黄铜皮带扣 40 mm，手工抛光", Quantity: 1, Total: order.Money{Minor: 23650, Currency: "CNY"}},
		},
		Buyer:   order.Buyer{Name: "Ada Lovelace", Email: "ada@example.com"},
		Payment: "Card", Link: "https://buckles.example/my-account/view-order/17/",
		Seen: noon.Add(time.Hour), Looked: noon.Add(time.Hour),
	}
}

func keyOf(o order.Order, step string) order.ReminderKey {
	return order.ReminderKey{Order: o.Key(), Step: step, Channel: order.ByEmail}
}

func writing(s notify.Settings, o order.Order, step string) notify.Writing {
	w := notify.Writing{Order: o, Key: keyOf(o, step), Token: "k3jq8x", At: noon.Add(time.Hour)}
	for _, st := range s.Steps {
		if st.Name == step {
			w.Step = st
		}
	}
	return w
}

func write(t *testing.T, s notify.Settings, o order.Order, step string) (notify.Message, error) {
	t.Helper()
	return loadTexts(t).Write(s, writing(s, o, step))
}

func hostileOrder() order.Order {
	o := anOrder()
	o.Number = "17\r\nBcc: evil@attacker.example"
	o.Buyer.Name = "You won! www.evil.example/prize"
	o.Lines = []order.Line{
		{Title: `<script>alert(1)</script><img src=x onerror=alert(2)>`, Quantity: 1, Total: order.Money{Minor: 1, Currency: "CNY"}},
		{Title: "visit https://evil.example/login?a=b now\u202egnp.exe", Quantity: 3},
		{Title: "taken out again", Quantity: 0},
		{Title: strings.Repeat("x", 100_000), Quantity: 1 << 30},
		{Title: "Z̵̧̛̛̳̳a̶̡̨l̷g̸̛o {{.Secret}} {{template \"x\"}} ${7*7}", Quantity: 1},
		{Title: "\x00\x1b[31m\xff\xfe", SKU: "SKU\t1", Quantity: 1},
	}
	o.Link = "javascript:alert(1)"
	return o
}

func TestLetters(t *testing.T) {
	bare := anOrder()
	bare.Buyer.Name, bare.Link, bare.Closes, bare.Number = "", "", time.Time{}, ""
	bare.Total = order.Money{Minor: 5000, Currency: "JPY"}
	chinese := anOrder()
	chinese.Buyer.Name = "王小红"
	many := anOrder()
	for range 9 {
		many.Lines = append(many.Lines, order.Line{Title: "Rivet, 9 mm", Quantity: 100})
	}
	for name, c := range map[string]struct {
		step string
		o    order.Order
	}{
		"gentle-bare": {"first", bare}, "gentle-chinese": {"first", chinese}, "helpful-many": {"second", many},
		"gentle-hostile": {"first", hostileOrder()}, "closing-hostile": {"last", hostileOrder()},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := write(t, settings(), c.o, c.step)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "letters/"+name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, "letters/"+name+".html", m.HTML)
		})
	}
}

func TestLetterHostile(t *testing.T) {
	for _, step := range []string{"first", "second", "last"} {
		m, err := write(t, settings(), hostileOrder(), step)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script", "<img", "javascript:", "\u202e", "\x1b", "https://evil", "www.evil", "evil.example", "evil@"} {
			if strings.Contains(m.HTML, bad) {
				t.Errorf("%s: the HTML contains %q", step, bad)
			}
			if bad != "<script" && bad != "<img" && strings.Contains(m.Text+m.Subject, bad) {
				t.Errorf("%s: the text contains %q", step, bad)
			}
		}
		if strings.ContainsAny(m.Subject+m.ToName+m.FromName+m.ListUnsubscribe, "\r\n\x00") {
			t.Errorf("%s: a line break in a header: %q %q", step, m.Subject, m.ToName)
		}
		if !strings.HasPrefix(m.Text, "Hello,\n") {
			t.Errorf("%s: an advertisement is greeted: %.60q", step, m.Text)
		}
		if len(m.HTML) > 20_000 || len(m.Text) > 5_000 {
			t.Errorf("%s: %d bytes of HTML, %d of text", step, len(m.HTML), len(m.Text))
		}
		if strings.Contains(m.Text, "\nBcc:") {
			t.Errorf("%s: a number broke the line", step)
		}
	}
}

// A missing fact refuses the step; it never leaves a hole in a sentence.
// What is no name is not greeted: a stranger may order with somebody's address and
// an advertisement for a name.
func TestNamesThatAreNone(t *testing.T) {
	for name, want := range map[string]string{
		"J.R.R. Tolkien": "J.R.R. Tolkien", "St. John": "St. John", "John 3rd": "John 3rd", "王小红": "王小红", "O'Brien-Smith": "O'Brien-Smith",
		"Call 1-800-555-1234": "", "加QQ群12345678领奖": "", "win at lucky.pro": "", "lucky。com": "", "lucky．ai": "", "+44 20 7946 0000 Ann": "",
	} {
		o := anOrder()
		o.Buyer.Name = name
		m, err := write(t, settings(), o, "first")
		if err != nil || m.ToName != want || want == "" && !strings.HasPrefix(m.Text, "Hello,\n") {
			t.Errorf("%q is greeted as %q, %v", name, m.ToName, err)
		}
	}
}

func TestLetterMissingFact(t *testing.T) {
	for want, c := range map[string]struct {
		step   string
		change func(*order.Order, *notify.ShopFacts)
	}{
		"close time":   {"last", func(o *order.Order, _ *notify.ShopFacts) { o.Closes = time.Time{} }},
		"amount":       {"first", func(o *order.Order, _ *notify.ShopFacts) { o.Total = order.Money{} }},
		"order number": {"second", func(o *order.Order, _ *notify.ShopFacts) { o.Number = "\u202e\r\n " }},
		"shop name":    {"first", func(_ *order.Order, f *notify.ShopFacts) { f.Name = " " }},
	} {
		o, s := anOrder(), settings()
		f := s.Shops["buckles"]
		c.change(&o, &f)
		s.Shops["buckles"] = f
		m, err := write(t, s, o, c.step)
		if !errors.Is(err, notify.ErrMissing) || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s: %v, message %.40q", want, err, m.Text)
		}
		if err != nil && strings.Contains(err.Error(), "ada@") {
			t.Errorf("the error repeats a contact: %v", err)
		}
	}
}

func TestMessageID(t *testing.T) {
	a := order.ReminderKey{Order: order.Key{Shop: "a", ID: "bc"}, Step: "s", Channel: order.ByEmail}
	b := order.ReminderKey{Order: order.Key{Shop: "ab", ID: "c"}, Step: "s", Channel: order.ByEmail}
	from := order.Email("shop@x.example")
	// Written down, because it must not change between two versions either.
	if id := notify.MessageID(a, "", from); id != "e4fd3bfed4c3ab0a78dbca51e7955abe@x.example" {
		t.Errorf("the id of a hand-over has changed: %s", id)
	}
	if notify.MessageID(a, "", from) == notify.MessageID(b, "", from) || notify.MessageID(a, "", from) == notify.MessageID(a, "preview", from) {
		t.Error("two hand-overs share an id")
	}
	if id := notify.MessageID(a, "", from); !strings.HasSuffix(id, "@x.example") || strings.Contains(id, "/") {
		t.Errorf("id is %q", id)
	}
}

func TestPreviewShowsBuyerToSellerOnly(t *testing.T) {
	m, err := write(t, settings(), anOrder(), "first")
	if err != nil {
		t.Fatal(err)
	}
	p, err := notify.AsPreview(m, "boss@buckles.example", "")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "letters/preview.txt", "Subject: "+p.Subject+"\n\n"+p.Text)
	golden(t, "letters/preview.html", p.HTML)
	if p.To != "boss@buckles.example" || p.ListUnsubscribe != "" || p.MessageID == m.MessageID {
		t.Errorf("preview goes to %s, unsubscribe %q, id %s", p.To, p.ListUnsubscribe, p.MessageID)
	}
	if !strings.Contains(p.Text, "ada@example.com") || !strings.Contains(p.HTML, "ada@example.com") {
		t.Error("the seller cannot see who would have been written to")
	}
}
