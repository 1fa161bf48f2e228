package extract

import (
	"strings"

	"nudged/crawler/recipe"
)

// where names what a value looks for, as the recipe says it.
func where(v *recipe.Value) string {
	if v == nil {
		return ""
	}
	var parts []string
	if v.In != nil {
		parts = append(parts, "in "+where(v.In)+":")
	}
	if v.Of != "" {
		parts = append(parts, "of "+v.Of+":")
	}
	switch {
	case v.Text != nil:
		parts = append(parts, v.Text.String())
	case v.Source != recipe.FromBody:
		parts = append(parts, string(v.Source), v.Key)
	case v.Path != nil:
		parts = append(parts, v.Path.Source)
	case v.Select != nil:
		parts = append(parts, v.Select.Source)
	}
	if v.Column != nil {
		parts = append(parts, "column "+strings.Join(v.Column, " | "))
	}
	if v.Label != nil {
		parts = append(parts, "label "+strings.Join(v.Label, " | "))
	}
	if v.Attr != "" {
		parts = append(parts, "@"+v.Attr)
	}
	if len(parts) == 0 && v.Match != nil {
		return v.Match.String()
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}
