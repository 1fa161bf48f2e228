package notify_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"nudged/notify"
	"nudged/store/order"
)

// conditions that a random config uses, with what they mean, said a second time.
var conditions = map[string]func(o order.Order) bool{
	"order.total > 500":  func(o order.Order) bool { return o.Total.Minor > 50_000 },
	"order.total > 5000": func(o order.Order) bool { return o.Total.Minor > 500_000 },
	`buyer.country == "US"`: func(o order.Order) bool {
		return len(o.Buyer.Phone) > 2 && o.Buyer.Phone[:2] == "+1"
	},
}

func condition(src string) *notify.Condition {
	c, err := notify.Compile(src)
	if err != nil {
		panic(err)
	}
	return c
}

// edit is the seller at work on the config; the program starts anew with it.
func (h *history) edit() {
	t := h.t
	hours := func(name string, from, to int) time.Duration {
		return time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Hour
	}
	s := settings()
	belts := s.Shops["buckles"]
	belts.Name, belts.Zone = "Belts", mustZone("Europe/Berlin")
	belts.SoftOptIn, belts.Address = rapid.Bool().Draw(t, "soft opt-in"), "1 Belt Street, Berlin"
	s.Shops["belts"] = belts
	s.MinGap = hours("gap", -1, 4)
	from := rapid.IntRange(0, 23).Draw(t, "quiet from")
	s.Quiet = notify.Quiet{From: from * 60, To: (from + rapid.IntRange(0, 12).Draw(t, "quiet hours")) % 24 * 60}
	s.Limit = order.Limit{Count: rapid.SampledFrom([]int{2, 1, 0}).Draw(t, "limit"), Per: rapid.SampledFrom([]time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour}).Draw(t, "per")}
	s.Zones = zonesOf
	if rapid.Bool().Draw(t, "exclude") {
		s.Exclude = []*notify.Condition{condition("order.total > 5000")}
	}
	s.Steps = h.steps()
	if rapid.Bool().Draw(t, "sequence") {
		s.Sequences = []notify.Sequence{{Name: "friends", Buyers: []string{"known"}, Steps: h.steps()}}
	}
	h.s = s
}

// rename gives each first step another name, or moves all steps into a sequence.
func (h *history) rename() {
	names := map[string]string{"first": "hello", "hello": "kind", "kind": "first"}
	s := h.s
	s.Steps = slices.Clone(s.Steps)
	s.Steps[0].Name = names[s.Steps[0].Name]
	if rapid.Bool().Draw(h.t, "move") {
		s.Sequences = []notify.Sequence{{Name: "all", Steps: s.Steps}}
	}
	h.s = s
}

// steps of one sequence. The first one goes by one of a few names and times, so
// that edits rename it and move it between sequences.
func (h *history) steps() []notify.Step {
	t := h.t
	by := func(st notify.Step) notify.Step {
		switch rapid.SampledFrom([]int{0, 1, 2, 3}).Draw(t, "by") {
		case 0:
			st.By = []order.Channel{order.ByEmail}
		case 1:
			st.By = []order.Channel{order.BySMS, order.ByEmail}
		case 2:
			st.By = []order.Channel{order.ByEmail, order.BySMS}
		case 3:
			st.By, st.All = []order.Channel{order.BySMS, order.ByEmail}, true
		}
		switch rapid.SampledFrom([]int{2, 3, 4, 5, 0, 1}).Draw(t, "if") {
		case 0:
			st.If = condition("order.total > 500")
		case 1:
			st.If = condition(`buyer.country == "US"`)
		}
		return st
	}
	after := rapid.SampledFrom([]int{20, 75, 240}).Draw(t, "after")
	first := by(notify.Step{Name: rapid.SampledFrom([]string{"first", "hello", "kind"}).Draw(t, "name"), After: time.Duration(after) * time.Minute, Template: "gentle"})
	second := by(notify.Step{Name: "second", After: time.Duration(rapid.SampledFrom([]int{6, 12, 20, 30}).Draw(t, "after")) * time.Hour, Template: "helpful"})
	if rapid.IntRange(0, 2).Draw(t, "offer") == 2 {
		second.Template, second.Offer = "offer", "free shipping"
	}
	last := by(notify.Step{Name: "last", BeforeClose: time.Duration(rapid.SampledFrom([]int{30, 60, 180, 600}).Draw(t, "before")) * time.Minute, Template: "closing"})
	return []notify.Step{first, second, last}[:rapid.SampledFrom([]int{3, 2, 1}).Draw(t, "steps")]
}
