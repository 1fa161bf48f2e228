package extract

import (
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"nudged/crawler/recipe"
)

// Form fills a page's form as a browser would send it: all that it holds, the
// button's own name and value, and the recipe's fields over that. It is always
// posted: a password has no place in an address.
func Form(p recipe.Page, f *recipe.Form, lookup func(string) (string, bool)) (FormPost, error) {
	page := place{doc: newDocument(p)}
	root, err := page.selection()
	if err != nil {
		return FormPost{}, err
	}
	form := find(root, &f.Select).First()
	if form.Length() == 0 {
		return FormPost{}, &LayoutError{URL: bare(p.URL), Field: "sign_in.form.select", Want: f.Select.Source}
	}
	values := formValues(form)
	for _, pair := range f.Fields {
		text, err := pair.Value.Expand(lookup, nil)
		if err != nil {
			return FormPost{}, err
		}
		values.Set(pair.Name, text)
	}
	target, err := formTarget(page, form, f, lookup)
	return FormPost{Method: "POST", URL: target, Values: values}, err
}

func formTarget(page place, form *goquery.Selection, f *recipe.Form, lookup func(string) (string, bool)) (string, error) {
	// A form without an action posts to its page, whatever <base> says.
	action := strings.TrimSpace(form.AttrOr("action", ""))
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
		return "", &LayoutError{URL: bare(page.doc.page.URL), Field: "sign_in.form.action", Found: "an address that does not parse"}
	}
	return u.String(), nil
}

// formValues are the successful controls of a form (HTML Living Standard,
// 4.10.21.4), files left out.
func formValues(form *goquery.Selection) url.Values {
	values := url.Values{}
	button := false
	form.Find("input, select, textarea, button").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		if _, off := s.Attr("disabled"); off {
			return
		}
		kind := strings.ToLower(s.AttrOr("type", ""))
		switch goquery.NodeName(s) {
		case "select":
			addSelected(values, name, s)
			return
		case "textarea":
			add(values, name, text(s))
			return
		case "button":
			if kind == "" {
				kind = "submit"
			}
		}
		switch kind {
		case "submit", "image":
			if !button {
				button = true
				add(values, name, s.AttrOr("value", ""))
			}
		case "button", "reset", "file":
		case "checkbox", "radio":
			if _, on := s.Attr("checked"); on {
				add(values, name, s.AttrOr("value", "on"))
			}
		default:
			add(values, name, s.AttrOr("value", ""))
		}
	})
	return values
}

func add(values url.Values, name, value string) {
	if name != "" {
		values.Add(name, value)
	}
}

func addSelected(values url.Values, name string, s *goquery.Selection) {
	options := s.Find("option")
	chosen := options.Filter("[selected]")
	if _, multiple := s.Attr("multiple"); chosen.Length() == 0 && !multiple {
		chosen = options.First()
	}
	chosen.Each(func(_ int, o *goquery.Selection) {
		add(values, name, o.AttrOr("value", strings.TrimSpace(o.Text())))
	})
}
