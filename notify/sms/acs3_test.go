package sms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"nudged/notify/sms"
)

// TestOfficialVector is the worked example of help.aliyun.com, "V3版本请求体&签名机制".
func TestOfficialVector(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("x-acs-action", "RunInstances")
	req.Header.Set("x-acs-version", "2014-05-26")
	req.Header.Set("x-acs-date", "2023-10-26T10:22:32Z")
	req.Header.Set("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d")
	sms.Sign(req, "YourAccessKeyId", "YourAccessKeySecret")
	const want = "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version," +
		"Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
	if got := req.Header.Get("Authorization"); got != want {
		t.Errorf("signed\n%s\nwant\n%s", got, want)
	}
}

// verified checks a signature as the receiving side does: from what arrived, each
// value escaped anew.
func verified(r *http.Request, secret string) bool {
	_, rest, ok := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders=")
	signed, signature, ok2 := strings.Cut(rest, ",Signature=")
	if !ok || !ok2 {
		return false
	}
	var headers strings.Builder
	for name := range strings.SplitSeq(signed, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	for name := range r.Header {
		if low := strings.ToLower(name); strings.HasPrefix(low, "x-acs-") && !strings.Contains(";"+signed+";", ";"+low+";") {
			return false // a header that is not signed
		}
	}
	var query []string
	for name, values := range r.URL.Query() {
		query = append(query, rfc3986(name)+"="+rfc3986(values[0]))
	}
	slices.Sort(query)
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	canonical := strings.Join([]string{r.Method, "/", strings.Join(query, "&"), headers.String(), signed, sum("")}, "\n")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + sum(canonical)))
	return signature == hex.EncodeToString(mac.Sum(nil))
}

func rfc3986(s string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
}
