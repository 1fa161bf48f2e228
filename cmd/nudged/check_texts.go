package main

import (
	"fmt"
	"strings"
	"unicode"

	"nudged/cmd/nudged/config"
	"nudged/cmd/nudged/table"
	"nudged/notify"
	"nudged/store/order"
)

// lint reads all texts as channels and providers will. What is wrong enough not to
// be sent is a mistake in the config.
func lint(s *session, cfg *config.Config, texts *notify.Texts) error {
	wrong := 0
	for _, f := range texts.Lint(cfg.Settings(), providers(cfg)) {
		kind := "warning"
		if f.Error {
			kind = "error"
			wrong++
		}
		s.sayf("%s: %s: %s\n", kind, table.Clean(f.Where), table.Clean(f.Message))
	}
	if wrong > 0 {
		return &usageError{fmt.Errorf("%d of the texts must not go out as they are; see above", wrong)}
	}
	return nil
}

// lintCampaign reads a campaign's text in the same way. What must not go out as it
// is is the error, all at once.
func lintCampaign(cfg *config.Config, texts *notify.Texts, c *config.Campaign) (warnings config.Problems, err error) {
	var wrong config.Problems
	for _, f := range texts.LintCampaign(cfg.Settings(), c.Campaign, providers(cfg)) {
		p := config.Problem{File: c.File, Message: table.Clean(f.Where) + ": " + table.Clean(f.Message)}
		if f.Error {
			wrong = append(wrong, p)
		} else {
			warnings = append(warnings, p)
		}
	}
	if len(wrong) > 0 {
		return warnings, wrong
	}
	return warnings, nil
}

// providers are what carries the messages of each channel, as far as texts have
// to know them.
func providers(cfg *config.Config) map[order.Channel]notify.Provider {
	out := map[order.Channel]notify.Provider{}
	if cfg.Email != nil {
		out[order.ByEmail] = notify.Provider{Name: "smtp"}
	}
	if c := cfg.SMS; c != nil {
		p := notify.Provider{Name: c.Provider, Sign: c.Sign, Price: c.Price, OptOut: c.OptOut, OneWay: oneWay(c), Templates: map[string]notify.ProviderText{}}
		for name, t := range c.Templates {
			p.Templates[name] = notify.ProviderText{Code: t.Code, Text: t.Text, Kind: t.Kind, Params: t.Params}
		}
		out[order.BySMS] = p
	}
	return out
}

// oneWay reports whether replies to a text message reach nobody, or not nudged.
func oneWay(c *config.SMS) bool {
	word := strings.ContainsFunc(c.From, unicode.IsLetter)
	switch c.Provider {
	case config.Kannel:
		return word || c.Replies == nil
	case config.Twilio:
		return word && !strings.HasPrefix(c.From, "MG") // a messaging service has numbers of its own
	}
	return true
}

// steps counts them, those of sequences among them.
func steps(cfg *config.Config) int {
	n := len(cfg.Reminders.Steps)
	for _, q := range cfg.Reminders.Sequences {
		n += len(q.Steps)
	}
	return n
}
