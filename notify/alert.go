package notify

import (
	"fmt"
	"strings"
	"time"
)

// AlertKind says what is in trouble.
type AlertKind string

// Kinds of alert. The words for them stand in the templates.
const (
	AlertShop    AlertKind = "shop"    // visits of it fail
	AlertRefused AlertKind = "refused" // it refuses user and password
	AlertNeed    AlertKind = "need"    // it waited for a person; only its end is told so
	AlertEmail   AlertKind = "email"   // mail does not go out
	AlertSMS     AlertKind = "sms"     // text messages do not go out
	AlertInbox   AlertKind = "inbox"   // the mailbox of replies and bounces cannot be read
)

// Alert is a trouble that the seller is told of at once, apart from the digest,
// and once more when it is over.
type Alert struct {
	Kind  AlertKind
	Shop  string // for those that concern one
	Words string // what the other side says, and what to do about it
	From  time.Time
	Over  time.Time      // zero while it lasts
	Zone  *time.Location // of the seller; nil is UTC
}

// RenderAlert writes the mail about a trouble, or, with [Alert.Over], about its
// end. An end that is told alone, since nothing could be mailed before, says
// what the trouble was as well.
func RenderAlert(a Alert, language string) (subject, text, htm string, err error) {
	zone := a.Zone
	if zone == nil {
		zone = time.UTC
	}
	view := struct {
		Subject, Kind, Shop, Words, From, Over string
	}{Kind: string(a.Kind), Shop: clean(a.Shop, maxName), Words: cleanWords(a.Words), From: moment(a.From, zone), Over: moment(a.Over, zone)}
	return renderMail("alert", &view, &view.Subject, language)
}

// Reply is what a buyer has answered, for the seller to read at once.
type Reply struct {
	Shop, Number, Name string // of the order that it is about; may be ""
	From               string // the address or number; the seller owns it
	Channel            string // "email" or "sms"
	Words              string // the buyer's own
	At                 time.Time
	Zone               *time.Location // nil is UTC
}

// RenderReply writes the mail that hands a buyer's words on to the seller.
func RenderReply(r Reply, language string) (subject, text, htm string, err error) {
	zone := r.Zone
	if zone == nil {
		zone = time.UTC
	}
	view := struct {
		Subject, Shop, Number, Name, From, Channel, At string
		Words                                          []string
	}{
		Shop: clean(r.Shop, maxName), Number: defang(clean(r.Number, maxNumber)), Name: cleanName(r.Name), From: clean(r.From, maxLine),
		Channel: r.Channel, At: moment(r.At, zone),
	}
	for line := range strings.Lines(r.Words) {
		if line = defang(clean(line, 4*maxLine)); line != "" {
			view.Words = append(view.Words, line)
		}
	}
	return renderMail("reply", &view, &view.Subject, language)
}

// renderMail renders one of the small mails to the seller: NAME-subject,
// NAME-text and NAME-html stand beside the digest's templates.
func renderMail(name string, view any, line *string, language string) (subject, text, htm string, err error) {
	fail := func(err error) (string, string, string, error) {
		return "", "", "", fmt.Errorf("mail of the kind %q: %w", name, err)
	}
	texts, err := LoadTexts("")
	if err != nil {
		return fail(err)
	}
	if language == "" {
		language = "en"
	}
	tmpl, ok := texts.digests[language]
	if !ok {
		return fail(fmt.Errorf("there is none in language %q", language))
	}
	if *line, err = tmpl.line(name+"-subject", view); err != nil {
		return fail(err)
	}
	var plain, rich strings.Builder
	if err := tmpl.text.ExecuteTemplate(&plain, name+"-text", view); err != nil {
		return fail(err)
	}
	if err := tmpl.html.ExecuteTemplate(&rich, name+"-html", view); err != nil {
		return fail(err)
	}
	return *line, emptyLines.ReplaceAllString(plain.String(), "\n\n"), rich.String(), nil
}
