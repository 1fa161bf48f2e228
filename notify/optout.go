package notify

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longestOptOut bounds what is looked at: longer texts are letters, not words.
const longestOptOut = 200

// firstLines is in how many lines of a longer text an opt-out is looked for:
// before it there may be a greeting.
const firstLines = 3

// OptsOut reports whether the words, all of them, say that no more messages are
// wanted: one of the words that operators and the law name (STOP, 退订 and so
// on), or a short phrase that means nothing else. Case, full-width letters,
// punctuation around it and a "please" do not matter. A sentence that only
// contains such a word is none, and neither is a question.
func OptsOut(words string) bool {
	if len(words) > longestOptOut {
		return false
	}
	folded := foldWords(words)
	if optsOutFolded(folded) || optsOutFolded(strings.ReplaceAll(folded, " ", "")) { // "T D", "退 订"
		return true
	}
	all := strings.Fields(folded) // "stop stop", "TD 退订"
	for _, word := range all {
		if !optOutWord(word) && !optOutPhrase(word) {
			return false
		}
	}
	return len(all) > 0
}

// OptsOutIn is the same for a longer text, as a mail: all of it opts out, or one
// of its first lines does so unmistakably. A line "cancel" above other words may
// be about the order, so it is left to a person.
func OptsOutIn(text string) bool {
	if OptsOut(text) {
		return true
	}
	seen := 0
	for line := range strings.Lines(text) {
		folded := ""
		if len(line) <= longestOptOut {
			if folded = foldWords(line); folded == "" {
				continue
			}
		}
		if optOutPhrase(withoutManners(folded)) {
			return true
		}
		if seen++; seen == firstLines {
			break
		}
	}
	return false
}

func optsOutFolded(folded string) bool {
	return optOutWord(folded) || optOutPhrase(withoutManners(folded))
}

// foldWords brings spellings together: NFKC makes full-width letters plain ones,
// then lower case, one blank between words, and nothing around them but a
// question mark, which changes the meaning.
func foldWords(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
			return -1 // zero-width marks, accents taken apart, variation selectors of emoji
		case unicode.IsSpace(r), unicode.IsControl(r), r == '-', r == '_', r == '\'', r == '’':
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(strings.ToValidUTF8(s, "")))
	s = strings.TrimFunc(norm.NFKC.String(s), func(r rune) bool {
		return r != '?' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(strings.Fields(s), " ")
}

// withoutManners takes the courtesies off both ends.
func withoutManners(s string) string {
	for {
		before := s
		for _, m := range []string{"please", "pls", "plz", "kindly", "just", "hi", "hello", "请", "麻烦", "你好", "您好"} {
			s = strings.TrimLeft(strings.TrimPrefix(s, m), " ,.!、。:")
		}
		for _, m := range []string{"please", "pls", "plz", "thanks", "thank you", "thx", "now", "immediately", "谢谢", "多谢", "了", "吧"} {
			s = strings.TrimRight(strings.TrimSuffix(s, m), " ,.!、。")
		}
		if s == before {
			return s
		}
	}
}

// optOutWord knows the words that count when they stand alone. The letters are
// what Chinese operators have had printed under promotions, the English words
// those of the FCC (24-24) and of the American operators. ARRET is Canada's.
func optOutWord(s string) bool {
	switch s {
	case "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "arret",
		"r", "t", "td", "n", "tt", "qx", "退订", "退訂", "拒收", "拒絕", "拒绝", "取消":
		return true
	}
	return false
}

// optOutPhrase knows what can be about nothing but the messages.
func optOutPhrase(s string) bool {
	switch s {
	case "stop", "stopall", "stop all", "unsubscribe", "unsubscribe me", "unsubscribed", "unsubscribe all", "unsub", "optout", "opt out", "opt me out",
		"stop it", "stop this", "stop texting", "stop texting me", "stop messaging me", "stop mailing me", "stop emailing me", "stop e mailing me",
		"stop messages", "stop sending", "stop sending messages", "stop sending me messages", "stop sending me emails", "stop sending me texts",
		"stop contacting me", "stop writing to me", "stop writing me", "do not contact me", "don t contact me",
		"do not text me", "don t text me", "do not email me", "don t email me", "do not write to me", "don t write to me",
		"no more", "no more messages", "no more mails", "no more emails", "no more texts", "no more reminders",
		"remove me", "remove me from your list", "remove me from this list", "take me off your list", "take me off this list", "leave me alone":
		return true
	case "退订", "退訂", "拒收", "我要退订", "我要退訂", "我要拒收", "退订短信", "退订邮件", "退订通知", "退订回t", "退订t", "t退订", "td退订", "退订td",
		"取消订阅", "取消訂閱", "我要取消订阅", "不再接收", "不要再发", "不要再发送", "不要再发短信", "不要再发邮件", "不要再发消息", "不要再给我发", "不要再给我发短信",
		"不要再给我发邮件", "不要再给我发消息", "不要再發", "别再发", "别再发短信", "别再发邮件", "别再给我发", "别再给我发短信", "别再给我发邮件", "别发", "别发短信", "别给我发短信", "停止发送", "停止發送", "不想再收到",
		"不想再收到短信", "不想再收到邮件", "不要再联系我", "别再联系我", "不要再打扰", "不要再打扰我", "别再打扰我", "请勿打扰", "勿扰", "别烦我":
		return true
	}
	return false
}
