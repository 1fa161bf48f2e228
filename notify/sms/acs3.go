package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"nudged/store/order"
)

// sign puts a signature of Alibaba Cloud's third version on a request, which has
// its query in url.Values.Encode's order and no body. Source: help.aliyun.com,
// "V3版本请求体&签名机制" (document_detail/2712195).
func sign(req *http.Request, user string, key order.Secret) {
	const algorithm = "ACS3-HMAC-SHA256"
	empty := hash("")
	req.Header.Set("x-acs-content-sha256", empty)
	names := []string{"host"}
	for name := range req.Header {
		if low := strings.ToLower(name); strings.HasPrefix(low, "x-acs-") || low == "content-type" {
			names = append(names, low)
		}
	}
	slices.Sort(names)
	var headers strings.Builder
	for _, name := range names {
		value := req.Header.Get(name)
		if name == "host" {
			value = req.URL.Host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	path := req.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	signed := strings.Join(names, ";")
	canonical := strings.Join([]string{req.Method, path, req.URL.RawQuery, headers.String(), signed, empty}, "\n")
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(algorithm + "\n" + hash(canonical)))
	req.Header.Set("Authorization", algorithm+" Credential="+user+",SignedHeaders="+signed+",Signature="+hex.EncodeToString(mac.Sum(nil)))
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
