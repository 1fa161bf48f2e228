package recipe

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// statusWords are the statuses that a rule may give. They are the words of
// store/order, which this package must not import; "unknown" is none of them: a
// text that no rule maps is unknown.
func statusWords() []string {
	return []string{"unpaid", "paid", "closed_unpaid", "closed_refunded", "other"}
}

// statuses reads the status map: a list of rules, the first that fits wins.
func (d *decoder) statuses(n *yaml.Node, path string) []StatusRule {
	var rules []StatusRule
	d.each(n, path, func(n *yaml.Node, p string) { rules = append(rules, d.statusRule(n, p)...) })
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.fail(n, path, "is empty; write rules such as {text: Pending, is: unpaid}")
	}
	return rules
}

// ruleTexts are the texts and codes of one rule, which make several.
type ruleTexts struct{ texts, codes []string }

func statusKeys(rule *StatusRule, t *ruleTexts) object {
	return object{
		keys: []key{
			may("text", "the whole status text, or several", asTexts(&t.texts)),
			may("code", "the whole status code, or several", asTexts(&t.codes)),
			may("match", "a part of the status text", asRegexp(&rule.Match)),
			may("view", "only in this view of the list", asWord(&rule.View)),
			may("vars", "only if each of these vars of the order has its text, or one of its texts", as(&rule.Vars, mapOf(either(scalar, listOf(scalar))), (*decoder).wanted)),
			may("payment", "only if the seller lists the payment method as offline, or only if not", asChoice(&rule.Payment, OfflinePayment, OnlinePayment)),
			may("refunded", "only if money went back, or only if not", as(&rule.Refunded, flag, (*decoder).known)),
			need("is", "what it means", asChoice(&rule.Is, statusWords()...)),
		},
		groups: []group{{names: []string{"text", "code", "match"}}},
	}
}

func (d *decoder) known(n *yaml.Node, path string) *bool {
	b := d.flag(n, path)
	return &b
}

// wanted reads names with a text or several.
func (d *decoder) wanted(n *yaml.Node, path string) []Texts {
	var out []Texts
	d.pairs(n, path, func(name string, _, value *yaml.Node, p string) {
		t := Texts{Name: name}
		d.oneOrEach(value, p, func(n *yaml.Node, p string) { t.Texts = append(t.Texts, free(d, n, p)) })
		out = append(out, t)
	})
	return out
}

// statusRule reads one rule; a list of texts or codes makes several.
func (d *decoder) statusRule(n *yaml.Node, path string) []StatusRule {
	rule := StatusRule{line: n.Line, col: n.Column}
	var t ruleTexts
	if !d.object(n, path, statusKeys(&rule, &t)) {
		return nil
	}
	if t.texts == nil && t.codes == nil && rule.Match == nil && rule.View == "" && rule.Vars == nil && !d.failedAt(path) {
		d.fail(n, path, "needs one of text, code, match, view and vars: when is it %s?", rule.Is)
	}
	var rules []StatusRule
	for i := range t.texts {
		each := rule
		each.Text = &t.texts[i]
		rules = append(rules, each)
	}
	for i := range t.codes {
		each := rule
		each.Code = &t.codes[i]
		rules = append(rules, each)
	}
	if t.texts == nil && t.codes == nil {
		rules = append(rules, rule)
	}
	return rules
}

// failedAt reports whether something below a path is wrong already: then a
// conclusion drawn from what is missing there would only confuse.
func (d *decoder) failedAt(path string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool {
		rest, below := strings.CutPrefix(p.Path, path)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

func allowKeys(rule *Allow) object {
	get := kind{flag, func(d *decoder, n *yaml.Node, p string) {
		if d.flag(n, p) {
			rule.Method = "GET"
		}
	}}
	return object{
		keys: []key{
			need("url", "the address matches", asRegexp(&rule.URL)),
			may("graphql", "the body is a document that holds only queries", asFlag(&rule.GraphQL)),
			may("body", "the whole body matches", asRegexp(&rule.Body)),
			may("get", "a page that only shows something, though its address says update or the like", get),
		},
		groups: []group{{need: true, names: []string{"graphql", "body", "get"}}},
	}
}

// allow reads which POSTs may pass after the proof of sign-in, and which pages
// only look as if they changed something.
func (d *decoder) allow(n *yaml.Node, path string) Allow {
	rule := Allow{Method: "POST"}
	if d.object(n, path, allowKeys(&rule)) && !rule.GraphQL && rule.Body == nil && rule.Method == "POST" && !d.failedAt(path) {
		d.fail(n, path, "lets nothing through; write graphql: true or get: true")
	}
	return rule
}

func signKeys(s *Sign) object {
	return object{
		keys: []key{
			may("status", "HTTP status", asNumber(&s.Status, 100, 599)),
			may("url", "the page's address matches", asRegexp(&s.URL)),
			may("type", "media type, such as text/html", as(&s.Type, filled, (*decoder).mediaType)),
			may("select", "HTML: an element is there", asSelector(&s.Select)),
			may("path", "JSON: something is there", asPath(&s.Path)),
			may("match", "in what was found, or in the whole answer", asRegexp(&s.Match)),
			may("is", "the whole text of what was found", asSome(&s.Is)).beside("select", "path"),
		},
		groups: []group{{names: []string{"select", "path"}}},
	}
}

func (d *decoder) mediaType(n *yaml.Node, path string) string {
	s, ok := d.word(n, path)
	if ok && !mediaType(s) {
		d.fail(n, path, "%q is not a media type; write one such as text/html", short(s))
	}
	return s
}

// sign reads a test on an answer. A plain text is a selector, or a path if it
// begins with $.
func (d *decoder) sign(n *yaml.Node, path string) Sign {
	var s Sign
	switch {
	case isPath(n):
		s.Path = d.path(n, path)
	case n.Kind == yaml.ScalarNode:
		s.Select = d.selector(n, path)
	case d.object(n, path, signKeys(&s)) && len(n.Content) == 0:
		d.fail(n, path, "is empty; every page would fit")
	}
	return s
}
