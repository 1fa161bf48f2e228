package crawler

import (
	"bytes"
	"net/http"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/fetch"
	"nudged/crawler/recipe"
)

// SavedPage is a page that somebody has saved, as if it had been fetched: UTF-8
// by what it says of itself or by the recipe's charset.
func SavedPage(body []byte, address string, r *recipe.Recipe, at time.Time) (recipe.Page, error) {
	typ := "text/html"
	if start := bytes.TrimLeft(body, "\ufeff \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		typ = "application/json"
	}
	text, err := fetch.UTF8(body, typ, r.Charset)
	if err != nil {
		return recipe.Page{}, err
	}
	return extract.Prepare(recipe.Page{URL: address, Status: http.StatusOK, Type: typ, Body: text, At: at}), nil
}
