package notify

import (
	"regexp"
	"slices"
	"strings"

	"nudged/store/order"
)

var (
	countryCode  = regexp.MustCompile(`^(?:[A-Z]{2})?$`)
	currencyCode = regexp.MustCompile(`^(?:[A-Z]{3})?$`)
)

// neverFits says what to write instead of a text that a name never is.
func neverFits(name, text string) string {
	switch name {
	case "reason":
		var known []string
		for _, r := range AllReasons() {
			known = append(known, string(r))
		}
		if !slices.Contains(known, text) {
			return meant(text, known)
		}
	case "weekday":
		known := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
		if !slices.Contains(known, text) {
			return meant(text, known)
		}
	case "last.status":
		if _, err := order.ParseStatus(text); text != "" && err != nil {
			var known []string
			for _, status := range order.Statuses() {
				known = append(known, string(status))
			}
			return meant(text, known)
		}
	case "buyer.country":
		if !countryCode.MatchString(text) {
			return "write two capital letters, as CN"
		}
	case "order.currency", "last.currency":
		if !currencyCode.MatchString(text) {
			return "write three capital letters, as USD"
		}
	case "buyer.domain":
		if strings.ToLower(text) != text || strings.Contains(text, "@") {
			return "write it in small letters and without @, as example.com"
		}
	}
	return ""
}

// meant names the known word that was probably meant, or all of them.
func meant(got string, known []string) string {
	got = strings.ToLower(got)
	for _, word := range known {
		if strings.HasSuffix(word, "."+got) || (len(got) > 2 && strings.HasPrefix(word, got)) {
			return "did you mean " + word + "?"
		}
	}
	if best := closestName(got, known); best != "" {
		return "did you mean " + best + "?"
	}
	return "known are " + strings.Join(known, ", ")
}

var (
	goType     = regexp.MustCompile(`\[\]string|\bstring\b|\bfloat64\b|\bint\b|\bbool\b|\[\]interface ?\{\}|\[\]any`)
	oldSnippet = regexp.MustCompile(`(?s) \(\d+:\d+\)\n.*$`)
)

// plainMessage says a message of the language's library in our words.
func plainMessage(m string) string {
	m = oldSnippet.ReplaceAllString(m, "")
	m = goType.ReplaceAllStringFunc(m, func(t string) string {
		if strings.HasPrefix(t, "[]") && t != "[]string" {
			return "list"
		}
		return plainType(t)
	})
	switch {
	case strings.Contains(m, `Operator("=")`):
		return "write == to compare"
	case strings.Contains(m, "maximum allowed nodes"):
		return "the condition has too many parts"
	case strings.Contains(m, "token EOF"):
		return "the condition ends too early"
	case strings.HasSuffix(m, ": % (mismatched types number and number)"):
		return "% asks for whole numbers on both sides"
	case strings.HasSuffix(m, ": in (mismatched types text and text)"):
		return `in asks for a list; of texts, write whole contains "part"`
	case strings.HasSuffix(m, "= (mismatched types list of texts and text)"), strings.HasSuffix(m, "= (mismatched types text and list of texts)"):
		return `a list is not one text; write "text" in list`
	}
	return m
}
