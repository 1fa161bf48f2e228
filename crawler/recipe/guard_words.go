package recipe

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// The words below are what back-offices write into addresses that change
// something when they are merely opened. They err towards stopping: a page that
// is stopped by mistake shows up at once, an order that was cancelled does not
// come back. Past participles ("cancelled", "deleted") and plurals ("refunds",
// "payments") are names of lists and pass.

// anywhere in a segment: /orders/delete-all, ?s=order/deleteOne.
var wordAnywhere = regexp.MustCompile(`^(delete|destroy|erase|purge|wipe|remove|trash|untrash|cancel|refund|void` +
	`|logout|signout|logoff|signoff|bulk|unpublish|resend|unhold)$`)

// alone in a segment: /orders/12/pay, but not /payments or /pay-later.php.
var wordAlone = regexp.MustCompile(`^(del|lock|unlock|edit[-_]?lock|(log|sign)[-_](out|off)` +
	`|pay|repay|charge|capture|ship|deliver|dispatch|fulfill?|receive|collect|confirm|approve|reject|accept|decline` +
	`|close|reopen|finish|complete|settle|release|archive|unarchive|restore` +
	`|update|save|store|modify|set|clear|reset|flush|truncate|drop` +
	`|enable|disable|activate|deactivate|toggle|publish|duplicate|clone` +
	`|send|notify|sendmail|send[-_]email` +
	`|take-?over|impersonate|switch-user|import|install|uninstall|upgrade|rollback)$`)

// in the value of a key that names an action: action=woocommerce_mark_order_status.
var wordOfAction = regexp.MustCompile(`^(mark|unset|add|create|insert|assign|merge|split|process|run|execute` +
	`|start|stop|grant|revoke|regenerate|generate)$`)

// keys whose value is an action or a route.
var actionNameKey = regexp.MustCompile(`^(action2?|act|do|op|oper|operation|cmd|command|task|method|event|ac|func|function|fn` +
	`|route|r|s|m|mod|a|ajax|wc[-_]ajax|bulk_?action)$`)

// keys whose value is what a list or an answer shows, or where to go afterwards.
var passingKey = regexp.MustCompile(`(?i)status|state|filter|search|keyword|query|^q$|sort|orderby|tab$|type|view|lang|include|expand|embed|populate|fields|^with\b|redirect|return|next|back|referer|referrer|continue|from|_wp_http`)

// keys whose value is random: in some tens of thousands of tokens, one spells a
// word.
var randomKey = regexp.MustCompile(`(token|nonce|csrf|signature)$`)

// keys that are an action themselves: ?deleteorder, ?remove_item=12.
var actionKey = regexp.MustCompile(`^(my)?(logout|signout)$|^(submit_?)?(bulk_?)?(delete|del|remove|destroy|trash|cancel|refund|void|purge)` +
	`(_?(bulk|selected|all|order|item|product|cart|post|row|id|entry|customer|invoice)(s|es)?)*$`)

// a value that reads like a name or a path: delete, order/delete, sale/order.delete.
var routeValue = regexp.MustCompile(`^/?[\w\-]+([/.|:][\w\-]+)*/?$`)

// files that a page loads: the script of a delete button deletes nothing.
var staticFile = regexp.MustCompile(`(?i)\.(m?js|css|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|wasm)$`)

// a mutation in any value: servers take GraphQL by GET under several names.
var mutationWord = regexp.MustCompile(`\b(mutation|subscription)\b`)

// writingAddress returns why opening an address may change something, or "".
func writingAddress(u *url.URL) string {
	if why := writingPath(u); why != "" {
		return why
	}
	for key, values := range looseQuery(u.RawQuery) {
		for _, value := range values {
			if why := writingParameter(strings.ToLower(key), value); why != "" {
				return why
			}
		}
	}
	return ""
}

// overriding returns why an address asks for more than its method says: another
// method, or a GraphQL operation that is no query.
func overriding(u *url.URL) string {
	query := looseQuery(u.RawQuery)
	for key, values := range query {
		for _, value := range values {
			key := strings.ToLower(key)
			if (key == "_method" || key == "x-http-method-override") && !strings.EqualFold(value, "get") {
				return "its parameter " + clip(key, 40) + " changes the method"
			}
			if mutationWord.MatchString(value) && strings.Contains(value, "{") ||
				key == "query" && strings.Contains(value, "{") && GraphQLReadOnly(value) != nil {
				return "its parameter " + clip(key, 40) + " is GraphQL that is not a plain query"
			}
		}
	}
	if strings.Contains(query.Get("extensions"), "persistedQuery") && !query.Has("query") {
		return "it asks for a stored GraphQL document, which can not be seen"
	}
	return ""
}

// looseQuery parses a query as the most lenient of servers would: what does not
// parse is taken as it stands, and ; separates too.
func looseQuery(raw string) url.Values {
	values := url.Values{}
	for pair := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		values.Add(unescape(key), unescape(value))
	}
	return values
}

func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

func writingPath(u *url.URL) string {
	p := u.Path
	if staticFile.MatchString(p) {
		p = path.Dir(p)
	}
	for segment := range strings.SplitSeq(p, "/") {
		if w := writingSegment(segment); w != "" {
			return "its path says " + w
		}
	}
	return ""
}

// writingSegment returns the word that makes one part of a path suspect.
func writingSegment(segment string) string {
	for part := range strings.FieldsFuncSeq(segment, func(r rune) bool { return strings.ContainsRune(".,:;|!~", r) }) {
		if lower := strings.ToLower(part); wordAlone.MatchString(lower) {
			return lower
		}
		for _, w := range splitWords(part) {
			if wordAnywhere.MatchString(w) {
				return w
			}
		}
	}
	return ""
}

func writingParameter(key, value string) string {
	switch {
	case actionKey.MatchString(key):
		return "its parameter " + clip(key, 40) + " is an action"
	case strings.Contains(value, "{"): // GraphQL or JSON, see overriding
		return ""
	case actionNameKey.MatchString(strings.TrimSuffix(key, "[]")):
		if w := writingAction(value); w != "" {
			return "its parameter " + clip(key, 40) + " says " + w
		}
		return ""
	case passingKey.MatchString(key), randomKey.MatchString(key):
		return ""
	}
	if routeValue.MatchString(value) {
		for segment := range strings.SplitSeq(value, "/") {
			if w := writingSegment(segment); w != "" {
				return "its parameter " + clip(key, 40) + " says " + w
			}
		}
	}
	return ""
}

// writingAction judges the value of an action key: a route as a path, a name
// word by word.
func writingAction(value string) string {
	for segment := range strings.SplitSeq(value, "/") {
		if w := writingSegment(segment); w != "" {
			return w
		}
		for _, w := range splitWords(segment) {
			if wordAnywhere.MatchString(w) || wordAlone.MatchString(w) || wordOfAction.MatchString(w) {
				return w
			}
		}
	}
	return ""
}

// splitWords splits an identifier: "deleteOrder", "mark_order-status".
func splitWords(s string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	var before rune
	for _, r := range s {
		if !unicode.IsLetter(r) {
			flush()
		} else {
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				flush()
			}
			word = append(word, r)
		}
		before = r
	}
	flush()
	return out
}
