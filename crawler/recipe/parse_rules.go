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

// statusRule reads one rule; a list of texts or codes makes several.
func (d *decoder) statusRule(n *yaml.Node, path string) []StatusRule {
	var rule StatusRule
	var texts, codes []string
	gather := func(into *[]string) func(*yaml.Node, string) {
		return func(n *yaml.Node, p string) {
			d.oneOrEach(n, p, func(n *yaml.Node, p string) {
				if s, ok := d.text(n, p); ok {
					*into = append(*into, s)
				}
			})
		}
	}
	ok := d.mapping(n, path,
		key{"text", false, gather(&texts)},
		key{"code", false, gather(&codes)},
		key{"match", false, func(n *yaml.Node, p string) { rule.Match = d.regexp(n, p) }},
		key{"payment", false, func(n *yaml.Node, p string) {
			s, _ := d.oneOf(n, p, string(OfflinePayment), string(OnlinePayment))
			rule.Payment = PaymentRule(s)
		}},
		key{"refunded", false, func(n *yaml.Node, p string) { b := d.flag(n, p); rule.Refunded = &b }},
		key{"is", true, func(n *yaml.Node, p string) { rule.Is, _ = d.oneOf(n, p, statusWords()...) }},
	)
	if ok && count(texts != nil, codes != nil, rule.Match != nil) != 1 && !d.failedAt(path) {
		d.fail(n, path, "needs exactly one of text, code and match")
	}
	var rules []StatusRule
	for i := range texts {
		each := rule
		each.Text = &texts[i]
		rules = append(rules, each)
	}
	for i := range codes {
		each := rule
		each.Code = &codes[i]
		rules = append(rules, each)
	}
	if rule.Match != nil {
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

// allow reads which POSTs may pass after the proof of sign-in.
func (d *decoder) allow(n *yaml.Node, path string) []Allow {
	var rules []Allow
	d.each(n, path, func(n *yaml.Node, p string) {
		rule := Allow{Method: "POST"}
		ok := d.mapping(n, p,
			key{"url", true, func(n *yaml.Node, p string) { rule.URL = d.regexp(n, p) }},
			key{"graphql", false, func(n *yaml.Node, p string) { rule.GraphQL = d.flag(n, p) }},
			key{"body", false, func(n *yaml.Node, p string) { rule.Body = d.regexp(n, p) }},
		)
		if ok && count(rule.GraphQL, rule.Body != nil) != 1 && !d.failedAt(p) {
			d.fail(n, p, "needs the shape of the body: graphql: true, or body with a regular expression")
		}
		rules = append(rules, rule)
	})
	return rules
}

// signs reads one test or a list of them.
func (d *decoder) signs(n *yaml.Node, path string) []Sign {
	var signs []Sign
	d.oneOrEach(n, path, func(n *yaml.Node, p string) { signs = append(signs, d.sign(n, p)) })
	return signs
}

// sign reads a test on an answer. A plain text is a selector, or a path if it
// begins with $.
func (d *decoder) sign(n *yaml.Node, path string) Sign {
	var s Sign
	if n.Kind == yaml.ScalarNode {
		if isPath(n) {
			s.Path = d.path(n, path)
		} else {
			s.Select = d.selector(n, path)
		}
		return s
	}
	ok := d.mapping(n, path,
		key{"status", false, func(n *yaml.Node, p string) { s.Status = d.number(n, p, 100, 599) }},
		key{"url", false, func(n *yaml.Node, p string) { s.URL = d.regexp(n, p) }},
		key{"type", false, func(n *yaml.Node, p string) {
			if s.Type, _ = d.word(n, p); s.Type != "" && !mediaType(s.Type) {
				d.fail(n, p, "%q is not a media type; write one such as text/html", short(s.Type))
			}
		}},
		key{"select", false, func(n *yaml.Node, p string) { s.Select = d.selector(n, p) }},
		key{"path", false, func(n *yaml.Node, p string) { s.Path = d.path(n, p) }},
		key{"match", false, func(n *yaml.Node, p string) { s.Match = d.regexp(n, p) }},
		key{"is", false, func(n *yaml.Node, p string) {
			if text, ok := d.text(n, p); ok {
				s.Is = &text
			}
		}},
	)
	if !ok {
		return s
	}
	if s.Select != nil && s.Path != nil {
		d.fail(n, path, "select is for HTML, path for JSON; keep one")
	}
	if s.Is != nil && s.Select == nil && s.Path == nil {
		d.fail(n, path, "is needs select or path: whose text?")
	}
	if len(n.Content) == 0 {
		d.fail(n, path, "is empty; every page would fit")
	}
	return s
}
