package order_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"nudged/store/order"
)

const (
	canaryMail   = "canary.bird@example.com"
	canaryPhone  = "+8613712345678"
	canarySecret = "tiger-canary-42"
)

// told lists what of the three must not be seen, also as bytes in hex or quoted.
func told(out string) []string {
	var found []string
	for _, s := range []string{"canary.bird", "1371234", "12345678", "tiger", fmt.Sprintf("%x", "canary.b"), fmt.Sprintf("%X", "canary.b"), fmt.Sprintf("%x", "tiger"), fmt.Sprintf("%X", "tiger"), fmt.Sprintf("%x", "1371234")} {
		if strings.Contains(out, s) {
			found = append(found, s)
		}
	}
	return found
}

type holder struct {
	Mail   order.Email
	Phone  *order.Phone
	Secret []order.Secret
	Any    any
	Order  order.Order
}

func held() holder {
	p := order.Phone(canaryPhone)
	return holder{
		Mail: canaryMail, Phone: &p, Secret: []order.Secret{canarySecret}, Any: order.Secret(canarySecret),
		Order: order.Order{Buyer: order.Buyer{Name: "Ann", Email: canaryMail, Phone: canaryPhone}},
	}
}

func TestNoVerbTellsASecret(t *testing.T) {
	for _, v := range []any{order.Email(canaryMail), order.Phone(canaryPhone), order.Secret(canarySecret), held(), []order.Email{canaryMail}, map[order.Email]order.Phone{canaryMail: canaryPhone}, errors.Join(fmt.Errorf("%w: %v", errors.New("x"), held()))} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#q", "%10s", "%-30s", "%.3s", "%d", "%t", "%T", "%b", "%c", "%U", "%e", "%o", "%z"} {
			if found := told(fmt.Sprintf(verb, v)); found != nil {
				t.Errorf("%s of %T tells %q: "+verb, verb, v, found, v)
			}
		}
		if found := told(fmt.Sprint(v) + fmt.Sprintln(v)); found != nil {
			t.Errorf("Print of %T tells %q", v, found)
		}
	}
}

func TestNoLogTellsASecret(t *testing.T) {
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var out bytes.Buffer
		slog.New(handler(&out)).Info("x", "mail", order.Email(canaryMail), "phone", order.Phone(canaryPhone), "secret", order.Secret(canarySecret),
			"all", held(), "buyer", held().Order.Buyer, slog.Group("g", "mail", order.Email(canaryMail)))
		if found := told(out.String()); found != nil {
			t.Errorf("%s tells %q: %s", name, found, &out)
		}
		if !strings.Contains(out.String(), "c***@example.com") || !strings.Contains(out.String(), "[secret]") {
			t.Errorf("%s does not say that there was something: %s", name, &out)
		}
	}
}

func TestNoJSONTellsASecret(t *testing.T) {
	out, err := json.Marshal(held())
	if err != nil {
		t.Fatal(err)
	}
	if found := told(string(out)); found != nil {
		t.Errorf("tells %q: %s", found, out)
	}
}

func TestRedactedForms(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{order.Email("ann@example.com").String(), "a***@example.com"},
		{order.Email("安@例子.cn").String(), "安***@例子.cn"},
		{order.Email(`"a@b"@example.com`).String(), `"***@example.com`},
		{order.Email("").String(), ""},
		{order.Email("ann").String(), "***"},
		{order.Email("@x").String(), "***"},
		{order.Phone("+8613800138000").String(), "+86*********00"},
		{order.Phone("12345").String(), "***"},
		{order.Phone("").String(), ""},
		{order.Secret("").String(), ""},
		{order.Secret("x").String(), "[secret]"},
		{order.Email("ann@example.com").Reveal(), "ann@example.com"},
		{order.Phone("+8613800138000").Reveal(), "+8613800138000"},
		{order.Secret("x").Reveal(), "x"},
		{order.NormalEmail("  Ann@Example.COM\n").Reveal(), "ann@example.com"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}
