package notify

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Bounds of a condition. What may stand in it is bounded, too: see [Compile].
const (
	longestCondition = 500    // characters
	conditionNodes   = 120    // names, values, operators and calls
	conditionMemory  = 10_000 // of the virtual machine, in values
)

// Condition is an expression over an [Env], or over a [SegmentEnv], checked when
// it is read. It is safe for use by several goroutines.
type Condition struct {
	src     string
	program *vm.Program
	about   reflect.Type        // the kind of facts that it asks
	said    map[string][]string // texts that a name is compared with
	names   map[string]bool     // that stand in it
}

// topic is what a kind of condition is about: its names, and the functions that
// it has beside [ConditionFunctions].
type topic struct {
	env   any
	funcs []string
}

func (t topic) names() []string {
	var out []string
	for _, n := range t.help() {
		out = append(out, n.Name)
	}
	return out
}

func (t topic) help() (out []EnvName) {
	listNames(reflect.TypeOf(t.env), "", &out)
	return out
}

// ConditionError says what is wrong with an expression, and where.
type ConditionError struct {
	Line, Col int // from 1, in characters; an expression of one line has Line 1
	Message   string
}

// Error is the message with its place.
func (e *ConditionError) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("line %d, character %d: %s", e.Line, e.Col, e.Message)
	}
	return fmt.Sprintf("character %d: %s", e.Col, e.Message)
}

// Compile reads an expression, such as
//
//	order.total > 20 and buyer.kind != "new"
//	"ordered twice" in reason or any(order.items, # contains "Gift card")
//
// It is of the language of github.com/expr-lang/expr, less what could run long
// or grow large: it must be true or false, has at most 500 characters, and
// knows the names of [EnvHelp], the usual operators, and the functions of
// [ConditionFunctions]. Loops stand only in any, all and none, not within each
// other; what follows "matches" is a fixed text.
//
// Texts that can never fit (an unknown reason, "Sat" for a weekday) are errors.
// The error is a [*ConditionError], and the first one found.
func Compile(src string) (*Condition, error) { return compile(src, topic{env: Env{}}) }

func compile(src string, about topic) (*Condition, error) {
	if !utf8.ValidString(src) || strings.ContainsRune(src, 0) {
		return nil, &ConditionError{Line: 1, Col: 1, Message: "the condition is not text in UTF-8"}
	}
	if n := utf8.RuneCountInString(src); n > longestCondition {
		return nil, &ConditionError{Line: 1, Col: 1, Message: fmt.Sprintf("the condition has %d characters; %d are allowed", n, longestCondition)}
	}
	if strings.TrimSpace(src) == "" {
		return nil, &ConditionError{Line: 1, Col: 1, Message: "the condition is empty; write for example order.total > 20"}
	}
	rules := conf.CreateNew()
	rules.MaxNodes = conditionNodes
	tree, err := parser.ParseWithConfig(src, rules)
	if err != nil {
		return nil, conditionError(err)
	}
	c := &Condition{src: src, about: reflect.TypeOf(about.env), said: map[string][]string{}, names: map[string]bool{}}
	if err := c.check(tree, about); err != nil {
		return nil, err
	}
	c.program, err = expr.Compile(src, conditionOptions(about.env)...)
	if err != nil {
		return nil, conditionError(err)
	}
	return c, nil
}

// conditionOptions: nothing is rewritten for speed, since a condition is asked a
// few times a minute, and rewriting has been wrong before.
func conditionOptions(env any) []expr.Option {
	options := []expr.Option{
		expr.Env(env), expr.AsBool(), expr.WarnOnAny(), expr.Optimize(false), expr.MaxNodes(2 * conditionNodes),
		expr.DisableAllBuiltins(),
		expr.Function("_fact", knownFact,
			new(func(bool, float64, string) float64), new(func(bool, int, string) int), new(func(bool, []string, string) []string)),
		expr.Function("_divide", divide,
			new(func(float64, float64) float64), new(func(float64, int) float64), new(func(int, float64) float64), new(func(int, int) float64)),
		expr.Patch(facts{}),
	}
	for _, name := range ConditionFunctions() {
		options = append(options, expr.EnableBuiltin(name))
	}
	return options
}

// ConditionFunctions are the functions that a condition can use.
func ConditionFunctions() []string {
	return []string{"lower", "upper", "trim", "len", "abs", "round", "floor", "ceil", "any", "all", "none"}
}

// Holds evaluates the condition. With an error it is false: what cannot be told
// is never "true".
func (c *Condition) Holds(e Env) (bool, error) { return c.run(e) }

// Fits is Holds for the segment of a campaign.
func (c *Condition) Fits(e SegmentEnv) (bool, error) { return c.run(e) }

