package demoshop

import "embed"

//go:embed recipes/*.yaml
var recipes embed.FS

// Recipe is the text of the recipe for this shop: signed in to with Chrome, the
// list drawn by JavaScript, details fetched.
func Recipe() []byte { return read("demoshop") }

// FormRecipe needs no browser: the form is posted over HTTP, everything fetched.
func FormRecipe() []byte { return read("demoshop-form") }

// CapturedRecipe reads all in the browser: the list from the JSON that the page
// fetches, details from live fields.
func CapturedRecipe() []byte { return read("demoshop-captured") }

func read(name string) []byte {
	text, err := recipes.ReadFile("recipes/" + name + ".yaml")
	if err != nil {
		panic(err) // embedded: it is there, or the program was not built
	}
	return text
}
