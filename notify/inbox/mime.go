package inbox

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // gb18030, gb2312, big5 and the other charsets of real mail
)

// Bounds of what is looked at. Our own mails are small, so that what comes back
// of them stands well before these ends; a photo behind it is not needed.
const (
	maxMail  = 256 << 10 // bytes of a mail
	maxPart  = 128 << 10 // bytes of a part, decoded
	maxParts = 100
	maxDepth = 12
)

// letter is what Parse needs of one.
type letter struct {
	message.Header
	mediaType string
	report    string // report-type of a multipart/report
	text      string // the first text that says something, as plain text
	html      string
	status    []byte // message/delivery-status
	returned  []byte // header of the mail that was sent back
}

// read takes a mail apart, as far as it goes: what is broken or cut off further
// down does not spoil what stood before it.
func read(raw []byte) (*letter, error) {
	if len(raw) > maxMail {
		raw = raw[:maxMail]
	}
	e, _ := message.Read(bytes.NewReader(mendHeader(raw))) // its errors show the mail, or are of charsets
	if e == nil || e.Header.Len() == 0 {
		return nil, errors.New("inbox: a mail without a header that can be read")
	}
	m := &letter{Header: e.Header}
	m.mediaType, m.report = mediaType(e), reportType(e)
	(&walker{m: m}).walk(e, 0)
	return m, nil
}

type walker struct {
	m     *letter
	parts int
}

func (w *walker) walk(e *message.Entity, depth int) {
	w.parts++
	if w.parts > maxParts || depth > maxDepth {
		return
	}
	kind := mediaType(e)
	if strings.HasPrefix(kind, "multipart/") {
		w.multipart(e, depth)
		return
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		if w.m.status == nil {
			w.m.status = content(e)
		}
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
		if w.m.returned == nil {
			w.m.returned = headerOf(content(e))
		}
	case "text/plain", "text/html":
		if d, _, _ := e.Header.ContentDisposition(); strings.EqualFold(d, "attachment") {
			return
		}
		into := &w.m.text
		if kind == "text/html" {
			into = &w.m.html
		}
		if strings.TrimSpace(*into) == "" {
			*into = readable(content(e))
		}
	}
}

func (w *walker) multipart(e *message.Entity, depth int) {
	if _, _, err := e.Header.ContentType(); err != nil {
		e = mendBoundary(e)
	}
	mr := e.MultipartReader()
	if mr == nil {
		return
	}
	for w.parts <= maxParts {
		part, _ := mr.NextPart() // a part comes with an error where only its charset is not known
		if part == nil {
			return
		}
		w.walk(part, depth+1)
	}
}

// content reads a part up to the bound; what was read before an error counts.
func content(e *message.Entity) []byte {
	b, _ := io.ReadAll(io.LimitReader(e.Body, maxPart))
	return b
}

func mediaType(e *message.Entity) string {
	t, _, _ := e.Header.ContentType() // with an error it is the raw value
	t, _, _ = strings.Cut(t, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

func reportType(e *message.Entity) string {
	_, params, err := e.Header.ContentType()
	if err != nil {
		if m := reportParam.FindStringSubmatch(e.Header.Get("Content-Type")); m != nil {
			return strings.ToLower(m[1])
		}
	}
	return strings.ToLower(params["report-type"])
}

var (
	reportParam   = regexp.MustCompile(`(?i)report-type\s*=\s*"?([a-z-]+)`)
	boundaryParam = regexp.MustCompile(`(?i)boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))`)
)

// mendBoundary gives a multipart whose Content-Type cannot be parsed, as one
// with a parameter twice, another try with its boundary alone.
func mendBoundary(e *message.Entity) *message.Entity {
	found := boundaryParam.FindStringSubmatch(e.Header.Get("Content-Type"))
	if found == nil {
		return e
	}
	value := mime.FormatMediaType("multipart/mixed", map[string]string{"boundary": found[1] + found[2]})
	if value == "" {
		return e
	}
	e.Header.Set("Content-Type", value)
	if mended, _ := message.New(e.Header, e.Body); mended != nil {
		return mended
	}
	return e
}

// mendHeader drops the lines of the header that are none, as the "From " line of
// an mbox: go-message gives the whole mail up because of one.
func mendHeader(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+2)
	rest, kept := raw, false
	for len(rest) > 0 {
		line := rest
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			line = rest[:end+1]
		}
		rest = rest[len(line):]
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return append(append(out, "\r\n"...), rest...)
		}
		folded := line[0] == ' ' || line[0] == '\t'
		if !folded {
			kept = isField(line)
		}
		if kept {
			out = append(out, line...)
		}
	}
	return append(out, "\r\n\r\n"...)
}

// isField reports whether a line begins with a name and a colon.
func isField(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte{':'})
	name = bytes.TrimRight(name, " \t")
	return found && len(name) > 0 && len(name) < 200 && !bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}

// headerOf is what stands before the first empty line.
func headerOf(b []byte) []byte {
	b = bytes.TrimLeft(b, "\r\n")
	for _, gap := range []string{"\r\n\r\n", "\n\n"} {
		if end := bytes.Index(b, []byte(gap)); end >= 0 {
			b = b[:end]
		}
	}
	return b
}
