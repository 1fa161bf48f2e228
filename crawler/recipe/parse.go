package recipe

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// maxSize bounds a recipe file; the longest built-in has some 8 KB.
const maxSize = 1 << 20

// Bounds of what a recipe may ask for.
const (
	maxDelay     = time.Minute
	maxAutoClose = 90 * 24 * time.Hour
	maxBeat      = 24 * time.Hour
	maxAtOnce    = 8
)

var errBadPath = errors.New("it does not parse")

// Parse reads a recipe. The error is [Problems]: every mistake at once, each
// with its place and the mend. The name is the file's, for the problems.
func Parse(name string, src []byte) (*Recipe, error) {
	d := &decoder{file: name}
	r := &Recipe{}
	if root := d.document(src); root != nil {
		d.object(root, "", recipeKeys(r))
		d.check(r)
	}
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
		})
		return nil, d.problems
	}
	return r, nil
}

// document parses the YAML itself; nil if there is nothing to go on with.
func (d *decoder) document(src []byte) *yaml.Node {
	if len(src) > maxSize {
		d.problems = append(d.problems, Problem{File: d.file, Message: "is larger than 1 MiB; this is not a recipe"})
		return nil
	}
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		d.problems = append(d.problems, syntaxProblem(d.file, err))
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		d.problems = append(d.problems, Problem{File: d.file, Message: "is empty; a recipe begins with schema: 1"})
		return nil
	}
	return doc.Content[0]
}

func recipeKeys(r *Recipe) object {
	return object{keys: []key{
		need("schema", "version of the language, 1", asNumber(&r.Schema, 1, 1)),
		need("name", "short name; a built-in recipe has its file's", asWord(&r.Name)),
		may("title", "name of the system, for people", asWord(&r.Title)),
		may("about", "one or two sentences for the seller", asText(&r.About)),
		may("proven", "on what the recipe was tried", asText(&r.Proven)),
		may("marks", "what viewing marks at the shop, such as orders read", asText(&r.Marks)),
		may("terms", "what the shop's owner says of automation", asText(&r.Terms)),
		may("trial", "why the recipe is off until the seller's own test of it passes", asWord(&r.Trial)),
		may("charset", "of pages that tell none, such as gb18030", as(&r.Charset, filled, (*decoder).charset)),
		may("delay", "between two requests, such as 2s", asSpan(&r.Delay, maxDelay)),
		may("at_once", "requests under way at the same time; 1 if it is not here", asNumber(&r.AtOnce, 1, maxAtOnce)),
		may("hours", "of the shop's day in which it may be asked, such as 06:00-24:00", as(&r.Hours, hoursShape, (*decoder).hours)),
		may("auto_close", "after which the system closes an unpaid order, such as 48h", asSpan(&r.AutoClose, maxAutoClose)),
		may("detect", "signs on the page at the shop's url, before signing in, that it is this system", asSigns(&r.Detect)),
		need("sign_in", "how to sign in, to know a refusal, and to prove that it worked", asKeys(&r.SignIn, signInKeys)),
		may("heartbeat", "a request that keeps the session alive between visits", asNew(&r.Heartbeat, heartbeatKeys)),
		need("signed_out", "signs, on any answer, that the session has ended", asSigns(&r.SignedOut)),
		need("list", "the order list", asKeys(&r.List, listKeys)),
		may("detail", "an order's own page", asNew(&r.Detail, detailKeys)),
		need("statuses", "what the shop's words mean; the first rule that fits wins", as(&r.Statuses, nonEmpty(ref("status")), (*decoder).statuses)),
		may("allow", "POSTs that only read, and may be sent after signing in; pages that only look as if they wrote", items(&r.Allow, keysOf(allowKeys), (*decoder).allow)),
		may("deny", "addresses that are never opened", as(&r.Deny, listOf(ref("regexp")), (*decoder).deny)),
	}}
}

func heartbeatKeys(h *Heartbeat) object {
	return object{keys: []key{
		need("every", "such as 15m", asSpan(&h.Every, maxBeat)),
		need("request", "what to ask for", asRequest(&h.Request)),
	}}
}

func (d *decoder) deny(n *yaml.Node, path string) []*Regexp {
	var out []*Regexp
	d.each(n, path, func(n *yaml.Node, p string) {
		if re := d.regexp(n, p); re != nil {
			out = append(out, re)
		}
	})
	return out
}

// hours reads "06:00-24:00".
func (d *decoder) hours(n *yaml.Node, path string) *Hours {
	s, ok := d.text(n, path)
	if !ok {
		return nil
	}
	m := hoursForm.FindStringSubmatch(s)
	if m == nil {
		d.fail(n, path, "%q is not a part of a day; write it as 06:00-24:00", short(s))
		return nil
	}
	h := &Hours{From: timeOfDay(m[1], m[2]), To: timeOfDay(m[3]+m[5], m[4]+m[6])}
	if h.From == h.To {
		d.fail(n, path, "%s is no time at all; write it as 06:00-24:00, or 22:00-06:00 over midnight", s)
	}
	return h
}

// timeOfDay is hours and minutes that fit hoursForm.
func timeOfDay(hours, minutes string) time.Duration {
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
}

const hoursPattern = `^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$`

var hoursForm = regexp.MustCompile(hoursPattern)

func hoursShape() shape { return shape{"type": "string", "pattern": hoursPattern} }
