package notify

import (
	"fmt"
	"strings"
)

// RenderNeed writes the mail that says, once, that a shop waits for the seller:
// what the shop wants and the command to type. picture is a file on the seller's
// computer, "" if there is none; others tells whether there are other shops.
func RenderNeed(n Need, picture string, others bool, language string) (subject, text, htm string, err error) {
	texts, err := LoadTexts("")
	if err != nil {
		return "", "", "", err
	}
	if language == "" {
		language = "en"
	}
	tmpl, ok := texts.digests[language]
	if !ok {
		return "", "", "", fmt.Errorf("there is no mail about needs in language %q", language)
	}
	view := struct {
		Subject, Shop, What, Do, Picture string
		Others                           bool
	}{Shop: clean(n.Shop, maxName), What: cleanWords(n.What), Do: clean(n.Do, maxLine), Picture: clean(picture, maxLine), Others: others}
	if view.Subject, err = tmpl.line("need-subject", view); err != nil {
		return "", "", "", fmt.Errorf("mail about a need: %w", err)
	}
	var plain, rich strings.Builder
	if err = tmpl.text.ExecuteTemplate(&plain, "need-text", view); err != nil {
		return "", "", "", fmt.Errorf("mail about a need: %w", err)
	}
	if err = tmpl.html.ExecuteTemplate(&rich, "need-html", view); err != nil {
		return "", "", "", fmt.Errorf("mail about a need: %w", err)
	}
	return view.Subject, emptyLines.ReplaceAllString(plain.String(), "\n\n"), rich.String(), nil
}
