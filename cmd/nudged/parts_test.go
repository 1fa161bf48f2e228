package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/store/order"
)

// needPart gives the variable that says where a real part runs; without one the
// test is skipped, or fails where the part is required.
func needPart(t *testing.T, name, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		if strings.Contains(os.Getenv("NUDGED_TEST_REQUIRE"), name) {
			t.Fatalf("%s is not set", variable)
		}
		t.Skipf("%s is not set", variable)
	}
	return value
}

// postfix is a real mail server: NUDGED_SMTP and what stands beside it. Every
// address @example.test ends in one Maildir, customers.
type postfix struct {
	t                                    *testing.T
	host, port, user, password, ca, from string
	boxes                                string // directory of the Maildirs
}

func needPostfix(t *testing.T) *postfix {
	t.Helper()
	addr := needPart(t, "postfix", "NUDGED_SMTP")
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return &postfix{
		t: t, host: host, port: port, user: os.Getenv("NUDGED_SMTP_USER"), password: os.Getenv("NUDGED_SMTP_PASSWORD"),
		ca: os.Getenv("NUDGED_SMTP_CA"), from: os.Getenv("NUDGED_SMTP_FROM"), boxes: filepath.Dir(os.Getenv("NUDGED_SMTP_MAILDIR")),
	}
}

// names lists the files of the mails in a box.
func (p *postfix) names(box string) []string {
	p.t.Helper()
	entries, err := os.ReadDir(filepath.Join(p.boxes, box, "new"))
	if err != nil {
		p.t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// since gives the mails of a box that were not there before.
func (p *postfix) since(box string, before []string) []letter {
	p.t.Helper()
	var out []letter
	for _, name := range p.names(box) {
		if slices.Contains(before, name) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(p.boxes, box, "new", name))
		if err != nil {
			p.t.Fatal(err)
		}
		l, err := caught{Raw: raw}.open()
		if err != nil {
			p.t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

// await waits until so many new mails are in a box.
func (p *postfix) await(box string, before []string, count int) []letter {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		got := p.since(box, before)
		if len(got) >= count {
			return got
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%d mails came into %s, want %d", len(got), box, count)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// vendureControl is the part of the running Vendure that tests may steer. It
// notes every operation that came to the shop, so that nothing goes unseen.
type vendureControl struct {
	t    *testing.T
	base string
	all  []operation
}

// operation is one GraphQL operation that reached the admin API.
type operation struct {
	Kind, Name string
	Fields     []string
}

// vendureOrder is an order as the shop's own admin API tells it.
type vendureOrder struct {
	ID, Code, State, CurrencyCode string
	CreatedAt, UpdatedAt          time.Time
	TotalWithTax                  int64
	Customer                      *struct{ FirstName, LastName, EmailAddress, PhoneNumber string }
	ShippingAddress               *struct{ PhoneNumber string }
	Payments                      []struct{ State, Method string }
	Lines                         []struct {
		Quantity         int
		LinePriceWithTax int64
		ProductVariant   struct{ Name, SKU string }
	}
}

func (v *vendureControl) ask(method, path string, into any) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.base+"/control/"+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		v.t.Fatalf("control %s: %d %s", path, response.StatusCode, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		v.t.Fatalf("control %s: %v", path, err)
	}
}

// seen gives what reached the admin API since it was last asked.
func (v *vendureControl) seen() []operation {
	v.t.Helper()
	var ops []operation
	v.ask(http.MethodGet, "log", &ops)
	v.ask(http.MethodPost, "clear", new(any))
	v.all = append(v.all, ops...)
	return ops
}

func count(ops []operation, name string) int {
	n := 0
	for _, op := range ops {
		if op.Name == name {
			n++
		}
	}
	return n
}

// orders that a seller would call so: no open carts.
func (v *vendureControl) orders() map[string]vendureOrder {
	v.t.Helper()
	var list []vendureOrder
	v.ask(http.MethodGet, "orders", &list)
	all := map[string]vendureOrder{}
	for _, o := range list {
		if !slices.Contains([]string{"AddingItems", "Draft", "Created"}, o.State) {
			all[o.ID] = o
		}
	}
	return all
}

func (v *vendureControl) add(kind string) vendureOrder {
	v.t.Helper()
	var o vendureOrder
	v.ask(http.MethodPost, "order?kind="+kind, &o)
	return o
}

func (v *vendureControl) pay(code string) {
	v.t.Helper()
	var o vendureOrder
	if v.ask(http.MethodPost, "pay?order="+code, &o); o.State != "PaymentSettled" {
		v.t.Fatalf("order %s is %s after its payment", code, o.State)
	}
}

// status is what the design says of Vendure's states, for a shop whose bank
// transfers are settled outside.
func (o vendureOrder) status() order.Status {
	settled, offline := false, false
	for _, p := range o.Payments {
		settled = settled || p.State == "Settled"
		offline = offline || p.Method == "bank-transfer"
	}
	switch {
	case o.State == "ArrangingPayment", o.State == "PaymentAuthorized" && offline:
		return order.Unpaid
	case o.State == "Cancelled" && settled:
		return order.ClosedRefunded
	case o.State == "Cancelled":
		return order.ClosedUnpaid
	case slices.Contains([]string{"PaymentAuthorized", "PaymentSettled", "Shipped", "Delivered"}, o.State):
		return order.Paid
	}
	return order.Other
}

func (o vendureOrder) phone() string {
	if o.Customer.PhoneNumber == "" && o.ShippingAddress != nil {
		return o.ShippingAddress.PhoneNumber
	}
	return o.Customer.PhoneNumber
}

// operator types commands as a seller does, with a clock that can be put
// forward.
type operator struct {
	t     *testing.T
	conf  string
	env   map[string]string
	ahead time.Duration
}

// types runs a command in this process and gives its exit code and what it said.
func (o *operator) types(args ...string) (status int, out, said string) {
	o.t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(o.t.Context(), append(args, "-c", o.conf), world{
		stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, file: writeFile,
		now:       func() time.Time { return time.Now().Add(o.ahead) },
		lookupEnv: func(name string) (string, bool) { v, ok := o.env[name]; return v, ok },
	})
	o.t.Logf("nudged %s: exit code %d\n%.400s%s", strings.Join(args, " "), status, stdout.String(), stderr.String())
	return status, stdout.String(), stderr.String()
}

// must is types for a command that has to work.
func (o *operator) must(args ...string) string {
	o.t.Helper()
	status, out, said := o.types(args...)
	if status != exitDone {
		o.t.Fatalf("nudged %s: exit code %d\n%s%s", strings.Join(args, " "), status, out, said)
	}
	return out + said
}

// wants checks what a command said.
func wants(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("nothing says %q in:\n%s", w, text)
		}
	}
}

// digits are what two spellings of a phone number have in common.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (o vendureOrder) total() string {
	return fmt.Sprintf("%d.%02d", o.TotalWithTax/100, o.TotalWithTax%100)
}
