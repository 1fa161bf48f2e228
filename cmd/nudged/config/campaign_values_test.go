package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/config"
	"nudged/store/order"
)

func TestCampaignValues(t *testing.T) {
	cfg := configOf(t, twoShops)
	shanghai := cfg.Digest.Zone
	c, got := campaignSaid(t, cfg, "campaigns/autumn.yaml", "to: buyer.potential\ntext: news\noffer: ' New belts. '\n")
	if got != "" || c.Name != "autumn" || c.Text != "news" || c.Offer != "New belts." || c.Segment != "buyer.potential" || c.Who == nil || c.Who.String() != c.Segment {
		t.Errorf("%s: %+v", got, c)
	}
	if !c.From.IsZero() || !c.To.Equal(aTuesday.Add(14*24*time.Hour)) || c.Rate != (order.Limit{Count: 100, Per: time.Hour}) || c.Quiet != 30*24*time.Hour || !slices.Equal(c.By, []order.Channel{order.ByEmail}) {
		t.Errorf("defaults: %+v", c)
	}
	if c.State != "" || c.People != 0 || !c.Created.IsZero() || len(c.Shops) != 0 || c.Link != "" {
		t.Errorf("what only the store knows: %+v", c)
	}
	c, got = campaignSaid(t, cfg, "autumn.yaml", "to: buyer.potential\ntext: news\noffer: A.\nshops: [BELTS]\nlink: https://belts.example/\nfrom: 2026-12-01\nuntil: 2026-12-05\nrate: 5 per 30m\nnot_within: 2d\n")
	if got != "" || !slices.Equal(c.Shops, []string{"belts"}) || c.Link != "https://belts.example/" || c.Rate != (order.Limit{Count: 5, Per: 30 * time.Minute}) || c.Quiet != 48*time.Hour {
		t.Errorf("%s: %+v", got, c)
	}
	if !c.From.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, shanghai)) || !c.To.Equal(time.Date(2026, 12, 6, 0, 0, 0, 0, shanghai)) {
		t.Errorf("a day is all of it: from %s to %s", c.From, c.To)
	}
	c, _ = campaignSaid(t, cfg, "autumn.yaml", "to: buyer.potential\ntext: news\noffer: A.\nfrom: 2026-12-31 08:00\n")
	if !c.To.Equal(time.Date(2027, 1, 14, 8, 0, 0, 0, shanghai)) {
		t.Errorf("two weeks from its begin: %s", c.To)
	}
}

// The campaigns that come with the program ask for nothing but what only the
// seller can know.
func TestReadyCampaigns(t *testing.T) {
	cfg := configOf(t, twoShops)
	names := config.ReadyCampaigns()
	if got := strings.Join(names, " "); got != "again in-stock news regulars second" {
		t.Errorf("there are %s", got)
	}
	blanks := map[string]string{
		"in-stock": `to: put a word between the quotes, as in has("belt")|offer: the text "instock" is nothing without an offer; write offer: what you want to tell`,
		"news":     `offer: the text "news" is nothing without an offer; write offer: what you want to tell`,
		"regulars": `offer: the text "regulars" is nothing without an offer; write offer: what you want to tell`,
	}
	fill := strings.NewReplacer(`has("")`, `has("belt")`, "\noffer:", "\noffer: New belts.", "# shops: [buckles]", "shops: [buckles]", "# link:", "link:",
		"# offer:", "offer:", "# from:", "from:", "# until:", "until:")
	place := regexp.MustCompile(`(?m)^\d+:\d+: `)
	for _, name := range names {
		src, ok := config.ReadyCampaign(name)
		if !ok {
			t.Fatalf("%s is not there", name)
		}
		if _, got := campaignSaid(t, cfg, name+".yaml", string(src)); strings.ReplaceAll(place.ReplaceAllString(got, ""), "\n", "|") != blanks[name] {
			t.Errorf("%s as it is: %s", name, got)
		}
		c, got := campaignSaid(t, cfg, name+".yaml", fill.Replace(string(src)))
		if got != "" || c.Link == "" || c.Offer == "" || c.From.IsZero() || len(c.Shops) != 1 {
			t.Errorf("%s filled in: %s\n%+v", name, got, c)
		}
		for _, key := range config.Keys()["campaign"] {
			if key != "name" && !regexp.MustCompile(`(?m)^(# )?`+key+`:`).Match(src) {
				t.Errorf("%s does not show the key %s", name, key)
			}
		}
		for i, line := range strings.Split(string(src), "\n") {
			if len([]rune(line)) > 120 {
				t.Errorf("%s:%d has %d characters", name, i+1, len([]rune(line)))
			}
		}
	}
	if _, ok := config.ReadyCampaign("../config"); ok {
		t.Error("any file is a campaign")
	}
}

func TestLoadCampaign(t *testing.T) {
	cfg := configOf(t, twoShops)
	dir := t.TempDir()
	cfg.File = filepath.Join(dir, "config.yaml")
	if names, err := cfg.CampaignNames(); err != nil || len(names) != 0 {
		t.Errorf("without a directory: %v, %v", names, err)
	}
	file := cfg.CampaignFile("autumn")
	if file != filepath.Join(dir, "campaigns", "autumn.yaml") {
		t.Errorf("it is looked for at %s", file)
	}
	if _, err := config.LoadCampaign(file, cfg, nil, aTuesday); err == nil || !strings.Contains(err.Error(), "nudged campaign new NAME --like again") {
		t.Errorf("no file: %v", err)
	}
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"autumn.yaml", "winter.yaml", "notes.txt", "no name.yaml", ".hidden.yaml"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte("to: buyer.customer\ntext: news\noffer: A.\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.LoadCampaign(file, cfg, nil, aTuesday)
	if err != nil || c.Name != "autumn" || c.File != file {
		t.Errorf("%v: %+v", err, c)
	}
	if names, err := cfg.CampaignNames(); err != nil || strings.Join(names, " ") != "autumn winter" {
		t.Errorf("%v, %v", names, err)
	}
}

func FuzzParseCampaign(f *testing.F) {
	for _, name := range config.ReadyCampaigns() {
		src, _ := config.ReadyCampaign(name)
		f.Add(src)
	}
	f.Add([]byte("name: autumn\nto: 'true'\nshops: [buckles]\ntext: again\noffer: x\nlink: https://buckles.example/\nby: [email]\nfrom: 2026-12-01\nuntil: 2026-12-02 10:00\nrate: 1 per week\nnot_within: 1d\n"))
	f.Add([]byte("to: &a [*a]\ntext: {}\nby: {all: [sms]}\n"))
	f.Add([]byte("from: 9999-12-31 23:59\nuntil: 2000-01-01\nlink: http://[::1%25en0]/\nrate: 999999 per 366d\n"))
	cfg := configOf(f, twoShops)
	texts, err := loadTexts()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := config.ParseCampaign("campaigns/autumn.yaml", src, cfg, texts, aTuesday)
		switch {
		case c == nil:
			t.Fatal("no campaign")
		case err != nil:
		case c.Who == nil || c.Text == "" || len(c.By) == 0 || !c.To.After(aTuesday) || c.Rate.Count == 0 || c.Quiet <= 0 || c.Name != "autumn":
			t.Fatalf("no problem, and not whole: %+v", c)
		}
	})
}
