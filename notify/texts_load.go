package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"nudged/store/order"
)

// loadLanguage parses and assembles all letters of one language.
func (t *Texts) loadLanguage(lib library, lang string) error {
	shared, err := parseAll(append(slices.Clone(lib[""]["layout"]), lib[lang]["letter"]...))
	if err != nil {
		return err
	}
	if err := t.loadChat(lang, shared); err != nil {
		return err
	}
	var wrong []error
	for _, name := range lib.names(lang) {
		wrong = append(wrong, t.loadLetter(lang, name, lib[lang][name], shared))
	}
	return errors.Join(wrong...)
}

func parseAll(sources []source) ([]*parsed, error) {
	var out []*parsed
	var wrong []error
	for _, s := range sources {
		p, err := parseSource(s)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		out = append(out, p)
	}
	return out, errors.Join(wrong...)
}

func (t *Texts) loadChat(lang string, shared []*parsed) error {
	var words []*parsed // without the layout, whose parts a text completes
	for _, p := range shared {
		if _, layout := p.trees["html-open"]; !layout || p.src.own {
			words = append(words, p)
		}
	}
	if err := bound(words); err != nil {
		return err
	}
	lt, err := assemble(lang, words)
	if err != nil {
		return err
	}
	t.chats[lang] = lt
	if lt.text.Lookup("chat") == nil || !ownAny(words) {
		return nil
	}
	return lt.try(words, "chat")
}

func (t *Texts) loadLetter(lang, name string, sources []source, shared []*parsed) error {
	own, err := parseAll(sources)
	if err != nil {
		return err
	}
	for _, p := range own {
		if err := p.whole(); err != nil {
			return err
		}
	}
	files := reachable(append(slices.Clone(shared), own...))
	if err := bound(files); err != nil {
		return err
	}
	lt, err := assemble(lang+"/"+name, files)
	if err != nil {
		return err
	}
	if lt.class, err = classOf(name, own); err != nil {
		return err
	}
	if ownAny(files) {
		if err := lt.try(files, "subject", "preheader", "text", "html", "sms"); err != nil {
			return err
		}
	}
	for _, p := range files {
		if p.src.own {
			t.sources[lang+"/"+name] = append(t.sources[lang+"/"+name], p.src.shown)
		}
	}
	t.letters[lang+"/"+name] = lt
	return nil
}

func ownAny(files []*parsed) bool {
	return slices.ContainsFunc(files, func(p *parsed) bool { return p.src.own })
}

// reachable leaves out the layout where a text does not use it: a text that is
// all its own need not define lead and ask.
func reachable(files []*parsed) []*parsed {
	all := map[string]*parse.Tree{}
	for _, p := range files {
		for name, tree := range p.trees {
			all[name] = tree
		}
	}
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		tree, ok := all[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		calls(tree.Root, visit)
	}
	for _, root := range []string{"subject", "preheader", "text", "html", "sms", "chat"} {
		visit(root)
	}
	var out []*parsed
	for _, p := range files {
		kept := &parsed{src: p.src, fields: p.fields, trees: map[string]*parse.Tree{}}
		for name, tree := range p.trees {
			if seen[name] || p.src.own {
				kept.trees[name] = tree
			}
		}
		out = append(out, kept)
	}
	return out
}

// calls tells the names that a tree shows by {{template}}.
func calls(node parse.Node, visit func(string)) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				calls(child, visit)
			}
		}
	case *parse.IfNode:
		calls(n.List, visit)
		calls(n.ElseList, visit)
	case *parse.WithNode:
		calls(n.List, visit)
		calls(n.ElseList, visit)
	case *parse.RangeNode:
		calls(n.List, visit)
		calls(n.ElseList, visit)
	case *parse.TemplateNode:
		visit(n.Name)
	}
}

// builtinMarketing are the texts that stay marketing whatever a seller writes
// into them.
func builtinMarketing() []string {
	return []string{"again", "instock", "news", "offer", "regulars", "second"}
}

// classOf says whether a text is marketing: because it says so, because it shows
// an offer, or because it replaces one that is.
func classOf(name string, files []*parsed) (Class, error) {
	class := Service
	if slices.Contains(builtinMarketing(), name) {
		class = Marketing
	}
	for _, p := range files {
		if p.fields["Offer"] {
			class = Marketing
		}
		tree := p.trees["class"]
		if tree == nil {
			continue
		}
		switch said := Class(strings.TrimSpace(tree.Root.String())); said {
		case Marketing:
			class = Marketing
		case Service:
			if class == Marketing {
				where, _ := tree.ErrorContext(tree.Root)
				return "", fmt.Errorf("%s: a text with an offer, or after the close, is marketing; leave {{define \"class\"}} out", where)
			}
		default:
			where, _ := tree.ErrorContext(tree.Root)
			return "", fmt.Errorf("%s: class %q is not known; write service or marketing", where, said)
		}
	}
	return class, nil
}

// try renders what a seller wrote with sample orders: one of which everything is
// known, open, closed and paid, and one of which hardly anything is. Only missing
// facts are allowed, and not in all of the first.
func (lt letterTemplate) try(files []*parsed, parts ...string) error {
	for _, part := range parts {
		if lt.text.Lookup(part) == nil {
			continue
		}
		var lacks error
		shown := false
		for _, status := range []order.Status{order.ClosedUnpaid, order.Unpaid, order.Paid} {
			err := lt.attempt(part, sampleLetter(status))
			if err != nil && !errors.Is(err, ErrMissing) {
				return showError(err)
			}
			if shown = shown || err == nil; lacks == nil {
				lacks = err
			}
		}
		if !shown {
			return fmt.Errorf("%s: %q could never be shown: %w, although everything is known", lastOwn(files), part, lacks)
		}
		if err := lt.attempt(part, bareLetter()); err != nil && !errors.Is(err, ErrMissing) {
			return showError(err)
		}
	}
	return nil
}

func (lt letterTemplate) attempt(part string, view letter) error {
	if part == "html" {
		return templateError(lt.html.ExecuteTemplate(&limited{left: maxOutput}, part, view))
	}
	_, err := lt.show(part, view)
	return err
}

func lastOwn(files []*parsed) string {
	for _, p := range slices.Backward(files) {
		if p.src.own {
			return p.src.shown
		}
	}
	return ""
}

// sampleLetter is what a template sees of an order of which everything is known.
// One that is not open may be at hand in a campaign.
func sampleLetter(status order.Status) letter {
	shop := sampleShop("en")
	shop.Sign = "Sample"
	w := Writing{Order: SampleOrder(shop), Reasons: []Reason{OrderedTwice, PaymentFailed, CouponUnused, HighAmount, FirstOrder, SoldOut}, Kind: KindKnown}
	w.Order.Status, w.Order.PayFailed, w.Order.Coupon = status, true, "TEN"
	w.Order.Lines[0].SoldOut = true
	w.Step.Offer = "Free shipping this week."
	l := newLetter(shop, w, localeOf("en"))
	l.Campaign = status != order.Unpaid
	l.Subject, l.Preheader, l.Unsubscribe, l.Marketing = "Subject", "Preheader", "mailto:help@shop.example?subject=x", true
	return l
}

// bareLetter is one of which hardly anything is known.
func bareLetter() letter {
	o := order.Order{ID: "1", Number: "1", Total: order.Money{Minor: 100, Currency: "CNY"}}
	return newLetter(ShopFacts{Name: "Sample Shop"}, Writing{Order: o}, localeOf("en"))
}
