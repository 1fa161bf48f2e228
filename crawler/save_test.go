package crawler_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nudged/crawler/demoshop"
)

// A shop that is broken for weeks does not fill the disk, and its name cannot
// lead out of the folder.
func TestSavedPagesArePruned(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.shop.Name = "../we/ird"
	r.demo.Break(demoshop.Fault{Kind: demoshop.EmptyTable})
	for range 25 {
		if _, err := r.visit(false); err == nil {
			t.Fatal("an empty table passes")
		}
	}
	files, err := filepath.Glob(filepath.Join(r.saved, "*.html"))
	if err != nil || len(files) != 20 {
		t.Errorf("%d files are kept, %v", len(files), err)
	}
	for _, name := range files {
		if !strings.HasPrefix(filepath.Base(name), ".._we_ird-2") {
			t.Errorf("saved as %s", name)
		}
	}
	if info, err := os.Stat(r.saved); err != nil || !info.IsDir() {
		t.Error(err)
	}
}