func (c *Condition) run(e any) (bool, error) {
	if reflect.TypeOf(e) != c.about {
		return false, fmt.Errorf("condition %s: it is about something else: a step asks about an order, a campaign about a person", c.src)
	}
	machine := vm.VM{MemoryBudget: conditionMemory}
	out, err := machine.Run(c.program, e)
	if err != nil {
		var unknown *unknownFact
		if errors.As(err, &unknown) {
			return false, fmt.Errorf("condition %s: %w", c.src, unknown)
		}
		return false, fmt.Errorf("condition %s: %s", c.src, plainMessage(err.Error()))
	}
	holds, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("condition %s: it is neither true nor false", c.src)
	}
	return holds, nil
}

// String is the expression as it was written.
func (c *Condition) String() string { return c.src }

// Texts are what a name is compared with in the condition: of buyer.kind, the
// kinds that must exist; of step.name, the steps.
func (c *Condition) Texts(name string) []string { return slices.Clone(c.said[name]) }

// Asks reports whether a name stands in the condition, or one that begins with it
// and a dot: last asks about last.status.
func (c *Condition) Asks(name string) bool {
	for asked := range c.names {
		if asked == name || strings.HasPrefix(asked, name+".") {
			return true
		}
	}
	return false
}

// facts makes numbers and lists that the shop may not show ask whether it does.
// Only so is an unknown amount an error instead of a zero, and only where the
// evaluation comes to it. In the same way a division asks what it divides by:
// the language itself takes 20 / 0 for more than any number.
type facts struct{}

// Visit implements ast.Visitor.
func (facts) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.MemberNode:
		guardFact(node, n)
	case *ast.BinaryNode:
		if n.Operator == "/" && n.Type() != nil && n.Type().Kind() == reflect.Float64 { // else it is no division of numbers, which is an error
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: "_divide"}, Arguments: []ast.Node{n.Left, n.Right}})
		}
	}
}

func guardFact(node *ast.Node, m *ast.MemberNode) {
	name := memberName(m)
	flag, ok := strings.CutPrefix(guardedFact(name), "_known.")
	if !ok {
		return
	}
	ast.Patch(node, &ast.CallNode{
		Callee: &ast.IdentifierNode{Value: "_fact"},
		Arguments: []ast.Node{
			&ast.MemberNode{Node: &ast.IdentifierNode{Value: "_known"}, Property: &ast.StringNode{Value: flag}},
			m, &ast.StringNode{Value: name},
		},
	})
}

// guardedFact is where an [Env] says whether a fact is known; "" if it always is.
func guardedFact(name string) string {
	switch name {
	case "order.total":
		return "_known.total"
	case "order.items":
		return "_known.titles"
	case "order.count":
		return "_known.items"
	case "order.age":
		return "_known.age"
	case "order.closes_in":
		return "_known.closes_in"
	case "buyer.spent":
		return "_known.spent"
	case "buyer.last_order", "buyer.last_paid", "last.total", "last.items", "last.age":
		return "_known." + strings.Replace(name, ".", "_", 1)
	}
	return ""
}

type unknownFact struct{ name string }

func (e *unknownFact) Error() string {
	switch e.name {
	case "order.closes_in":
		return "it is not known when the shop closes the order (set auto_close for the shop if it always does)"
	case "order.total":
		return "the order's amount is not known"
	case "order.age":
		return "it is not known when the order was placed"
	case "buyer.spent":
		return "the currency of the order is not known"
	case "buyer.last_order", "last.age":
		return "it is not known when they ordered last"
	case "buyer.last_paid":
		return "it is not known when they paid an order last"
	case "last.total":
		return "the amount of their last order is not known"
	case hasFunction:
		return "it is not known what they ordered"
	case "last.items":
		return "it is not known what they ordered last"
	}
	return "it is not known what was ordered"
}

func knownFact(args ...any) (any, error) {
	if known, _ := args[0].(bool); known {
		return args[1], nil
	}
	name, _ := args[2].(string)
	return nil, &unknownFact{name}
}

var errByZero = errors.New("it would divide by zero")

func divide(args ...any) (any, error) {
	of, by := numberOf(args[0]), numberOf(args[1])
	if by == 0 {
		return nil, errByZero
	}
	return of / by, nil
}

func numberOf(v any) float64 {
	if n, ok := v.(int); ok {
		return float64(n)
	}
	f, _ := v.(float64)
	return f
}

// conditionError brings an error of the language's library to ours.
func conditionError(err error) error {
	out := &ConditionError{Line: 1, Col: 1, Message: plainMessage(err.Error())}
	var at *file.Error
	if errors.As(err, &at) {
		out.Line, out.Col, out.Message = max(at.Line, 1), at.Column+1, plainMessage(at.Message)
	}
	return out
}
