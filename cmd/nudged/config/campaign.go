package config

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// Campaign is the file of a campaign, as read.
type Campaign struct {
	// Campaign is what the store keeps once it is sent; it has no State, Created,
	// Changed and People yet. From is zero where the file names no begin, To is
	// never zero.
	order.Campaign
	File     string
	Who      *notify.Condition // Segment, compiled
	Warnings Problems          // worth reading, and stop nothing
	// Unfilled is true of a file that is as `nudged campaign new` wrote it, or lacks
	// words that only the seller knows: its problems are what is still to be done.
	Unfilled bool
}

// campaignSection is the entry of [Keys] for such a file.
const campaignSection = "campaign"

// LoadCampaign reads and checks the file of a campaign against the config and
// the texts; nil texts leave those unchecked. now is what dates are judged by.
// The error is [Problems], all at once, whenever the file could be read; the
// campaign is then what could be understood.
func LoadCampaign(path string, cfg *Config, texts *notify.Texts, now time.Time) (*Campaign, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the campaign: %w; `nudged campaign new NAME --like %s` writes one", err, ReadyCampaigns()[0])
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the campaign: %w", err)
	}
	return ParseCampaign(path, src, cfg, texts, now)
}

// ParseCampaign is LoadCampaign of a text that was read already.
func ParseCampaign(path string, src []byte, cfg *Config, texts *notify.Texts, now time.Time) (*Campaign, error) {
	r := &campaignReader{
		loader: loader{file: file{name: path}, cfg: cfg, texts: texts},
		c:      &Campaign{File: path}, now: now, zone: cfg.SellerZone(),
	}
	if v, ok := r.yaml(src, "`nudged campaign new NAME --like "+ReadyCampaigns()[0]+"` writes one"); ok {
		r.read(v)
	}
	r.c.Warnings = r.warnings.sorted()
	r.c.Unfilled = isReady(src) || slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Blank })
	if len(r.problems) > 0 {
		return r.c, r.problems.sorted()
	}
	return r.c, nil
}

// CampaignFile is where the file of a campaign is looked for: beside the config,
// as campaigns/NAME.yaml.
func (c *Config) CampaignFile(name string) string {
	return filepath.Join(c.campaignDir(), name+campaignExt)
}

const campaignExt = ".yaml"

func (c *Config) campaignDir() string { return filepath.Join(filepath.Dir(c.File), "campaigns") }

// CampaignNames lists the campaigns that have a file, by name. Without the
// directory there are none.
func (c *Config) CampaignNames() ([]string, error) {
	files, err := os.ReadDir(c.campaignDir())
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the campaigns: %w", err)
	}
	var out []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), campaignExt); ok && IsCampaignName(name) && !f.IsDir() {
			out = append(out, name)
		}
	}
	return out, nil
}

// IsCampaignName reports whether something can name a campaign, and so its file:
// letters, digits, - and _, at most 30.
func IsCampaignName(name string) bool { return stepName.MatchString(name) }

// SellerZone is the zone that the seller thinks in.
func (c *Config) SellerZone() *time.Location {
	if c.Digest != nil && c.Digest.Zone != nil {
		return c.Digest.Zone
	}
	for _, s := range c.Shops {
		if s.Zone != nil {
			return s.Zone
		}
	}
	return time.UTC
}

//go:embed campaigns
var ready embed.FS

// ReadyCampaigns are the names of the campaigns that come with the program.
func ReadyCampaigns() []string { return []string{"again", "in-stock", "news", "regulars", "second"} }

func isReady(src []byte) bool {
	return slices.ContainsFunc(ReadyCampaigns(), func(like string) bool {
		ready, ok := ReadyCampaign(like)
		return ok && bytes.Equal(src, ready)
	})
}

// ReadyCampaign is the file of one of them, with comments, to be written as it is
// to [Config.CampaignFile] and edited; false if there is none.
func ReadyCampaign(like string) ([]byte, bool) {
	if !slices.Contains(ReadyCampaigns(), like) {
		return nil, false
	}
	src, err := ready.ReadFile("campaigns/" + like + campaignExt)
	return src, err == nil
}
