package crawler_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/browser"
	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

var (
	traitSeed  = flag.Uint64("traits.seed", 0, "of the shuffle that makes the shops of TestShopsOfRandomTraits; 0: from the clock")
	traitShops = flag.Int("traits.shops", 3, "how many shops it makes")
)

// traits are what a shop is made of, one of each kind.
type traits struct {
	signIn  signInTrait
	session sessionTrait
	source  sourceTrait
	paging  pagingTrait
	values  valuesTrait
	status  statusTrait
}

func (x traits) String() string {
	return strings.Join([]string{x.signIn.name, x.session.name, x.source.name, x.paging.name, x.values.name, x.status.name}, " + ")
}

// TestShopsOfRandomTraits reads shops that nobody has seen: each has one trait of
// each kind, drawn by a shuffle, and a recipe that is put together from the
// traits' own lines.
func TestShopsOfRandomTraits(t *testing.T) {
	seed := *traitSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("go test ./crawler -run %s -traits.seed=%d -traits.shops=%d", t.Name(), seed, *traitShops)
	random := rand.New(rand.NewPCG(seed, seed))
	for n := 0; n < *traitShops; {
		signIns, sessions, sources := shuffled(random, signIns()), shuffled(random, sessions()), shuffled(random, sources())
		pagings, values, statuses := shuffled(random, pagingTraits()), shuffled(random, valueTraits()), shuffled(random, statusTraits())
		for i := 0; i < 5 && n < *traitShops; i++ {
			n++
			x := traits{signIns[i], sessions[i], sources[i], pagings[i], values[i], statuses[i]}
			t.Run(fmt.Sprint(n), func(t *testing.T) { x.test(t, random.IntN(1000)) })
		}
	}
}

func shuffled[T any](random *rand.Rand, all []T) []T {
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// TestEveryTrait uses each trait at least once.
func TestEveryTrait(t *testing.T) {
	signIns, sessions, sources, pagings, values, statuses := signIns(), sessions(), sources(), pagingTraits(), valueTraits(), statusTraits()
	for i := range max(len(signIns), len(sessions), len(sources), len(pagings), len(values), len(statuses)) {
		x := traits{
			signIns[i%len(signIns)], sessions[i%len(sessions)], sources[i%len(sources)],
			pagings[i%len(pagings)], values[i%len(values)], statuses[i%len(statuses)],
		}
		t.Run(x.String(), func(t *testing.T) { x.test(t, i) })
	}
}

// test makes the shop, reads it, and holds what was read against the truth.
func (x traits) test(t *testing.T, n int) {
	t.Helper()
	text := x.recipe()
	t.Logf("%s", x)
	lines := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	rec, err := recipe.Parse("traits.yaml", []byte(text))
	if err != nil || lines >= 60 {
		t.Fatalf("%d lines, %v\n%s", lines, err, text)
	}
	expireIn, signIns := 2+n%2, 2 // the session ends once
	if x.signIn.browser {
		expireIn, signIns = 1000, 1 // Chrome takes its time to start
	}
	s := newTraitShop(x, 17+n%9, expireIn)
	server := httptest.NewServer(s)
	defer server.Close()
	shop := crawler.Shop{
		Shop: extract.Shop{Name: "traits", URL: server.URL + "/back/", Zone: s.zone, Currency: x.values.currency, Region: "CN"},
		User: "boss", Password: "wrong", TOTP: traitTOTP, Recipe: rec,
	}
	if x.signIn.browser {
		needChrome(t)
	}
	o := crawler.Options{Now: func() time.Time { return s.now }, Browser: browser.Options{ProfileRoot: t.TempDir(), LoopbackOnly: true, StepTimeout: time.Minute}}
	refused := crawler.New(o)
	var no *crawler.RefusedError
	if _, err := refused.Visit(t.Context(), shop, crawler.Known{}); !errors.As(err, &no) || no.Words != "Wrong name or password" || s.refused != 1 {
		t.Fatalf("a wrong password: %v, %d tries\n%s", err, s.refused, text)
	}
	_ = refused.Close()
	spider := crawler.New(o)
	defer spider.Close()
	shop.Password = canaryPassword
	result, err := spider.Visit(t.Context(), shop, crawler.Known{})
	if err != nil || len(result.Problems) > 0 {
		t.Fatalf("%v\n%+v\n%s", err, result.Problems, text)
	}
	s.compare(t, result.Orders)
	if !result.Complete || !result.Full || s.signIns != signIns {
		t.Errorf("complete %v, full %v, signed in %d times", result.Complete, result.Full, s.signIns)
	}
	known := crawler.Known{Session: result.Session, Seen: func(id string) (crawler.Seen, bool) {
		o, ok := find(result.Orders, id)
		return crawler.Seen{StatusText: o.StatusText, Status: o.Status, Looked: true}, ok
	}}
	if again, err := spider.Visit(t.Context(), shop, known); err != nil || again.Pages != max(1, len(x.status.views)) {
		t.Errorf("nothing new cost %d pages, %v", again.Pages, err)
	}
	if t.Failed() {
		t.Logf("recipe:\n%s", text)
	}
}
