package notify

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// maxOutput bounds what one part of a letter can become, in bytes.
const maxOutput = 256 << 10

// maxFact is more than any fact is long once it is escaped for HTML.
const maxFact = 2000

var errTooLong = fmt.Errorf("the text would become longer than %d KiB", maxOutput>>10)

// guard walks through a define: it refuses what could run away or does not
// exist, and makes every printed fact a needed one.
type guard struct {
	tree  *parse.Tree
	known []string // facts that there are
	used  map[string]bool
	wrong []error
}

func (g *guard) fail(n parse.Node, format string, args ...any) {
	where, _ := g.tree.ErrorContext(n)
	g.wrong = append(g.wrong, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
}

func (g *guard) walk(node parse.Node) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				g.walk(child)
			}
		}
	case *parse.ActionNode:
		g.walk(n.Pipe)
		if len(n.Pipe.Decl) == 0 {
			g.insist(n)
		}
	case *parse.IfNode:
		g.branch(&n.BranchNode)
	case *parse.WithNode:
		g.branch(&n.BranchNode)
	case *parse.RangeNode:
		if !slices.Contains([]string{"Items", "SoldOut"}, lastName(n.Pipe)) {
			g.fail(n, "{{range}} runs over .Items or .SoldOut only")
		}
		g.branch(&n.BranchNode)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			g.walk(n.Pipe)
		}
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			for _, arg := range c.Args {
				g.walk(arg)
			}
		}
	case *parse.FieldNode:
		g.names(n, n.Ident)
	case *parse.VariableNode:
		g.names(n, n.Ident[1:])
	case *parse.ChainNode:
		g.walk(n.Node)
		g.names(n, n.Field)
	}
}

func (g *guard) branch(b *parse.BranchNode) {
	g.walk(b.Pipe)
	g.walk(b.List)
	g.walk(b.ElseList)
}

// names checks that facts exist, also where a sample does not come by.
func (g *guard) names(n parse.Node, names []string) {
	known := g.known
	for _, name := range names {
		g.used[name] = true
		if slices.Contains(known, name) {
			continue
		}
		hint := ""
		if near := closestName(name, known); near != "" {
			hint = "did you mean ." + near + "? "
		}
		g.fail(n, "there is no fact .%s; %sthere are .%s", name, hint, strings.Join(known, " ."))
	}
}

// insist adds "| fact NAME" to what is printed.
func (g *guard) insist(n *parse.ActionNode) {
	label := strings.Trim(n.Pipe.String(), "{}")
	if name := lastName(n.Pipe); factLabels(name) != "" {
		label = factLabels(name)
	}
	n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
		NodeType: parse.NodeCommand, Pos: n.Pos,
		Args: []parse.Node{
			parse.NewIdentifier("fact").SetPos(n.Pos).SetTree(g.tree),
			&parse.StringNode{NodeType: parse.NodeString, Pos: n.Pos, Quoted: fmt.Sprintf("%q", label), Text: label},
		},
	})
}

// lastName is the fact that a pipeline names, "" if it does more than that.
func lastName(p *parse.PipeNode) string {
	if p == nil || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return ""
	}
	switch a := p.Cmds[0].Args[0].(type) {
	case *parse.FieldNode:
		return a.Ident[len(a.Ident)-1]
	case *parse.VariableNode:
		if len(a.Ident) > 1 {
			return a.Ident[len(a.Ident)-1]
		}
	}
	return ""
}

// factNames are the names of everything that a letter can use.
func factNames() []string {
	var out []string
	for _, t := range []reflect.Type{reflect.TypeFor[letter](), reflect.TypeFor[letterItem]()} {
		for i := range t.NumField() {
			if name := t.Field(i).Name; !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// factLabels says a fact in plain words, as `why` shows it.
func factLabels(name string) string {
	switch name {
	case "Shop":
		return "shop name"
	case "Name":
		return "name of the buyer"
	case "Number":
		return "order number"
	case "Total":
		return "amount"
	case "Closes", "ClosesShort", "Kept":
		return "close time"
	case "Address":
		return "postal address of the shop"
	case "Offer":
		return "offer of the step"
	case "Link", "Contact", "Coupon", "Placed":
		return strings.ToLower(name)
	}
	return ""
}

// bound refuses texts that call themselves, and those that could become very
// long or take very long: every define is weighed by what it prints at most.
func bound(files []*parsed) error {
	w := weigher{trees: map[string]*parse.Tree{}, weight: map[string]int{}}
	for _, p := range files {
		for name, tree := range p.trees {
			w.trees[name] = tree
		}
	}
	for name := range w.trees {
		w.define(name)
	}
	return errors.Join(w.wrong...)
}

type weigher struct {
	trees  map[string]*parse.Tree
	weight map[string]int // -1 while it is being weighed
	wrong  []error
}

func (w *weigher) define(name string) int {
	if n, ok := w.weight[name]; ok {
		if n >= 0 {
			return n
		}
		where, _ := w.trees[name].ErrorContext(w.trees[name].Root)
		w.wrong = append(w.wrong, fmt.Errorf("%s: %q shows itself, which would never end", where, name))
		return 0
	}
	tree, ok := w.trees[name]
	if !ok {
		return 0 // told by its use
	}
	w.weight[name] = -1
	n := w.node(tree, tree.Root)
	if n > maxOutput*4 {
		where, _ := tree.ErrorContext(tree.Root)
		w.wrong = append(w.wrong, fmt.Errorf("%s: %q could become longer than %d KiB; say it shorter", where, name, maxOutput*4>>10))
		n = 0
	}
	w.weight[name] = n
	return n
}

func (w *weigher) node(tree *parse.Tree, node parse.Node) int {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return 0
		}
		sum := 0
		for _, child := range n.Nodes {
			sum = min(sum+w.node(tree, child), 1<<40)
		}
		return sum
	case *parse.TextNode:
		return len(n.Text)
	case *parse.ActionNode:
		return maxFact
	case *parse.IfNode:
		return 1 + w.node(tree, n.List) + w.node(tree, n.ElseList)
	case *parse.WithNode:
		return 1 + w.node(tree, n.List) + w.node(tree, n.ElseList)
	case *parse.RangeNode:
		return 1 + maxItems*(1+w.node(tree, n.List)) + w.node(tree, n.ElseList)
	case *parse.TemplateNode:
		if _, ok := w.trees[n.Name]; !ok {
			where, _ := tree.ErrorContext(n)
			w.wrong = append(w.wrong, fmt.Errorf("%s: {{template %q}} is not defined anywhere; define it, or take over letter.tmpl from a language that nudged brings along", where, n.Name))
		}
		return 1 + w.define(n.Name)
	}
	return 0
}
