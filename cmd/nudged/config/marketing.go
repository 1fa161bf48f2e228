package config

import (
	"slices"
	"strings"

	"nudged/notify"
	"nudged/store/order"
)

// marketing reports what a message with an offer needs: somebody who agreed to
// it, and in a mail a postal address.
func (l *loader) marketing(v value, step Step, row sequenceAt) {
	at := v.child("template")
	if step.Offer != "" {
		at = v.child("offer")
	}
	var asks, homeless []string
	for _, shop := range l.shopsOf(row) {
		if shop.Name == "" {
			continue
		}
		class, known := notify.Service, false
		if l.texts != nil {
			class, known = l.texts.Class(shop.Language, step.Template)
		}
		switch {
		case step.Offer == "" && class != notify.Marketing:
			continue
		case known && class != notify.Marketing:
			at.problem("the text %s shows no offer; write template: offer, or leave the offer out", quote(step.Template))
			return
		}
		if !shop.SoftOptIn {
			asks = append(asks, quote(shop.Name))
		}
		if shop.Address == "" && slices.Contains(step.By, order.ByEmail) {
			homeless = append(homeless, quote(shop.Name))
		}
	}
	if len(homeless) > 0 {
		at.problem("this is marketing, and such a mail must name a postal address; write address: for the shop %s", strings.Join(homeless, ", "))
	}
	if len(asks) > 0 {
		at.warn("this is marketing: at %s only buyers get it who are on record as having agreed (nudged buyers consent); soft_opt_in: true for the shop says that all its buyers may get it", strings.Join(asks, ", "))
	}
}

// approved reports a step by SMS whose text the provider has not approved.
func (l *loader) approved(v value, step Step) {
	s := l.cfg.SMS
	if s == nil || s.Provider != Aliyun || step.Template == "" || !slices.Contains(step.By, order.BySMS) || !l.top.get("sms").own("templates").there() {
		return
	}
	if _, ok := s.Templates[step.Template]; !ok {
		v.child("template").problem("aliyun sends only texts that it has approved; write sms: {templates: {%s: {code: SMS_…}}}", step.Template)
	}
}
