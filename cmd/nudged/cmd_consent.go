package main

import (
	"errors"
	"strings"

	"nudged/store/order"
)

type consentCmd struct {
	Contact string `arg:"" help:"E-mail address, or phone number with country code."`
	Source  string `help:"Where the yes was given: a form, a call, a list that was taken over."`
	Wording string `help:"What the person said yes to, word for word."`
	Revoke  bool   `help:"The person takes it back."`
}

func (consentCmd) remote() {}

// Run keeps or withdraws a consent to messages that advertise something.
func (c consentCmd) Run(s *session) error {
	c.Source, c.Wording = strings.TrimSpace(c.Source), strings.TrimSpace(c.Wording)
	switch {
	case c.Revoke && (c.Source != "" || c.Wording != ""):
		return &usageError{errors.New("--revoke stands alone")}
	case !c.Revoke && (c.Source == "" || c.Wording == ""):
		return &usageError{errors.New("a consent is worth something only with where it was given and what for; write --source and --wording")}
	}
	a, done, err := s.open(false)
	if err != nil {
		return err
	}
	defer done()
	given := order.Consent{At: a.now(), Source: c.Source, Wording: c.Wording}
	if c.Revoke {
		given = order.Consent{}
	}
	if err := a.db.SetConsent(s.ctx, c.Contact, given); err != nil {
		return err
	}
	if c.Revoke {
		s.printf("Done. This person gets no offers any more; reminders of open orders still go out. To stop those too: nudged buyers suppress\n")
		return nil
	}
	what := "number by text message"
	if strings.Contains(c.Contact, "@") {
		what = "address by mail"
	}
	s.printf("Done. Messages with an offer may go to this %s, from every shop.\n", what)
	return nil
}
