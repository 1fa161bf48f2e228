package crawler

import (
	"context"
	"fmt"
	"time"

	"nudged/crawler/extract"
	"nudged/crawler/recipe"
)

// checkEvery is how long the shop's word for who is signed in is good.
const checkEvery = 10 * time.Minute

// recognise sees who is signed in. The first one is kept; another one later is
// an error: the orders of another shop must not be taken for this one's.
func (t *trip) recognise(ctx context.Context, p recipe.Page) error {
	v := t.shop.Recipe.SignIn.Proof.Identity
	if v == nil {
		return nil
	}
	name, err := t.identityOn(p, v)
	if err != nil {
		return &LayoutError{Shop: t.shop.Name, Page: "proof of the sign-in", Saved: t.savePage("proof", p), Err: err}
	}
	if t.who != "" && t.who != name {
		if t.shop.Recipe.SignIn.Person == nil && !t.signing {
			t.log.Info("another shop is signed in; signing in again", "step", "sign-in")
			t.left, t.session = t.session, nil
			return nil
		}
		return t.needsYou(ctx, fmt.Sprintf("another shop is signed in there: %q, it was %q before; nothing of it was read (if it was only renamed: nudged crawl %s --again)", extract.Masked(name), extract.Masked(t.who), t.shop.Name), p)
	}
	t.who, t.session.Identity, t.session.Checked = name, name, t.s.o.Now()
	return nil
}

func (t *trip) identityOn(p recipe.Page, v *recipe.Value) (string, error) {
	const name = "identity"
	found, err := extract.Vars([]recipe.Var{{Name: name, Value: *v}}, p, extract.Env{Cookie: t.cookie, Storage: t.session.stored})
	if err != nil {
		return "", err
	}
	if found[name] == "" {
		return "", fmt.Errorf("sign_in.proof.identity found nothing")
	}
	return words(found[name], t.shop.Password), nil
}

// same sees, now and then, whether a kept session is still that of the same
// shop: with some an account has several, and the server remembers which was
// chosen last.
func (t *trip) same(ctx context.Context) error {
	proof := &t.shop.Recipe.SignIn.Proof
	if proof.Identity == nil || t.session.Identity != "" && t.s.o.Now().Sub(t.session.Checked) < checkEvery {
		return nil
	}
	p, err := t.answer(ctx, call{what: "proof of the sign-in", req: &proof.Request, free: true})
	if err != nil || !extract.Check(&proof.Sign, p) {
		return err // the page that is wanted tells what is wrong
	}
	return t.recognise(ctx, p)
}
