package notify

// RenderNeed writes the mail that says, once, that a shop waits for the seller:
// what the shop wants and the command to type. picture is a file on the seller's
// computer, "" if there is none; others tells whether there are other shops.
func RenderNeed(n Need, picture string, others bool, language string) (subject, text, htm string, err error) {
	view := struct {
		needView
		Subject, Picture string
		Others           bool
	}{needView: n.view(), Picture: clean(picture, maxLine), Others: others}
	return renderMail("need", &view, &view.Subject, language)
}
