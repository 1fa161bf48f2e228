package recipe

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

//go:embed recipes/*.yaml
var builtin embed.FS

// Builtin lists the recipes that come with the program, sorted.
func Builtin() []string {
	files, err := fs.Glob(builtin, "recipes/*.yaml")
	if err != nil {
		return nil // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "recipes/"), ".yaml")
	}
	return files
}

// Load reads a built-in recipe by its name, or a file by its path: whatever
// holds a slash or ends in .yaml or .yml.
func Load(nameOrPath string) (*Recipe, error) {
	if strings.ContainsAny(nameOrPath, `/\`) || strings.HasSuffix(nameOrPath, ".yaml") || strings.HasSuffix(nameOrPath, ".yml") {
		return loadFile(nameOrPath)
	}
	src, err := Text(nameOrPath)
	if err != nil {
		return nil, fmt.Errorf("%w; a recipe of your own is a path such as ./shop.yaml", err)
	}
	return Parse("recipes/"+nameOrPath+".yaml", src)
}

// Text is a built-in recipe as it is written, for a copy of one's own.
func Text(name string) ([]byte, error) {
	src, err := builtin.ReadFile("recipes/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no built-in recipe %q; %s", name, suggest(name, Builtin()))
	}
	return src, nil
}

func loadFile(path string) (*Recipe, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the recipe: %w", err)
	}
	defer func() { _ = f.Close() }()
	src, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the recipe %s: %w", path, err)
	}
	return Parse(path, src)
}
