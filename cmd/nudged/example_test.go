package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"nudged/cmd/nudged/config"
	"nudged/notify"
)

func TestTheExampleIsTheOneThatIsEmbedded(t *testing.T) {
	root, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(root, example) {
		t.Fatal("config.example.yaml and cmd/nudged/config.example.yaml differ; copy the one over the other")
	}
}

func TestTheExampleLoads(t *testing.T) {
	env := map[string]string{"BUCKLES_PASSWORD": "a", "BUCKLES_MAIL_PASSWORD": "b", "HOME": "/home/seller", "LOCALAPPDATA": `C:\seller`}
	cfg, err := config.Parse("config.yaml", example, config.Options{
		Secrets: true, LookupEnv: func(n string) (string, bool) { v, ok := env[n]; return v, ok }, Texts: notify.LoadTexts,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Warnings) > 0 {
		t.Errorf("warnings: %v", cfg.Warnings)
	}
	if cfg.Reminders.Mode != config.Preview {
		t.Error("the example must not send anything to buyers")
	}
}

// What the README shows as a config is one.
func TestTheConfigOfTheReadmeLoads(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "\n```yaml\n")
	text, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		t.Fatal("README.md shows no config")
	}
	env := map[string]string{"BUCKLES_PASSWORD": "a", "BUCKLES_MAIL_PASSWORD": "b", "HOME": "/home/seller", "LOCALAPPDATA": `C:\seller`}
	cfg, err := config.Parse("README.md", []byte(text), config.Options{
		Secrets: true, LookupEnv: func(n string) (string, bool) { v, ok := env[n]; return v, ok }, Texts: notify.LoadTexts,
	})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Reminders.Mode != config.Preview {
		t.Error("the README's config must not send anything to buyers")
	}
}

// A key that the example does not show is one that nobody finds.
func TestTheExampleShowsEveryKey(t *testing.T) {
	campaign, _ := config.ReadyCampaign("again")
	for section, keys := range config.Keys() {
		shown := string(example)
		if section == "campaign" { // it has a file of its own, which gives it its name
			shown = string(campaign) + "name:"
		}
		for _, key := range keys {
			if !strings.Contains(shown, key+":") {
				t.Errorf("%s: the key %s is not in the example", section, key)
			}
		}
	}
}

// A name that the README does not show is one that nobody uses.
func TestTheReadmeShowsWhatAConditionCanAsk(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range slices.Concat(notify.EnvHelp(), notify.SegmentHelp()) {
		if row := fmt.Sprintf("| `%s` | %s | %s |\n", h.Name, h.Type, h.Help); !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks %s", row)
		}
	}
}
