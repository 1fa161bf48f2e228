package notify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// checker walks an expression and refuses what a condition cannot say.
type checker struct {
	c      *Condition
	source file.Source
	names  []string
	funcs  []string
	loops  int
}

func (c *Condition) check(tree *parser.Tree, about topic) error {
	k := checker{c: c, source: tree.Source, names: about.names(), funcs: slices.Concat(ConditionFunctions(), about.funcs)}
	return k.node(tree.Node)
}

// wrong is an error at a node.
func (k *checker) wrong(at ast.Node, format string, args ...any) error {
	e := (&file.Error{Location: at.Location()}).Bind(k.source)
	return &ConditionError{Line: max(e.Line, 1), Col: e.Column + 1, Message: fmt.Sprintf(format, args...)}
}

func (k *checker) all(nodes ...ast.Node) error {
	for _, n := range nodes {
		if err := k.node(n); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) node(node ast.Node) error {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode:
		return nil
	case *ast.IdentifierNode:
		return k.name(n, n.Value)
	case *ast.MemberNode:
		return k.member(n)
	case *ast.UnaryNode:
		return k.node(n.Node)
	case *ast.BinaryNode:
		return k.binary(n)
	case *ast.ConditionalNode:
		return k.all(n.Cond, n.Exp1, n.Exp2)
	case *ast.ArrayNode:
		return k.all(n.Nodes...)
	case *ast.BuiltinNode:
		return k.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok {
			return k.call(n, name.Value, n.Arguments)
		}
		return k.wrong(n, "this cannot be called")
	case *ast.PredicateNode:
		return k.node(n.Node)
	case *ast.PointerNode:
		if n.Name != "" {
			return k.wrong(n, "#%s is not known; # is the item at hand", n.Name)
		}
		return nil
	case *ast.VariableDeclaratorNode:
		return k.wrong(n, "let cannot stand in a condition")
	case *ast.NilNode:
		return k.wrong(n, `nil is not known: a text that the shop does not show is ""`)
	}
	return k.wrong(node, "a condition compares facts; this cannot stand in one")
}

// name checks a name without a dot.
func (k *checker) name(at ast.Node, name string) error {
	if slices.Contains(k.names, name) {
		k.c.names[name] = true
		return nil
	}
	var parts []string
	for _, known := range k.names {
		if strings.HasPrefix(known, name+".") {
			parts = append(parts, known)
		}
	}
	if parts != nil {
		return k.wrong(at, "%s has parts: %s", name, strings.Join(parts, ", "))
	}
	return k.wrong(at, "%s is not known; %s", name, meant(name, k.names))
}

// member checks a name with a dot. Items are texts and have no parts.
func (k *checker) member(n *ast.MemberNode) error {
	name := memberName(n)
	if name == "" {
		return k.wrong(n, "a condition knows names such as order.total, and no other parts of things")
	}
	if slices.Contains(k.names, name) {
		k.c.names[name] = true
		return nil
	}
	first, rest, _ := strings.Cut(name, ".")
	var parts []string
	for _, known := range k.names {
		if part, ok := strings.CutPrefix(known, first+"."); ok {
			parts = append(parts, part)
		}
	}
	if parts == nil {
		return k.wrong(start(n), "%s is not known; %s", name, meant(name, k.names))
	}
	if best := closestName(rest, parts); best != "" {
		return k.wrong(start(n), "%s is not known; did you mean %s.%s?", name, first, best)
	}
	return k.wrong(start(n), "%s is not known; %s has %s", name, first, strings.Join(parts, ", "))
}

// start is where a name with dots begins.
func start(n *ast.MemberNode) ast.Node {
	for {
		under, ok := n.Node.(*ast.MemberNode)
		if !ok {
			return n.Node
		}
		n = under
	}
}

// memberName is a name with its dots; "" for anything else.
func memberName(n *ast.MemberNode) string {
	property, ok := n.Property.(*ast.StringNode)
	if !ok || n.Optional {
		return ""
	}
	switch under := n.Node.(type) {
	case *ast.IdentifierNode:
		return under.Value + "." + property.Value
	case *ast.MemberNode:
		if name := memberName(under); name != "" {
			return name + "." + property.Value
		}
	}
	return ""
}

func (k *checker) call(at ast.Node, name string, args []ast.Node) error {
	if !slices.Contains(k.funcs, name) {
		return k.wrong(at, "there is no function %s here; there are %s", name, strings.Join(k.funcs, ", "))
	}
	if name == hasFunction {
		return k.words(at, args)
	}
	if name == "any" || name == "all" || name == "none" {
		if k.loops++; k.loops > 1 {
			return k.wrong(at, "%s cannot stand within any, all or none", name)
		}
		defer func() { k.loops-- }()
	}
	return k.all(args...)
}

// words checks what has is asked: one fixed text that says something.
func (k *checker) words(at ast.Node, args []ast.Node) error {
	if len(args) == 1 {
		if text, ok := args[0].(*ast.StringNode); ok && foldMethod(text.Value) != "" {
			k.c.names[hasFunction] = true
			return nil
		} else if ok && strings.TrimSpace(text.Value) == "" {
			return k.wrong(at, `put a word between the quotes, as in %s("belt")`, hasFunction)
		}
	}
	return k.wrong(at, `%s asks for one fixed text, as in has("belt")`, hasFunction)
}

func (k *checker) binary(n *ast.BinaryNode) error {
	switch n.Operator {
	case "..", "??", "**", "^":
		return k.wrong(n, "%s cannot stand in a condition", n.Operator)
	case "matches":
		if err := k.pattern(n.Right); err != nil {
			return err
		}
	case "==", "!=", "in":
		if err := k.compared(n.Left, n.Right); err != nil {
			return err
		}
		if err := k.compared(n.Right, n.Left); err != nil {
			return err
		}
	}
	return k.all(n.Left, n.Right)
}

func (k *checker) pattern(n ast.Node) error {
	pattern, ok := n.(*ast.StringNode)
	if !ok {
		return k.wrong(n, "a fixed text must follow matches")
	}
	if _, err := regexp.Compile(pattern.Value); err != nil {
		return k.wrong(n, "%v", err)
	}
	return nil
}

// compared checks the fixed texts that a name is compared with: one that can
// never fit is a mistake of writing.
func (k *checker) compared(fact, with ast.Node) error {
	name := ""
	switch n := fact.(type) {
	case *ast.IdentifierNode:
		name = n.Value
	case *ast.MemberNode:
		name = memberName(n)
	}
	texts := []ast.Node{with}
	if list, ok := with.(*ast.ArrayNode); ok {
		texts = list.Nodes
	}
	for _, t := range texts {
		text, ok := t.(*ast.StringNode)
		if name == "" || !ok {
			continue
		}
		if words := neverFits(name, text.Value); words != "" {
			return k.wrong(text, "%q is no %s; %s", text.Value, name, words)
		}
		k.c.said[name] = append(k.c.said[name], text.Value)
	}
	return nil
}
