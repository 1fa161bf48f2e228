package notify

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nudged/store/order"
)

// Provider is what carries the messages of a channel, as far as texts have to
// know it.
type Provider struct {
	Name string // smtp, kannel, twilio, aliyun or http
	Sign string // SMS signature as phones show it, without brackets; "" is none
	// Templates are the texts that the provider has approved, by the name of the
	// text; only of providers that fill them themselves.
	Templates map[string]ProviderText
	Price     order.Money // of one part of an SMS; no Currency: not known
	OptOut    string      // words that the gateway itself puts behind every text; "" is none
	OneWay    bool        // nothing comes back from it: no reply reaches nudged
}

// ProviderText is a text as a provider has approved it.
type ProviderText struct {
	Code   string            // the provider's name for it
	Text   string            // with ${variables}; "" if the config does not repeat it
	Kind   string            // notification or promotion; "" is by the class of the text
	Params map[string]string // variables to the names of facts; the same name if not listed
}

// Finding is something about a text that should not go out as it is.
type Finding struct {
	Error   bool   // false: worth a look
	Where   string // step, text, language and channel
	Message string // what is wrong, and what to write instead
}

// Lint reads every text that a step uses as its channel and provider will, with
// a sample order. What is wrong at several shops is told once.
func (t *Texts) Lint(s Settings, providers map[order.Channel]Provider) []Finding {
	l := linter{texts: t, s: s, seen: map[Finding]bool{}}
	for _, st := range s.Steps {
		l.step("", slices.Sorted(maps.Keys(s.Shops)), st, providers)
	}
	for _, q := range s.Sequences {
		shops := slices.Sorted(maps.Keys(s.Shops))
		if len(q.Shops) > 0 {
			shops = slices.DeleteFunc(shops, func(name string) bool { return !slices.Contains(q.Shops, name) })
		}
		for _, st := range q.Steps {
			l.step(q.Name, shops, st, providers)
		}
	}
	l.chats()
	return l.told()
}

// told is what was found, errors first.
func (l *linter) told() []Finding {
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		if a.Error == b.Error {
			return 0
		}
		if a.Error {
			return -1
		}
		return 1
	})
	return l.found
}

type linter struct {
	texts *Texts
	s     Settings
	found []Finding
	seen  map[Finding]bool
}

// use is one text on its way: what a rule looks at.
type use struct {
	l        *linter
	where    string
	shop     ShopFacts
	language string // whose words it has
	step     Step
	channel  order.Channel
	provider Provider
	class    Class
	m        Message // rendered with a sample order
}

func (l *linter) step(sequence string, shops []string, st Step, providers map[order.Channel]Provider) {
	for _, name := range shops {
		for _, channel := range st.By {
			u := l.use(l.s.Shops[name], st, channel, providers)
			u.where = place(sequence, st, u.language, channel, l.texts.sources[u.language+"/"+st.Template])
			if u.render(name) {
				u.rules()
			}
		}
	}
}

func (l *linter) use(shop ShopFacts, st Step, channel order.Channel, providers map[order.Channel]Provider) use {
	u := use{l: l, shop: shop, language: l.texts.nearest(shop.language()), step: st, channel: channel, provider: providers[channel]}
	if shop.Sign != "" {
		u.provider.Sign = shop.Sign
	}
	return u
}

// chats reads the text for the shops' own chats, which the seller pastes.
func (l *linter) chats() {
	for _, name := range slices.Sorted(maps.Keys(l.s.Shops)) {
		shop := l.s.Shops[name]
		for _, o := range lintOrders(shop, name)[:2] {
			words, err := l.texts.Chat(l.s, o)
			u := use{l: l, shop: shop, where: fmt.Sprintf("text for the chat in %s", l.texts.nearest(shop.language())), class: Service}
			if err != nil {
				u.wrong("it cannot be written: %v", err)
				continue
			}
			u.words(words, "")
		}
	}
}

func place(sequence string, st Step, language string, channel order.Channel, files []string) string {
	where := fmt.Sprintf("step %q, text %q in %s, by %s", st.Name, st.Template, language, channel)
	if sequence != "" {
		where = fmt.Sprintf("sequence %q, ", sequence) + where
	}
	return inFiles(where, files)
}

// inFiles names the seller's own files that a text comes from, if it does.
func inFiles(where string, files []string) string {
	if len(files) == 0 {
		return where
	}
	return where + " (" + strings.Join(files, ", ") + ")"
}

func (u *use) wrong(format string, args ...any) { u.tell(true, fmt.Sprintf(format, args...)) }
func (u *use) look(format string, args ...any)  { u.tell(false, fmt.Sprintf(format, args...)) }

