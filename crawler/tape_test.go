package crawler_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

// A recording of a visit is replayed without the shop, and gives the same orders,
// but for what it may not hold.
func TestReplay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tape")
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.demo.Add(demoshop.Order{Name: "Canary", Email: canaryEmail, Phone: canaryPhone})
	recorder, err := crawler.NewRecorder(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.spider = crawler.New(crawler.Options{Now: r.now, Record: recorder})
	want := r.must(true)
	if recorder.Err() != nil || recorder.Answers() != want.Pages {
		t.Errorf("%d answers of %d pages, %v", recorder.Answers(), want.Pages, recorder.Err())
	}
	if _, err := crawler.NewRecorder(dir); err == nil || !strings.Contains(err.Error(), "name another folder") {
		t.Errorf("a recording is written over: %v", err)
	}
	r.checkTape(dir)
	_ = r.demo.Close()

	player, err := crawler.NewReplayer(dir)
	if err != nil || player.URL() != r.shop.URL || player.Recipe() != "demoshop-form" {
		t.Fatalf("%+v, %v", player, err)
	}
	r.spider = crawler.New(crawler.Options{Now: r.now, Replay: player})
	r.shop.Password = ""
	got, err := r.spider.Visit(t.Context(), r.shop, crawler.Known{Full: true, Session: []byte("kept")})
	if err != nil || !got.Complete || got.Pages != want.Pages || string(got.Session) != "kept" {
		t.Fatalf("complete %v, %d pages, session %q, %v", got.Complete, got.Pages, got.Session, err)
	}
	for i, w := range want.Orders {
		if g := got.Orders[i]; !reflect.DeepEqual(facts(g), facts(w)) {
			t.Errorf("replayed %+v\nrecorded %+v", facts(g), facts(w))
		}
	}
	if _, _, err := r.spider.Look(t.Context(), r.shop, "77777", nil); err == nil || !strings.Contains(err.Error(), "the recording has no answer") {
		t.Errorf("what was not recorded: %v", err)
	}
}

// facts are what a recording keeps of an order.
func facts(o order.Order) order.Order {
	o.Buyer, o.Seen, o.Looked, o.Payment = order.Buyer{}, o.Created, o.Created, ""
	for i := range o.Lines {
		o.Lines[i].Title = ""
	}
	return o
}

// checkTape looks for what may not be in a recording.
func (r *rig) checkTape(dir string) {
	r.t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if e.IsDir() {
			if info.Mode().Perm() != 0o700 {
				r.t.Errorf("%s: mode %v", path, info.Mode())
			}
			return nil
		}
		if info.Mode().Perm() != 0o600 {
			r.t.Errorf("%s: mode %v", path, info.Mode())
		}
		text, err := os.ReadFile(path)
		r.leak(path, string(text))
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
}

// Views, POST bodies and pages that were clicked to are found again.
func TestReplayOfOtherWays(t *testing.T) {
	lists := map[string]string{"body": pagings()["body"], "cursor": pagings()["cursor"], "views": tabs}
	if _, err := os.Stat("/usr/bin/chromium"); err == nil {
		lists["click"] = "  request: {engine: browser, get: 'live?by=click'}\n  next: {click: '#more'}"
	}
	for name, list := range lists {
		dir := t.TempDir()
		s := newTiny(t, 35, tinyRecipe(allowSkip, list, tinyDetail))
		s.total = true
		recorder, err := crawler.NewRecorder(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.restart(crawler.Options{Record: recorder})
		want := s.must(true)
		_ = s.spider.Close()
		s.Close()
		player, err := crawler.NewReplayer(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.restart(crawler.Options{Replay: player})
		got, err := s.spider.Visit(t.Context(), s.shop, crawler.Known{Full: true})
		if err != nil || !got.Complete || len(got.Orders) != len(want.Orders) || got.Pages != want.Pages {
			t.Errorf("%s: %d of %d orders, %d of %d pages, %v", name, len(got.Orders), len(want.Orders), got.Pages, want.Pages, err)
		}
	}
}

func TestBrokenRecordings(t *testing.T) {
	for name, index := range map[string]string{
		"none": "", "no JSON": "{", "another file": `{"answers":[{"file":"../../etc/passwd"}]}`, "hidden": `{"answers":[{"file":".x"}]}`,
	} {
		dir := t.TempDir()
		if index != "" {
			if err := os.WriteFile(filepath.Join(dir, "index.json"), []byte(index), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := crawler.NewReplayer(dir); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
}
