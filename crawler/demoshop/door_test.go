package demoshop_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"nudged/crawler/demoshop"
)

func TestCodeIsTakenOnce(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	v := open(t, demoshop.Options{Now: func() time.Time { return now }, Door: demoshop.Door{TOTP: secret}})
	code, err := totp.GenerateCode(secret, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ code, want string }{{"000000", "This code is wrong."}, {code, `id="who"`}, {code, "This code was used already."}} {
		if page := v.signIn(v.shop.Password()); !strings.Contains(page, `id="code"`) {
			t.Fatal("the right password alone lets in")
		}
		r, err := v.PostForm(v.shop.URL+"admin/login/code", url.Values{"code": {c.code}})
		if err != nil {
			t.Fatal(err)
		}
		if body := read(t, r); !strings.Contains(body, c.want) {
			t.Errorf("the code %s does not lead to %q", c.code, c.want)
		}
	}
}

func TestUserFirst(t *testing.T) {
	v := open(t, demoshop.Options{Door: demoshop.Door{TwoPages: true}})
	_, page := v.get("admin/login")
	if strings.Contains(page, `id="password"`) {
		t.Error("the first page asks for the password")
	}
	csrf := token.FindStringSubmatch(page)[1]
	r, err := v.PostForm(v.shop.URL+"admin/login", url.Values{"user": {v.shop.User()}, "csrf": {csrf}})
	if err != nil {
		t.Fatal(err)
	}
	if page = read(t, r); !strings.Contains(page, `id="password"`) || strings.Contains(page, `id="user"`) {
		t.Error("the second page does not ask for the password alone")
	}
	if r, err = v.PostForm(v.shop.URL+"admin/login", url.Values{"password": {v.shop.Password()}, "csrf": {csrf}}); err != nil || !strings.Contains(read(t, r), `id="who"`) {
		t.Errorf("user first, password next do not lead in: %v", err)
	}
}

func TestSignedOutAnswers(t *testing.T) {
	for kind, want := range map[demoshop.SignedOut]struct {
		status int
		body   string
	}{
		demoshop.ByRedirect: {200, `id="signin"`},
		demoshop.ByPage:     {200, `id="signin"`},
		demoshop.ByScript:   {200, "window.location.href"},
		demoshop.ByCode:     {200, `"code":-401`},
		demoshop.By401:      {401, "sign in first"},
		demoshop.ByZero:     {400, "0"},
	} {
		v := open(t, demoshop.Options{Door: demoshop.Door{SignedOut: kind}})
		status, body := v.get("admin/orders/plain")
		if status != want.status || !strings.Contains(body, want.body) || kind == demoshop.ByScript && len(body) != 219 {
			t.Errorf("%q: %d and %d bytes", kind, status, len(body))
		}
	}
}

func TestScan(t *testing.T) {
	v := open(t, demoshop.Options{})
	v.get("admin/qr")
	if n := v.shop.Scan(); n != 0 {
		t.Errorf("%d were signed in whose page does not wait yet", n)
	}
	if _, body := v.get("admin/qr/state"); !strings.Contains(body, "false") || v.shop.Scan() != 1 {
		t.Errorf("nobody waits: %s", body)
	}
	if _, body := v.get("admin/"); !strings.Contains(body, `id="who"`) {
		t.Error("the phone did not let in")
	}
}

func read(t *testing.T, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
