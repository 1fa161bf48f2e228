package extract

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"nudged/crawler/recipe"
)

const urlEncoded = "application/x-www-form-urlencoded"

// Form fills a page's form as a browser would send it: all that it holds, the
// name and value of the button that is pressed, and the recipe's fields over
// that. It is always posted: a password has no place in an address.
func Form(p recipe.Page, f *recipe.Form, lookup func(string) (string, bool)) (FormPost, error) {
	page := place{doc: newDocument(p)}
	root, err := page.selection()
	if err != nil {
		return FormPost{}, err
	}
	form := find(root, &f.Select).First()
	if form.Length() == 0 {
		return FormPost{}, notThere(page, "submit.select", &f.Select)
	}
	controls := controlsOf(root, form)
	button, err := pressed(page, f, controls)
	if err != nil {
		return FormPost{}, err
	}
	values := formValues(controls, button)
	for _, pair := range f.Fields {
		text, err := pair.Value.Expand(lookup, nil)
		if err != nil {
			return FormPost{}, err
		}
		values.Set(pair.Name, text)
	}
	post := FormPost{Method: "POST", Values: values}
	if post.URL, err = formTarget(page, form, button, f, lookup); err != nil {
		return FormPost{}, err
	}
	kind := button.AttrOr("formenctype", form.AttrOr("enctype", ""))
	post.Body, post.ContentType, err = encode(values, strings.ToLower(strings.TrimSpace(kind)))
	return post, err
}

func notThere(page place, field string, s *recipe.Selector) error {
	return &LayoutError{
		URL: bare(page.doc.page.URL), Field: "sign_in.steps: " + field, Want: s.Source,
		Near: nearest(page, &recipe.Value{Select: s}),
	}
}

// controlsOf are the controls of a form, those included that stand elsewhere and
// name it.
func controlsOf(root, form *goquery.Selection) *goquery.Selection {
	const all = "input, select, textarea, button"
	id, named := form.Attr("id")
	if !named || id == "" {
		return form.Find(all).Not("[form]")
	}
	return root.Find(all).FilterFunction(func(_ int, s *goquery.Selection) bool {
		if of, ok := s.Attr("form"); ok {
			return of == id
		}
		return s.Closest("form").IsSelection(form)
	})
}

// pressed is the button that the recipe presses, or the first that would send
// the form. It may be none: a form is also sent by the Enter key.
func pressed(page place, f *recipe.Form, controls *goquery.Selection) (*goquery.Selection, error) {
	if f.Button == nil {
		return controls.FilterFunction(func(_ int, s *goquery.Selection) bool { return sends(s) && !off(s) }).First(), nil
	}
	root, err := page.selection()
	if err != nil {
		return nil, err
	}
	button := controls.FilterMatcher(matcher(f.Button))
	if button.Length() == 0 {
		button = find(root, f.Button)
	}
	if button.Length() == 0 {
		return nil, notThere(page, "submit.button", f.Button)
	}
	return button.First(), nil
}

// sends reports whether a control is a button that sends its form.
func sends(s *goquery.Selection) bool {
	kind := strings.ToLower(s.AttrOr("type", ""))
	if goquery.NodeName(s) == "button" {
		return kind != "button" && kind != "reset"
	}
	return kind == "submit" || kind == "image"
}

func off(s *goquery.Selection) bool {
	_, disabled := s.Attr("disabled")
	return disabled || s.Closest("fieldset[disabled]").Length() > 0
}

func formTarget(page place, form, button *goquery.Selection, f *recipe.Form, lookup func(string) (string, bool)) (string, error) {
	// A form without an action posts to its page, whatever <base> says.
	action := strings.TrimSpace(button.AttrOr("formaction", form.AttrOr("action", "")))
	if f.Action != nil {
		var err error
		if action, err = f.Action.Expand(lookup, nil); err != nil {
			return "", err
		}
	}
	if action == "" {
		return page.doc.page.URL, nil
	}
	u, err := page.base().Parse(action)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", &LayoutError{URL: bare(page.doc.page.URL), Field: "sign_in.steps: submit.action", Found: "an address that does not parse"}
	}
	return u.String(), nil
}

// formValues are the successful controls of a form (HTML Living Standard,
// 4.10.21.4), files left out.
func formValues(controls, button *goquery.Selection) url.Values {
	values := url.Values{}
	controls.Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		if off(s) {
			return
		}
		switch goquery.NodeName(s) {
		case "select":
			chosen(s).Each(func(_ int, o *goquery.Selection) {
				add(values, name, o.AttrOr("value", strings.TrimSpace(o.Text())))
			})
			return
		case "textarea":
			add(values, name, text(s))
			return
		case "button":
			return // see below
		}
		switch strings.ToLower(s.AttrOr("type", "")) {
		case "submit", "image", "button", "reset", "file":
		case "checkbox", "radio":
			if _, on := s.Attr("checked"); on {
				add(values, name, s.AttrOr("value", "on"))
			}
		default:
			add(values, name, s.AttrOr("value", ""))
		}
	})
	if button.Length() > 0 {
		add(values, button.AttrOr("name", ""), button.AttrOr("value", ""))
	}
	return values
}

func add(values url.Values, name, value string) {
	if name != "" {
		values.Add(name, value)
	}
}

// encode writes values in the form's own way; one that is not known is the
// usual one, as in a browser.
func encode(values url.Values, kind string) (body []byte, contentType string, err error) {
	if kind != "multipart/form-data" {
		return []byte(values.Encode()), urlEncoded, nil
	}
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range values[name] {
			if err := w.WriteField(name, value); err != nil {
				return nil, "", err
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return out.Bytes(), w.FormDataContentType(), nil
}
