package fetch_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"nudged/crawler/fetch"
)

const chinese = "王小明的订单"

func TestCharset(t *testing.T) {
	gbk, _ := simplifiedchinese.GB18030.NewEncoder().String(chinese + " 𠮷")
	big5, _ := traditionalchinese.Big5.NewEncoder().String("王小明")
	meta := func(name, text string) string { return `<html><head><meta charset="` + name + `"></head>` + text }
	tests := []struct{ name, typ, body, fallback, want string }{
		{"header", "text/html; charset=gb2312", gbk, "", chinese + " 𠮷"},
		{"meta only", "text/html", meta("gbk", gbk), "", chinese},
		{"meta http-equiv", "text/html", `<meta http-equiv="Content-Type" content="text/html; charset=big5">` + big5, "", "王小明"},
		{"recipe", "text/html", "<p>" + gbk, "gbk", chinese},
		{"header before recipe", "text/html; charset=utf-8", chinese, "big5", chinese},
		{"unknown in the header, meta counts", "text/html; charset=martian", meta("gbk", gbk), "", chinese},
		{"plain UTF-8", "text/html", chinese, "", chinese},
		{"byte order mark", "text/html; charset=gbk", "\xef\xbb\xbf" + chinese, "", chinese},
		{"JSON in GBK by header", "application/json;charset=GBK", `{"n":"` + gbk + `"}`, "", chinese},
		{"JSON looks into no meta tag", "application/json", `{"n":"<meta charset=gbk>` + chinese + `"}`, "", chinese},
		{"a letter cut in the middle", "text/html", chinese + chinese[:2], "", chinese},
		{"no text", "image/png", "\x89PNG\xff\xfe", "gbk", "\x89PNG\xff\xfe"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.typ)
				_, _ = io.WriteString(w, test.body)
			})
			p, err := client(t, fetch.Options{Charset: test.fallback}).Do(t.Context(), fetch.Request{URL: base})
			if err != nil || !strings.Contains(string(p.Body), test.want) {
				t.Errorf("%q, %v; want %q in it", p.Body, err, test.want)
			}
		})
	}
}

func TestCharsetThatNobodyTold(t *testing.T) {
	gbk, _ := simplifiedchinese.GBK.NewEncoder().String(chinese)
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<p>"+gbk)
	})
	_, err := client(t, fetch.Options{}).Do(t.Context(), fetch.Request{URL: base})
	if err == nil || kind(t, err) != fetch.BadAnswer || !strings.Contains(err.Error(), "charset:") {
		t.Errorf("mojibake instead of an error: %v", err)
	}
}
