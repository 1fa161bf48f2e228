package inbox_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/notify/inbox"
	"nudged/store/order"
)

// TestRealGateway lets phones answer through a real Kannel, and has it report a
// delivery. NUDGED_KANNEL* say where it is, see the tests of the SMS sender.
func TestRealGateway(t *testing.T) {
	if os.Getenv("NUDGED_KANNEL") == "" {
		if slices.Contains(strings.Split(os.Getenv("NUDGED_TEST_REQUIRE"), ","), "kannel") {
			t.Fatal("NUDGED_KANNEL is not set, and NUDGED_TEST_REQUIRE wants a real gateway")
		}
		t.Skip("NUDGED_KANNEL is not set")
	}
	came := make(chan order.Back, 20)
	ctx, stop := context.WithCancel(t.Context())
	l, err := inbox.Listen(ctx, inbox.ListenOptions{
		Addr: os.Getenv("NUDGED_KANNEL_REPLIES"), Secret: order.Secret(os.Getenv("NUDGED_KANNEL_SECRET")), Regions: []string{"CN"},
		Take: func(_ context.Context, b order.Back) error { came <- b; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- l.Serve(ctx) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	for _, c := range []struct {
		from, text string
		want       order.Back
	}{
		{"+8613800138000", "STOP", order.Back{State: order.OptedOut, Phone: "+8613800138000", Words: "STOP"}},
		{"13800138000", "退订", order.Back{State: order.OptedOut, Phone: "+8613800138000", Words: "退订"}},
		{"8613800138000", "怎么退订\uff1f", order.Back{State: order.Replied, Phone: "+8613800138000", Words: "怎么退订\uff1f"}},
		{"+447400123456", "Arrêt", order.Back{State: order.OptedOut, Phone: "+447400123456", Words: "Arrêt"}},
		{"+447400123456", "50% & more? 你好 😀 a+b", order.Back{State: order.Replied, Phone: "+447400123456", Words: "50% & more? 你好 😀 a+b"}},
	} {
		say := exec.CommandContext(t.Context(), os.Getenv("NUDGED_KANNEL_SMSC"), os.Getenv("NUDGED_KANNEL_DIR"), "say", c.from, "10690001", c.text)
		if out, err := say.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		gatewayGave(t, came, c.want)
	}
	id := fresh(t) + "@buckles.example"
	report := "http://" + l.Addr() + "/" + os.Getenv("NUDGED_KANNEL_SECRET") + "/report?id=" + strings.ReplaceAll(url.QueryEscape(id), "%", "%%") + "&type=%d"
	q := url.Values{
		"username": {os.Getenv("NUDGED_KANNEL_USER")}, "password": {os.Getenv("NUDGED_KANNEL_PASSWORD")}, "from": {"10690001"}, "to": {"+8613800138000"},
		"text": {"您好"}, "charset": {"utf-8"}, "coding": {"2"}, "dlr-mask": {"31"}, "dlr-url": {report},
	}
	resp, err := http.Get(os.Getenv("NUDGED_KANNEL") + "?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("%s: %s", resp.Status, body)
	}
	gatewayGave(t, came, order.Back{State: order.Delivered, Message: id})
	select {
	case b := <-came:
		t.Errorf("it gave %+v besides", b)
	case <-time.After(500 * time.Millisecond):
	}
}

func gatewayGave(t *testing.T, came <-chan order.Back, want order.Back) {
	t.Helper()
	select {
	case b := <-came:
		if b.Ref == "" || time.Since(b.At).Abs() > 10*time.Minute {
			t.Errorf("ref %q at %s", b.Ref, b.At)
		}
		want.Ref, want.At, want.Channel = b.Ref, b.At, order.BySMS
		if b != want {
			t.Errorf("it gave %+v %q, want %+v %q", b, b.Words, want, want.Words)
		}
	case <-time.After(time.Minute):
		t.Errorf("it gave nothing; wanted %+v", want)
	}
}
