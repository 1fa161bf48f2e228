package notify

import (
	"embed"
	"errors"
	"fmt"
	html "html/template"
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
	sources map[string][]string       // files of the seller that a letter comes from, by "language/name"
}

type letterTemplate struct {
	text  *text.Template
	html  *html.Template
	class Class
}

// LoadTexts parses the templates that the program brings along, and those of
// the seller's own directory; "" is none. In dir/LANGUAGE/NAME.tmpl a seller
// adds a text, or replaces those defines of a built-in one that the file
// contains; letter.tmpl holds the words that all texts of a language share. All
// that is wrong with the directory is told at once, with file and line.
func LoadTexts(dir string) (*Texts, error) {
	t := &Texts{letters: map[string]letterTemplate{}, chats: map[string]letterTemplate{}, sources: map[string][]string{}}
	lib := library{}
	if err := lib.builtin(); err != nil {
		return nil, err
	}
	if dir != "" {
		if err := lib.directory(dir); err != nil {
			return nil, err
		}
	}
	for _, lang := range lib.languages() {
		if err := t.loadLanguage(lib, lang); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Names lists the letters that exist in a language.
func (t *Texts) Names(language string) []string {
	language = t.nearest(language)
	var out []string
	for key := range t.letters {
		if lang, name, _ := strings.Cut(key, "/"); lang == language {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Languages lists the languages that have texts.
func (t *Texts) Languages() []string {
	var out []string
	for lang := range t.chats {
		out = append(out, lang)
	}
	slices.Sort(out)
	return out
}

// nearest is the language whose texts are used: zh-CN has those of zh unless it
// has its own.
func (t *Texts) nearest(language string) string {
	if language == "" {
		return "en"
	}
	if _, ok := t.chats[language]; ok {
		return language
	}
	base, _, _ := strings.Cut(language, "-")
	return base
}

// Class of a text; false if there is no such text.
func (t *Texts) Class(language, name string) (Class, bool) {
	lt, ok := t.letters[t.nearest(language)+"/"+name]
	return lt.class, ok
}

// two hands a template a word and a value.
type two struct{ Left, Right any }

func pair(left, right any) two { return two{left, right} }

// Writing is what a message is made from.
type Writing struct {
	Order   order.Order
	Key     order.ReminderKey
	Step    Step
	Token   string // the person's opaque unsubscribe token; "" for none
	At      time.Time
	Reasons []Reason
	Kind    string // of buyer: new, known, or the name of a level
}

// Write renders one step for one order: subject, text and HTML of a mail, or the
// text alone of an SMS. An error wraps [ErrMissing] if the order lacks a fact
// that the text needs.
func (t *Texts) Write(s Settings, w Writing) (Message, error) {
	facts, ok := s.Shops[w.Order.Shop]
	if !ok {
		return Message{}, fmt.Errorf("shop %s is not in the config", w.Order.Shop)
	}
	lang := t.nearest(facts.language())
	tmpl, ok := t.letters[lang+"/"+w.Step.Template]
	if !ok {
		return Message{}, fmt.Errorf("there is no text %q in language %q; there are %s", w.Step.Template, facts.language(), strings.Join(t.Names(lang), ", "))
	}
	m := Message{
		Key: w.Key, ToName: cleanName(w.Order.Buyer.Name), From: facts.From, FromName: clean(facts.Name, maxName),
		MessageID: MessageID(w.Key, w.Token, facts.From), Date: w.At, Template: w.Step.Template, Class: tmpl.class,
	}
	if w.Key.Channel == order.BySMS {
		m.Phone = w.Order.Buyer.Phone
	} else {
		m.To, m.ReplyTo, m.ListUnsubscribe = w.Order.Buyer.Email, facts.ReplyTo, facts.unsubscribe(w.Token)
	}
	view := newLetter(facts, w, localeOf(lang))
	view.Unsubscribe, view.Marketing = m.ListUnsubscribe, tmpl.class == Marketing
	write := tmpl.write
	if w.Key.Channel == order.BySMS {
		write, view = tmpl.writeSMS, view.forSMS()
		m.Sign = view.Sign
	}
	m.Facts = view.facts(w.Order, localeOf(lang))
	if err := write(&m, view); err != nil {
		return Message{}, fmt.Errorf("text %q for order %s: %w", w.Step.Template, w.Order.Key(), err)
	}
	return m, nil
}

// Chat renders the short text that the seller pastes into a shop's own chat, for
// an order whose buyer left no usable contact, or of which something is sold out.
func (t *Texts) Chat(s Settings, o order.Order, reasons ...Reason) (string, error) {
	facts, ok := s.Shops[o.Shop]
	if !ok {
		return "", fmt.Errorf("shop %s is not in the config", o.Shop)
	}
	lang := t.nearest(facts.language())
	tmpl, ok := t.chats[lang]
	if !ok {
		return "", fmt.Errorf("there are no texts in language %q; there are %s", facts.language(), strings.Join(t.Languages(), ", "))
	}
	view := newLetter(facts, Writing{Order: o, Reasons: reasons, At: latest(o.Looked, o.Seen)}, localeOf(lang))
	words, err := tmpl.show("chat", view)
	if err != nil {
		return "", fmt.Errorf("text for the chat about order %s: %w", o.Key(), err)
	}
	return strings.TrimSpace(words), nil
}

func (lt letterTemplate) write(m *Message, view letter) error {
	var err error
	if view.Subject, err = lt.line("subject", view); err != nil {
		return err
	}
	if lt.text.Lookup("preheader") != nil {
		if view.Preheader, err = lt.line("preheader", view); err != nil {
			return err
		}
	}
	if m.Text, err = lt.body(view); err != nil {
		return err
	}
	m.Subject = view.Subject
	if lt.html.Lookup("html") == nil {
		return nil // a text of the seller's own may be plain
	}
	b := limited{left: maxOutput}
	if err := lt.html.ExecuteTemplate(&b, "html", view); err != nil {
		return templateError(err)
	}
	m.HTML = b.String()
	return nil
}

// writeSMS renders the short form: one line, in the characters of GSM-7 where
// only typography stands against them.
func (lt letterTemplate) writeSMS(m *Message, view letter) error {
	words, err := lt.show("sms", view)
	if err != nil {
		return err
	}
	m.Text = plainSMS(strings.Join(strings.Fields(words), " "))
	return nil
}

func (lt letterTemplate) show(name string, view any) (string, error) {
	if lt.text.Lookup(name) == nil {
		return "", fmt.Errorf("it has no {{define %q}}", name)
	}
	b := limited{left: maxOutput}
	if err := lt.text.ExecuteTemplate(&b, name, view); err != nil {
		return "", templateError(err)
	}
	return b.String(), nil
}

func (lt letterTemplate) line(name string, view any) (string, error) {
	words, err := lt.show(name, view)
	return clean(words, maxLine), err
}

func (lt letterTemplate) body(view any) (string, error) {
	words, err := lt.show("text", view)
	return strings.TrimSpace(emptyLines.ReplaceAllString(words, "\n\n")) + "\n", err
}

var emptyLines = regexp.MustCompile(`\n(?:[ \t]*\n){2,}`)

// limited keeps a text from growing without end.
type limited struct {
	strings.Builder
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errTooLong
	}
	return l.Builder.Write(p)
}

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
