package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What a recipe could not read may stand on pages that no visit opens any more, so
// the first visit by a mended one reads them all.
func TestAMendedRecipeReadsAllPagesOnce(t *testing.T) {
	onBench(t, []string{"a"}, func(t *testing.T, b *bench, dir string) {
		full := func() (n int) {
			if err := b.serveFor(40*time.Minute, nil); err != nil {
				t.Fatal(err)
			}
			for _, k := range b.shops.visits["a"] {
				if k.Full {
					n++
				}
			}
			return n
		}
		if n := full(); n != 1 {
			t.Fatalf("%d full scans at first", n)
		}
		if n := full(); n != 1 {
			t.Errorf("%d full scans after a restart", n)
		}
		path := filepath.Join(dir, "shop.yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(text, "# mended\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, when := range []string{"after the recipe was mended", "after one more restart"} {
			if n := full(); n != 2 {
				t.Errorf("%d full scans %s", n, when)
			}
		}
	})
}
