package crawler_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

func TestVisitReadsTheWholeShop(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	result := r.must(false)
	r.compare(result.Orders)
	if !result.Complete || !result.Full || result.Pages != 5+countWanted(r) {
		t.Errorf("complete %v, full %v, %d pages", result.Complete, result.Full, result.Pages)
	}
	if r.demo.SignIns() != 1 {
		t.Errorf("signed in %d times", r.demo.SignIns())
	}
	if len(result.Problems) != 1 || result.Problems[0].Kind != order.UnknownStatus {
		t.Errorf("one status is not mapped; problems: %+v", result.Problems)
	}
	for _, o := range result.Orders {
		if o.Status == order.Unpaid && (o.Closes.IsZero() || !strings.HasSuffix(o.Link, "/pay/"+o.Number)) {
			t.Errorf("order %s closes %v and is paid at %q", o.ID, o.Closes, o.Link)
		}
		if strings.Contains(o.Number, "1034") && o.Buyer.Phone == "" {
			t.Errorf("order %s lost its phone", o.ID)
		}
	}
	if masked, _ := find(result.Orders, "1037"); masked.Buyer.Reachable() {
		t.Errorf("a masked phone counts as a contact: %q", masked.Buyer.Phone.Reveal())
	}
	if w := r.demo.Writes(); len(w) != 0 {
		t.Errorf("the visit wrote: %v", w)
	}
}

func countWanted(r *rig) int {
	n := 0
	for _, o := range r.demo.Orders() {
		if wantStatus(o.Status).WantsDetail() {
			n++
		}
	}
	return n
}

func find(orders []order.Order, id string) (order.Order, bool) {
	for _, o := range orders {
		if o.ID == id {
			return o, true
		}
	}
	return order.Order{}, false
}

func TestSecondVisitReadsOnePage(t *testing.T) {
	for _, n := range []int{42, 600} {
		r := newRig(t, demoshop.Options{Orders: demoshop.Many(n, time.Now()), PageSize: 20}, demoshop.FormRecipe())
		r.must(false)
		r.demo.ResetLog()
		result := r.must(false)
		if len(r.demo.Log()) != 1 || result.Pages != 1 {
			t.Errorf("%d orders: nothing new cost %v", n, r.demo.Counts())
		}
		if result.Complete || len(result.Orders) != 20 {
			t.Errorf("one page of many passes as a complete scan of %d orders", len(result.Orders))
		}
	}
}

func TestVisitReadsWhatIsNew(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.must(false)
	added := r.demo.Add(demoshop.Order{Name: "New Buyer", Email: "new@example.test", Phone: "+1 202 555 0123"})
	if err := r.demo.Pay("1042"); err != nil {
		t.Fatal(err)
	}
	if err := r.demo.Cancel("1040"); err != nil {
		t.Fatal(err)
	}
	r.demo.ResetLog()
	result := r.must(false)
	lists, details := r.pages()
	if lists != 2 || details != 2 {
		t.Errorf("a new, a paid and a cancelled order cost %d list pages (want 2: the second brings nothing new) and %d order pages (want 2)", lists, details)
	}
	if o, ok := find(result.Orders, added.ID); !ok || o.Buyer.Email != "new@example.test" || o.Buyer.Phone != "+12025550123" {
		t.Errorf("the new order was read as %+v", o)
	}
	if o, _ := find(result.Orders, "1042"); o.Status != order.Paid || !o.Looked.IsZero() {
		t.Errorf("the paid order was read as %+v", o)
	}
	if o, _ := find(result.Orders, "1040"); o.Status != order.ClosedUnpaid || o.Looked.IsZero() {
		t.Errorf("the cancelled order was read as %+v", o)
	}
}

func TestFullVisitReadsAllPages(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.must(false)
	r.demo.ResetLog()
	result := r.must(true)
	lists, details := r.pages()
	if lists != 5 || details != 0 || !result.Complete || len(result.Orders) != 42 {
		t.Errorf("a full visit read %d list pages, %d order pages, %d orders, complete %v", lists, details, len(result.Orders), result.Complete)
	}
}

func TestEmptyShop(t *testing.T) {
	r := newRig(t, demoshop.Options{Orders: []demoshop.Order{}}, demoshop.FormRecipe())
	if result := r.must(false); !result.Complete || len(result.Orders) != 0 {
		t.Errorf("an empty shop is read as %+v", result.Visit)
	}
}

func TestHostileOrders(t *testing.T) {
	now := time.Now()
	r := newRig(t, demoshop.Options{Orders: demoshop.Hostile(now), PageSize: 3}, demoshop.FormRecipe())
	result := r.must(false)
	if len(result.Orders) != len(r.demo.Orders()) {
		t.Fatalf("%d of %d hostile orders were read: %+v", len(result.Orders), len(r.demo.Orders()), result.Problems)
	}
	for i, w := range r.demo.Orders() {
		g := result.Orders[i]
		if g.ID != w.ID || g.Status != order.Unpaid || string(g.Buyer.Email) != w.Email || g.Buyer.Phone != "" {
			t.Errorf("read %.300v, the shop has %.300v", g, w)
		}
		if strings.ContainsAny(g.Buyer.Name, "\r\n\x00") || len(g.Buyer.Name) > 10_000 {
			t.Errorf("order %s: a name of %d bytes: %.100q", g.ID, len(g.Buyer.Name), g.Buyer.Name)
		}
	}
}

func TestSessionEndsBetweenVisits(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.must(false)
	r.demo.ExpireSessions()
	r.must(false)
	if r.demo.SignIns() != 2 {
		t.Errorf("signed in %d times", r.demo.SignIns())
	}
}

