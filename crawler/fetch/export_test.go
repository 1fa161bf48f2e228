package fetch

// Decode is decode for tests.
func Decode(body []byte, contentType, fallback string) ([]byte, error) {
	return decode(body, contentType, fallback)
}

// Textual reports whether a Content-Type is one of text.
func Textual(contentType string) bool { return textual(mediaType(contentType)) }
