package order

import (
	"fmt"
	"log/slog"
	"strings"
)

// Two holes remain that a type cannot close, since they are strings inside: the
// verbs %p and %w, which fmt prints without asking and go vet refuses on a
// string, and map keys in JSON. So none of the three is ever a map's key in
// anything that is marshalled.

// Secret is a password, token or key. It prints as "[secret]" whatever verb is
// used, in logs and in JSON.
type Secret string

// Reveal gives the plain text, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[secret]"
}

// Format hides the secret from every fmt verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Email is an address in its normalized form (lower case, no blanks). It prints
// as "b***@example.com".
type Email string

// NormalEmail trims and lowers an address, so that one person's spellings meet.
// It does not judge whether the address can receive mail.
func NormalEmail(s string) Email { return Email(strings.ToLower(strings.TrimSpace(s))) }

// Reveal gives the plain address.
func (e Email) Reveal() string { return string(e) }

// String hides all but the first letter and the domain.
func (e Email) String() string {
	at := strings.LastIndexByte(string(e), '@')
	if at < 1 {
		return hide(string(e))
	}
	first := []rune(string(e))[0]
	return string(first) + "***" + string(e)[at:]
}

// Format hides the address from every fmt verb.
func (e Email) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.String())) }

// LogValue hides the address from slog.
func (e Email) LogValue() slog.Value { return slog.StringValue(e.String()) }

// MarshalText hides the address from JSON.
func (e Email) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Phone is a number in E.164 ("+8613800138000"). It prints as "+86*******00".
type Phone string

// Reveal gives the plain number.
func (p Phone) Reveal() string { return string(p) }

// String hides all but the country's first digits and the last two.
func (p Phone) String() string {
	if len(p) < 8 {
		return hide(string(p))
	}
	return string(p[:3]) + strings.Repeat("*", len(p)-5) + string(p[len(p)-2:])
}

// Format hides the number from every fmt verb.
func (p Phone) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// LogValue hides the number from slog.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText hides the number from JSON.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func hide(s string) string {
	if s == "" {
		return ""
	}
	return "***"
}
