package fetch

import (
	"context"
	"net/http"
)

// Decode is decode for tests.
func Decode(body []byte, contentType, fallback string) ([]byte, error) {
	return decode(body, contentType, fallback)
}

// Textual reports whether a Content-Type is one of text.
func Textual(contentType string) bool { return textual(mediaType(contentType)) }

// Asked is the context of a request.
func Asked(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// Redirect judges one hop.
func (c *Client) Redirect(next *http.Request, via []*http.Request) error {
	return c.redirect(next, via)
}