func (u *use) tell(isError bool, words string) {
	f := Finding{Error: isError, Where: u.where, Message: words}
	if !u.l.seen[f] {
		u.l.seen[f] = true
		u.l.found = append(u.l.found, f)
	}
}

// render writes the text about sample orders: an open one, one with something
// sold out, one that is closed. The first that the text is for is taken.
func (u *use) render(shop string) bool {
	var ok bool
	if u.class, ok = u.l.texts.Class(u.language, u.step.Template); !ok {
		u.wrong("shop %s has language %q, which has no text %q; there are %s. Write it to %s/%s.tmpl in the directory of `texts:`",
			shop, u.shop.language(), u.step.Template, strings.Join(u.l.texts.Names(u.language), ", "), u.shop.language(), u.step.Template)
		return false
	}
	var first error
	for _, o := range lintOrders(u.shop, shop) {
		m, err := u.l.texts.Write(u.l.s, Writing{
			Order: o, Step: u.step, Token: "sample", At: o.Looked,
			Key: order.ReminderKey{Order: o.Key(), Step: u.step.Name, Channel: u.channel},
		})
		if err == nil {
			u.m = m
			return true
		}
		if first == nil || forSample(first) {
			first = err
		}
	}
	u.refused(shop, first)
	return false
}

// forSample is an error that another of the sample orders may not have.
func forSample(err error) bool {
	return strings.Contains(err.Error(), "sold out") || strings.Contains(err.Error(), "close of the order")
}

func (u *use) refused(shop string, err error) {
	words := errors.Unwrap(err)
	if words == nil {
		words = err
	}
	switch {
	case strings.Contains(err.Error(), factLabels("Address")):
		u.noAddress(shop)
	case strings.Contains(err.Error(), factLabels("Offer")):
		u.wrong("the text shows an offer and the step has none; write `offer:` at the step, or take another text")
	case errors.Is(err, ErrMissing):
		u.wrong("it could never go out at shop %s: %v", shop, words)
	default:
		u.wrong("it cannot be written: %v", words)
	}
}

func (u *use) noAddress(shop string) {
	u.wrong("marketing mail has to name the postal address of the shop; write `address:` at shop %s", shop)
}

func lintOrders(f ShopFacts, shop string) []order.Order {
	open := SampleOrder(f)
	open.Shop = shop
	soldOut, closed := open, open
	soldOut.Lines = slices.Clone(open.Lines)
	soldOut.Lines[0].SoldOut = true
	closed.Status = order.ClosedUnpaid
	closed.Looked = open.Closes.Add(time.Hour)
	return []order.Order{open, soldOut, closed}
}

// rules of all channels, then those of each.
func (u *use) rules() {
	if u.step.Offer != "" && u.class == Service {
		u.wrong("the step has an offer, which a service text does not show; take `template: offer`, or leave the offer out")
	}
	if n := utf8.RuneCountInString(u.step.Offer); n > maxLine {
		u.wrong("the offer has %d characters, of which %d are shown; say it shorter", n, maxLine)
	}
	if u.channel == order.ByEmail {
		u.words(u.m.Subject+"\n"+u.m.Text, u.channel)
		u.mail()
		return
	}
	if u.provider.Name == "aliyun" {
		u.aliyun()
		return
	}
	u.words(u.m.Text, u.channel)
	u.sms()
}

// own is a text without what the shop calls itself: a shop may be called Sale.
func (u *use) own(text string) string {
	contact := strings.TrimRight(clean(u.shop.Contact, maxLine), ".。")
	for _, name := range []string{clean(u.shop.Name, maxName), contact, u.provider.Sign} {
		if name != "" {
			text = strings.ReplaceAll(text, name, " ")
		}
	}
	return text
}

// words are the rules on single words, of every free text.
func (u *use) words(text string, channel order.Channel) {
	text = u.own(text)
	if u.class == Service {
		if found := findWords(text, marketingWords()); len(found) > 0 {
			u.wrong("a service message must be neutral, and %s is marketing: leave it out, or put it into a text with {{define \"class\"}}marketing{{end}}, which goes only to buyers who agreed", quoted(found))
		}
	}
	if found := findWords(text, harshWords()); len(found) > 0 {
		u.look("%s sounds like a demand: say how the order stands, and ask whether there is a question", quoted(found))
	}
	if found := findWords(text, dunningWords()); len(found) > 0 {
		u.wrong("%s is what gateways and readers take for chasing money: write 待支付 or 尚未付款 instead", quoted(found))
	}
	if channel == order.BySMS {
		if found := findWords(text, forbiddenTopics()); len(found) > 0 {
			u.wrong("Chinese networks stop texts with %s: say it in other words, or by mail", quoted(found))
		}
	}
	u.links(text, channel)
}

func quoted(words []string) string { return "“" + strings.Join(words, "”, “") + "”" }
