package inbox

import (
	"regexp"
	"strings"
)

var (
	// attribution is the line above a quoted mail, in the words of the usual programs.
	attribution = regexp.MustCompile(`(?i)^(` + strings.Join([]string{
		`-{2,}\s*(original message|original mail|forwarded message|forwarded mail|reply message|replied message|原始邮件|原邮件|回复的原邮件|转发的邮件|转发邮件|邮件原件|原始郵件).*`,
		`_{10,}`,
		`begin forwarded message:?`,
		`.*\swrote\s*:`, `le\s.*\sa écrit\s*:`, `am\s.*\sschrieb.*:`, `el\s.*\sescribió\s*:`,
		`.*(写道|寫道|编写|写到)\s*[:\x{FF1A}]`,
		`(发件人|寄件者|寄件人|發件人|发送人)\s*[:\x{FF1A}].*`,
	}, "|") + `)$`)

	// device is the line that phones and mail programs add.
	device = regexp.MustCompile(`(?i)^((发自|发送自|来自|來自|發自)\s*(我的|网易|網易|qq|foxmail|outlook|iphone|ipad|新浪|阿里).{0,40}|` +
		`(sent|envoyé|gesendet|enviado) (from|via|with|depuis|von|desde) (my|mon|meinem|mi|outlook|mail for|yahoo|proton|the |samsung|huawei|gmail|aol|spark).{0,60}|` +
		`get outlook for .{1,40})$`)

	fromField = regexp.MustCompile(`(?i)^\*?(from|von|de)\s*:\*?\s*.+`)
	// nextField is what follows a From in the head of a quoted mail.
	nextField = regexp.MustCompile(`(?i)^\*?(sent|date|to|subject|reply-to|cc|gesendet|datum|envoyé|enviado)\s*[:\x{FF1A}]`)
)

// ownText is what the sender has written, without the mail it answers and
// without a signature.
func ownText(m *letter) string {
	text := withoutQuotes(m.text)
	if strings.TrimSpace(text) == "" && m.html != "" {
		text = withoutQuotes(htmlText(m.html))
	}
	return clean(text)
}

// maxLines bounds what is looked through: more is no answer to a reminder.
const maxLines = 3000

func withoutQuotes(s string) string {
	var own []string
	lines := strings.SplitN(strings.ReplaceAll(s, "\r\n", "\n"), "\n", maxLines+1)
	lines = lines[:min(len(lines), maxLines)]
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.TrimRight(lines[i], " ") == "--" {
			break
		}
		if n := quoteHead(line, lines[i+1:]); n > 0 {
			if !quotedNext(lines[i+n:]) {
				break
			}
			i += n - 1 // the quoted lines are marked: an answer may stand between or below them
			continue
		}
		if !strings.HasPrefix(line, ">") && !device.MatchString(line) {
			own = append(own, lines[i])
		}
	}
	return strings.Join(own, "\n")
}

// quoteHead says how many lines, from this one on, announce a quoted mail.
func quoteHead(line string, after []string) int {
	if line == "" || len(line) > 500 {
		return 0
	}
	if attribution.MatchString(line) {
		return 1
	}
	if len(after) == 0 {
		return 0
	}
	next := strings.TrimSpace(after[0])
	// A long one is folded: "On Saturday, somebody <address>" / "wrote:".
	for _, begin := range []string{"On ", "Le ", "Am ", "El ", "在", "于"} {
		if strings.HasPrefix(line, begin) && len(next) < 300 && attribution.MatchString(line+" "+next) {
			return 2
		}
	}
	if fromField.MatchString(line) && nextField.MatchString(next) {
		return 1
	}
	return 0
}

// quotedNext reports whether the next line that is not empty is marked as quoted.
func quotedNext(lines []string) bool {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return strings.HasPrefix(line, ">")
		}
	}
	return false
}