func TestSessionEndsInMidVisit(t *testing.T) {
	for _, after := range []int{1, 2, 4, 9, 20} {
		r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
		r.demo.ExpireAfter(after + 2) // the dashboard comes twice: after the form, and as the proof
		result := r.must(false)
		r.compare(result.Orders)
		if r.demo.SignIns() != 2 || !result.Complete {
			t.Errorf("after %d requests: signed in %d times, complete %v", after, r.demo.SignIns(), result.Complete)
		}
	}
}

func TestSessionThatEndsAgainAndAgain(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.demo.ExpireEvery(8)
	result, err := r.visit(false)
	var away *crawler.UnavailableError
	if !errors.As(err, &away) || result.Outcome != order.Unavailable || !strings.Contains(result.Words, "a user of its own") {
		t.Errorf("outcome %q, words %q, %v", result.Outcome, result.Words, err)
	}
	if r.demo.SignIns() != 2 {
		t.Errorf("signed in %d times", r.demo.SignIns())
	}
	if len(result.Orders) == 0 {
		t.Error("what was read before is lost")
	}
}

func TestSessionOfAnotherUserIsNotUsed(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.must(false)
	r.shop.URL += "?changed"
	r.must(false)
	if r.demo.SignIns() != 2 {
		t.Errorf("signed in %d times", r.demo.SignIns())
	}
	for _, bad := range []string{"{", "null", `{"v":99}`, strings.Repeat("[", 10000)} {
		r.session = []byte(bad)
		r.must(false)
	}
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.shop.Password = "wrong-" + canaryPassword
	result, err := r.visit(false)
	var refused *crawler.RefusedError
	if !errors.As(err, &refused) || refused.Words != "Wrong user name or password. 4 tries left." {
		t.Fatalf("got %v", err)
	}
	if result.Outcome != order.Refused || result.Words != refused.Words || result.Session != nil {
		t.Errorf("outcome %q, words %q, session kept %v", result.Outcome, result.Words, result.Session != nil)
	}
	if r.demo.Refusals() != 1 || r.demo.SignIns() != 0 {
		t.Errorf("the password was tried %d times", r.demo.Refusals())
	}
	if !strings.Contains(err.Error(), "not tried again until user or password change") {
		t.Errorf("the seller reads: %v", err)
	}
}

// A dashboard may carry a warning in the place where a refusal would stand.
func TestWordsOfRefusalOnAGoodPage(t *testing.T) {
	text := strings.Replace(string(demoshop.FormRecipe()), "refused: .refused", "refused: h1", 1)
	r := newRig(t, demoshop.Options{}, []byte(text))
	r.must(false)

	wrong := newRig(t, demoshop.Options{}, []byte(text))
	wrong.shop.Password = "wrong-" + canaryPassword
	if result, err := wrong.visit(false); result.Outcome != order.Refused || result.Words != "Demo Shop" || wrong.demo.Refusals() != 1 {
		t.Errorf("outcome %q, words %q, tried %d times, %v", result.Outcome, result.Words, wrong.demo.Refusals(), err)
	}
}

func TestOneTimeCodeNeedsYou(t *testing.T) {
	r := newRig(t, demoshop.Options{AskCode: true}, demoshop.FormRecipe())
	result, err := r.visit(false)
	var needs *crawler.NeedsYouError
	if !errors.As(err, &needs) || needs.Why != "Enter the code that we sent to your phone." || result.Outcome != order.NeedsYou || needs.Screenshot == "" {
		t.Errorf("outcome %q, %v", result.Outcome, err)
	}
}

func TestLook(t *testing.T) {
	r := newRig(t, demoshop.Options{}, demoshop.FormRecipe())
	r.must(false)
	r.demo.ResetLog()
	if err := r.demo.Pay("1042"); err != nil {
		t.Fatal(err)
	}
	o, session, err := r.spider.Look(t.Context(), r.shop, "1042", r.session)
	if err != nil || o.Status != order.Paid || o.Looked.IsZero() || o.Shop != "demo" || o.Total.Minor == 0 {
		t.Errorf("read %+v, %v", o, err)
	}
	if len(r.demo.Log()) != 1 || session == nil {
		t.Errorf("a look cost %v", r.demo.Counts())
	}
	if _, _, err = r.spider.Look(t.Context(), r.shop, "77777", session); !errors.Is(err, crawler.ErrNoOrder) {
		t.Errorf("an order that is not there: %v", err)
	}
	r.demo.ExpireSessions()
	if o, _, err = r.spider.Look(t.Context(), r.shop, "1040", session); err != nil || o.Status != order.Unpaid {
		t.Errorf("a look with an old session: %+v, %v", o, err)
	}
}

func TestLookWithoutAnOrderPage(t *testing.T) {
	text := string(demoshop.FormRecipe())
	text = text[:strings.Index(text, "\ndetail:")] + text[strings.Index(text, "\nstatuses:"):]
	r := newRig(t, demoshop.Options{}, []byte(text))
	r.must(false)
	o, _, err := r.spider.Look(t.Context(), r.shop, "1020", r.session)
	if want, _ := r.demo.Order("1020"); err != nil || o.StatusText != want.Status || o.Looked.IsZero() {
		t.Errorf("read %+v, %v", o, err)
	}
	if _, _, err := r.spider.Look(t.Context(), r.shop, "77777", r.session); !errors.Is(err, crawler.ErrNoOrder) {
		t.Errorf("an order that is not there: %v", err)
	}
}
