package notify

import "strings"

// Encodings of an SMS.
const (
	gsm7 = "GSM-7"
	ucs2 = "UCS-2"
)

// The GSM 7-bit default alphabet and its extension table, whose characters take
// two places. Source: 3GPP TS 23.038, 6.2.1.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtension = "\f^{}\\[~]|€"
)

// Segments says in how many parts an SMS goes out, and in which encoding: GSM-7
// has 160 places, or 153 a part; UCS-2 has 70, or 67 a part. A character of two
// places is not torn apart. Source: 3GPP TS 23.040, 9.2.3.24.1.
func Segments(text string) (parts int, encoding string) {
	if text == "" {
		return 0, gsm7
	}
	if notGSM(text) == "" {
		return parted(text, 160, 153, func(r rune) int {
			if strings.ContainsRune(gsmExtension, r) {
				return 2
			}
			return 1
		}), gsm7
	}
	return parted(text, 70, 67, func(r rune) int {
		if r > 0xffff { // a surrogate pair
			return 2
		}
		return 1
	}), ucs2
}

func parted(text string, whole, part int, places func(rune) int) int {
	sum, parts, used := 0, 1, 0
	for _, r := range text {
		n := places(r)
		sum += n
		if used+n > part {
			parts, used = parts+1, 0
		}
		used += n
	}
	if sum <= whole {
		return 1
	}
	return parts
}

// notGSM is the characters of a text that GSM-7 does not have, each once.
func notGSM(text string) string {
	var b strings.Builder
	for _, r := range text {
		if !strings.ContainsRune(gsmBasic, r) && !strings.ContainsRune(gsmExtension, r) && !strings.ContainsRune(b.String(), r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainSMS replaces typography where that alone would make a text three times
// as dear.
func plainSMS(text string) string {
	plain := strings.NewReplacer(
		"\u00a0", " ", "\u202f", " ", "‘", "'", "’", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
		"–", "-", "—", "-", "‑", "-", "−", "-", "…", "...", "•", "-", "×", "x", "´", "'", "`", "'", "\t", " ",
	).Replace(text)
	if notGSM(plain) == "" {
		return plain
	}
	return text
}
