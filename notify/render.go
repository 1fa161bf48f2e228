package notify

import (
	"embed"
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	text "text/template"
	"time"

	"nudged/store/order"
)

//go:embed templates
var templates embed.FS

// ErrMissing says that a fact which a text needs is not known.
var ErrMissing = errors.New("missing fact")

// Texts are the parsed templates of all languages.
type Texts struct {
	letters map[string]letterTemplate // by "language/name"
	chats   map[string]letterTemplate // by language
	digests map[string]letterTemplate // by language
}

type letterTemplate struct {
	text *text.Template
	html *html.Template
}

// LoadTexts parses the templates that the program brings along.
func LoadTexts() (*Texts, error) {
	t := &Texts{letters: map[string]letterTemplate{}, digests: map[string]letterTemplate{}, chats: map[string]letterTemplate{}}
	langs, err := fs.ReadDir(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	for _, lang := range langs {
		files, err := fs.Glob(templates, path.Join("templates", lang.Name(), "*.tmpl"))
		if err != nil {
			return nil, fmt.Errorf("texts: %w", err)
		}
		for _, file := range files {
			if err := t.load(lang.Name(), file); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func (t *Texts) load(lang, file string) error {
	name := strings.TrimSuffix(path.Base(file), ".tmpl")
	if name == "letter" {
		return nil
	}
	files := []string{path.Join("templates", lang, "letter.tmpl"), file}
	if name == "digest" {
		files = files[1:]
	}
	funcs := map[string]any{"need": need, "count": count, "some": some, "num": num, "list": list, "note": note, "pair": pair, "code": code}
	var parsed letterTemplate
	var err error
	if parsed.text, err = text.New(name).Funcs(funcs).Option("missingkey=error").ParseFS(templates, files...); err != nil {
		return fmt.Errorf("text %s/%s: %w", lang, name, err)
	}
	if parsed.html, err = html.New(name).Funcs(funcs).Option("missingkey=error").ParseFS(templates, files...); err != nil {
		return fmt.Errorf("text %s/%s: %w", lang, name, err)
	}
	if name == "digest" {
		t.digests[lang] = parsed
	} else {
		t.letters[lang+"/"+name] = parsed
		t.chats[lang] = parsed // the text for a chat stands in letter.tmpl, which all letters share
	}
	return nil
}

// Names lists the letters that exist in a language.
func (t *Texts) Names(language string) []string {
	var out []string
	for key := range t.letters {
		if lang, name, _ := strings.Cut(key, "/"); lang == language {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// two hands a template a word and a value.
type two struct{ Left, Right any }

func pair(left, right any) two { return two{left, right} }

func need(fact, value string) (string, error) {
	if strings.TrimSpace(value) == "" {
		return "", fmt.Errorf("%w: %s", ErrMissing, fact)
	}
	return value, nil
}

// Write renders one step for one order. token is the person's opaque
// unsubscribe token, "" for none. An error wraps [ErrMissing] if the order lacks
// a fact that the text needs.
func (t *Texts) Write(s Settings, o order.Order, key order.ReminderKey, token string, at time.Time) (Message, error) {
	facts, ok := s.Shops[o.Shop]
	if !ok {
		return Message{}, fmt.Errorf("shop %s is not in the config", o.Shop)
	}
	st, ok := s.step(key.Step)
	if !ok {
		return Message{}, fmt.Errorf("step %q is not in the config", key.Step)
	}
	tmpl, ok := t.letters[facts.language()+"/"+st.Template]
	if !ok {
		return Message{}, fmt.Errorf("there is no text %q in language %q; there are %s", st.Template, facts.language(), strings.Join(t.Names(facts.language()), ", "))
	}
	m := Message{
		Key: key, To: o.Buyer.Email, ToName: cleanName(o.Buyer.Name),
		From: facts.From, FromName: clean(facts.Name, maxName), ReplyTo: facts.ReplyTo,
		MessageID: MessageID(key, "", facts.From), ListUnsubscribe: facts.unsubscribe(token), Date: at,
	}
	view := newLetter(facts, o, m.ListUnsubscribe)
	if err := tmpl.write(&m, view); err != nil {
		return Message{}, fmt.Errorf("text %q for order %s: %w", st.Template, o.Key(), err)
	}
	return m, nil
}

// Chat renders the short text that the seller pastes into a shop's own chat, for
// an order whose buyer left no usable contact.
func (t *Texts) Chat(s Settings, o order.Order) (string, error) {
	facts, ok := s.Shops[o.Shop]
	if !ok {
		return "", fmt.Errorf("shop %s is not in the config", o.Shop)
	}
	tmpl, ok := t.chats[facts.language()]
	if !ok {
		return "", fmt.Errorf("there are no texts in language %q", facts.language())
	}
	var b strings.Builder
	if err := tmpl.text.ExecuteTemplate(&b, "chat", newLetter(facts, o, "")); err != nil {
		return "", fmt.Errorf("text for the chat about order %s: %w", o.Key(), templateError(err))
	}
	return strings.TrimSpace(b.String()), nil
}

func (lt letterTemplate) write(m *Message, view letter) error {
	var err error
	if view.Subject, err = lt.line("subject", view); err != nil {
		return err
	}
	if view.Preheader, err = lt.line("preheader", view); err != nil {
		return err
	}
	if m.Text, err = lt.body(view); err != nil {
		return err
	}
	var b strings.Builder
	if err := lt.html.ExecuteTemplate(&b, "html", view); err != nil {
		return templateError(err)
	}
	m.Subject, m.HTML = view.Subject, b.String()
	return nil
}

func (lt letterTemplate) line(name string, view any) (string, error) {
	var b strings.Builder
	if err := lt.text.ExecuteTemplate(&b, name, view); err != nil {
		return "", templateError(err)
	}
	return clean(b.String(), maxLine), nil
}

func (lt letterTemplate) body(view any) (string, error) {
	var b strings.Builder
	if err := lt.text.ExecuteTemplate(&b, "text", view); err != nil {
		return "", templateError(err)
	}
	return strings.TrimSpace(emptyLines.ReplaceAllString(b.String(), "\n\n")) + "\n", nil
}

var emptyLines = regexp.MustCompile(`\n(?:[ \t]*\n){2,}`)

// templateError takes away the template's inner path and, with it, any value
// that the standard message repeats.
func templateError(err error) error {
	if errors.Is(err, ErrMissing) {
		return missing(err)
	}
	return err
}

func missing(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if errors.Unwrap(e) == ErrMissing { //nolint:errorlint // the innermost wrapper is wanted
			return e
		}
	}
	return err
}
