package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says who may import whom in this module. A package that is not listed
// is a decision that nobody has taken yet.
var arrows = map[string][]string{
	"cmd/nudged": {
		"cmd/nudged/config", "cmd/nudged/control", "cmd/nudged/intake", "cmd/nudged/sheet", "cmd/nudged/table",
		"crawler", "crawler/browser", "crawler/demoshop", "crawler/extract", "crawler/recipe",
		"notify", "notify/email", "notify/inbox", "notify/sms", "store", "store/order",
	},
	"cmd/nudged/config":  {"crawler/recipe", "notify", "store/order"},
	"cmd/nudged/control": {},
	"cmd/nudged/intake":  {"cmd/nudged/sheet", "crawler/extract", "store/order"},
	"cmd/nudged/sheet":   {"store/order"},
	"cmd/nudged/table":   {},

	"crawler":          {"crawler/browser", "crawler/extract", "crawler/fetch", "crawler/recipe", "store/order"},
	"crawler/browser":  {"crawler/recipe"},
	"crawler/fetch":    {"crawler/recipe"},
	"crawler/extract":  {"crawler/recipe", "store/order"},
	"crawler/recipe":   {},
	"crawler/demoshop": {},

	"store":       {"store/order"},
	"store/order": {},

	"notify":            {"store/order"},
	"notify/email":      {"notify", "store/order"},
	"notify/inbox":      {"notify", "store/order"},
	"notify/sms":        {"notify", "store/order"},
	"notify/sendertest": {"notify", "store/order"},
}

// forTests may be imported by every test besides.
var forTests = []string{"crawler/demoshop", "crawler/recipe", "notify/sendertest"}

// testRooms are for tests only: one makes by hand what a recipe compiles, the
// other measures against it.
var testRooms = map[string]string{"crawler/browser": "github.com/andybalholm/cascadia", "crawler": "github.com/PuerkitoBio/goquery"}

// rooms says in which packages an outside library may be used. A prefix of the
// import path decides.
var rooms = map[string][]string{
	"go.etcd.io/bbolt":                      {"store"},
	"github.com/chromedp/":                  {"crawler/browser"},
	"github.com/gocolly/colly":              {"crawler/fetch"},
	"github.com/PuerkitoBio/goquery":        {"crawler/extract"},
	"github.com/andybalholm/cascadia":       {"crawler/recipe", "crawler/extract"},
	"github.com/ohler55/ojg":                {"crawler/recipe", "crawler/extract"},
	"github.com/vektah/gqlparser":           {"crawler/recipe"},
	"go.yaml.in/yaml":                       {"cmd/nudged/config", "crawler/recipe"},
	"gopkg.in/yaml":                         {},
	"github.com/goccy/go-yaml":              {},
	"github.com/wneessen/go-mail":           {"notify/email"},
	"net/smtp":                              {},
	"github.com/emersion/go-smtp":           {"cmd/nudged", "notify/email", "notify/sendertest"},
	"github.com/robfig/cron":                {"cmd/nudged", "cmd/nudged/config"},
	"github.com/alecthomas/kong":            {"cmd/nudged"},
	"github.com/jedib0t/go-pretty":          {"cmd/nudged/table"},
	"github.com/vbauerster/mpb":             {"cmd/nudged/table"},
	"github.com/lmittmann/tint":             {"cmd/nudged"},
	"github.com/nyaruka/phonenumbers":       {"crawler/extract", "notify", "notify/inbox", "store"},
	"github.com/emersion/go-imap":           {"notify/inbox"},
	"github.com/emersion/go-message":        {"notify/inbox"},
	"github.com/emersion/go-msgauth":        {"notify/email"},
	"github.com/expr-lang/expr":             {"notify"},
	"github.com/shopspring/decimal":         {"crawler/extract"},
	"github.com/xuri/excelize":              {"cmd/nudged/sheet"},
	"encoding/csv":                          {"cmd/nudged/sheet"},
	"github.com/araddon/dateparse":          {},
	"github.com/markusmobius/go-dateparser": {},
}

const module = "nudged"

// The files are parsed here, in this process: a test that asked the go command
// would stay green from the cache after a new import.
func TestArrows(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		files++
		for _, problem := range judge(t, file, rel) {
			t.Error(problem)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files were looked at; is this the module's root?", files)
	}
}

func judge(t *testing.T, file, rel string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return []string{err.Error()}
	}
	var imports []string
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return []string{err.Error()}
		}
		imports = append(imports, name)
	}
	return forbidden(path.Dir(rel), strings.HasSuffix(rel, "_test.go"), rel, imports)
}

func forbidden(pkg string, test bool, file string, imports []string) []string {
	allowed, listed := arrows[pkg]
	if !listed {
		return []string{file + ": the package is not in the table of arrows"}
	}
	var out []string
	for _, name := range imports {
		if inner, ours := strings.CutPrefix(name, module+"/"); ours {
			own := inner == pkg && test
			if !own && !slices.Contains(allowed, inner) && !(test && slices.Contains(forTests, inner)) {
				out = append(out, file+": must not import "+inner)
			}
			continue
		}
		for prefix, where := range rooms {
			if strings.HasPrefix(name, prefix) && !slices.Contains(where, pkg) && !(test && testRooms[pkg] == prefix) {
				out = append(out, file+": "+name+" has its room elsewhere")
			}
		}
	}
	return out
}

// A test of rules that nobody breaks proves nothing.
func TestArrowsCanFail(t *testing.T) {
	for _, c := range []struct {
		pkg    string
		test   bool
		imp    string
		forbid bool
	}{
		{"crawler", false, "nudged/store", true},
		{"crawler", false, "nudged/store/order", false},
		{"store", false, "nudged/notify", true},
		{"crawler", false, "nudged/crawler/demoshop", true},
		{"crawler", true, "nudged/crawler/demoshop", false},
		{"notify", true, "nudged/notify", false},
		{"notify", false, "go.etcd.io/bbolt", true},
		{"store", false, "go.etcd.io/bbolt/errors", false},
		{"crawler", false, "github.com/chromedp/cdproto/fetch", true},
		{"notify/email", false, "net/smtp", true},
		{"cmd/nudged/intake", false, "nudged/store", true},
		{"notify/pigeon", false, "fmt", true},
	} {
		if got := forbidden(c.pkg, c.test, "x.go", []string{c.imp}); (len(got) > 0) != c.forbid {
			t.Errorf("%s importing %s: %v", c.pkg, c.imp, got)
		}
	}
}

// The top level stays as it is.
func TestTopLevel(t *testing.T) {
	allowed := []string{"cmd", "crawler", "store", "notify", "config.example.yaml", "go.mod", "go.sum", "README.md", "LICENSE"}
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		built := name == "out" || name == "nudged" || name == "nudged.exe" || strings.HasSuffix(name, ".prof")
		if !strings.HasPrefix(name, ".") && !built && !slices.Contains(allowed, name) {
			t.Errorf("%s does not belong into the top level", name)
		}
	}
}
