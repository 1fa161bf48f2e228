package notify

import (
	"cmp"
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
	moment, zone := localeOf(cmp.Or(language, "en")).moment, cmp.Or(a.Zone, time.UTC)
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
	view := struct {
		Subject, Shop, Number, Name, From, Channel, At string
		Words                                          []string
	}{
		Shop: clean(r.Shop, maxName), Number: defang(clean(r.Number, maxNumber)), Name: cleanName(r.Name), From: clean(r.From, maxLine),
		Channel: r.Channel, At: localeOf(cmp.Or(language, "en")).moment(r.At, cmp.Or(r.Zone, time.UTC)),
	}
	for line := range strings.Lines(r.Words) {
		if line = defang(clean(line, 4*maxLine)); line != "" {
			view.Words = append(view.Words, line)
		}
	}
	return renderMail("reply", &view, &view.Subject, language)
}

// renderMail renders one of the small mails to the seller: NAME-subject stands
// with the words, NAME-text and NAME-html with the layout.
func renderMail(name string, view any, line *string, language string) (subject, text, htm string, err error) {
	texts, err := loadSeller(language)
	if err == nil {
		*line, err = texts.line(name+"-subject", view)
	}
	if err == nil {
		text, htm, err = texts.render(name+"-", view)
	}
	if err != nil {
		return "", "", "", fmt.Errorf("mail of the kind %q: %w", name, err)
	}
	return *line, text, htm, nil
}
