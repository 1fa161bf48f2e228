package notify

import (
	"context"
	"fmt"
	"strings"

	"nudged/store/order"
)

// preview shows a message to the seller instead of the buyer. It is begun as in
// live mode, so that the limit stops the same ones. The day's first ones are
// mailed, the rest is listed in the digest.
func (f *flush) preview(ctx context.Context, j *job, m Message) error {
	left, err := f.previewsLeft(ctx)
	if err != nil {
		return err
	}
	begun, err := f.begin(ctx, j, "")
	if err != nil || !begun {
		return err
	}
	r := *j.r
	r.State = order.Sending
	r.Attempts++
	listed := verdict{state: order.Shown, reason: "preview mode: listed in the digest"}
	sender := f.d.o.Senders[order.ByEmail]
	if _, paused := f.d.pausedUntil(order.ByEmail, f.now()); left < 1 || sender == nil || paused {
		return f.settle(ctx, r, listed)
	}
	m.From, m.FromName = f.s.Shops[r.Key.Order.Shop].From, clean(f.s.Shops[r.Key.Order.Shop].Name, maxName)
	if m, err = AsPreview(m, f.s.Seller[0], f.s.SellerLanguage); err != nil {
		return f.settle(ctx, r, verdict{state: order.Shown, reason: listed.reason + "; " + err.Error()})
	}
	receipt, err := sender.Send(ctx, m)
	if err == nil {
		f.d.recovered(order.ByEmail)
		return f.settle(ctx, r, verdict{state: order.Shown, reason: "preview mode: shown to the seller", provider: receipt.words(m), message: receipt.id(m)})
	}
	se := asSendError(err)
	if se.Kind == Temporary && ctx.Err() != nil {
		return f.settle(ctx, r, f.failure(ctx, j, r, se, m))
	}
	if se.Account {
		f.d.pause(order.ByEmail, se, f.now())
	}
	// The buyer was never to get anything, so nothing is at stake: one try is
	// enough, and the digest lists it.
	listed.reason += "; by mail: " + se.Error()
	return f.settle(ctx, r, listed)
}

func (f *flush) previewsLeft(ctx context.Context) (int, error) {
	if f.d.o.PreviewsLeft == nil || len(f.s.Seller) == 0 {
		return 0, nil
	}
	left, err := f.d.o.PreviewsLeft(ctx, f.now())
	if err != nil {
		return 0, fmt.Errorf("count of today's previews: %w", err)
	}
	return left, nil
}

// AsPreview turns a message to a buyer into one to the seller that shows it, an
// SMS into a mail, with a frame in the seller's language. It names the buyer's
// address: the seller owns it and has to see who would have been written to.
func AsPreview(m Message, seller order.Email, language string) (Message, error) {
	who := m.To.Reveal()
	if m.Phone != "" {
		who = m.Phone.Reveal()
	}
	if m.ToName != "" {
		who = m.ToName + " <" + who + ">"
	}
	view := struct {
		Who, Subject string
		SMS          bool
	}{Who: who, Subject: m.Subject, SMS: m.Phone != ""}
	if view.SMS {
		view.Subject = "SMS: " + clean(m.Text, 60)
	}
	texts, err := loadSeller(language)
	if err != nil {
		return Message{}, fmt.Errorf("preview: %w", err)
	}
	frame, banner, err := texts.render("frame-", &view)
	if err != nil {
		return Message{}, fmt.Errorf("preview: %w", err)
	}
	if m.Subject, err = texts.line("frame-subject", &view); err != nil {
		return Message{}, fmt.Errorf("preview: %w", err)
	}
	m.Text = frame + "\n" + strings.Repeat("-", 60) + "\n\n" + m.Text
	if at := strings.Index(m.HTML, "<body"); at >= 0 {
		if end := strings.IndexByte(m.HTML[at:], '>'); end >= 0 {
			m.HTML = m.HTML[:at+end+1] + banner + m.HTML[at+end+1:]
		}
	}
	m.MessageID = MessageID(m.Key, "preview", m.From)
	m.To, m.ToName, m.ReplyTo, m.ListUnsubscribe, m.Phone = seller, "", "", "", ""
	return m, nil
}
