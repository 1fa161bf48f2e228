package sms_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"nudged/notify"
	"nudged/notify/sms"
	"nudged/store/order"
)

// required skips a test of a real part that is not there, and fails it where all
// of them must be.
func required(t *testing.T, variable, part string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		if slices.Contains(strings.Split(os.Getenv("NUDGED_TEST_REQUIRE"), ","), part) {
			t.Fatalf("%s is not set, but %s is required", variable, part)
		}
		t.Skipf("%s is not set", variable)
	}
	return value
}

// realKannel is a running Kannel with a fake message centre.
type realKannel struct {
	t     *testing.T
	calls chan url.Values // what Kannel calls, with the path as parameter "path"
	from  int64           // where in the centre's log this test begins
}

func startKannel(t *testing.T) *realKannel {
	t.Helper()
	required(t, "NUDGED_KANNEL", "kannel")
	k := &realKannel{t: t, calls: make(chan url.Values, 100)}
	k.centre("start")
	info, err := os.Stat(os.Getenv("NUDGED_KANNEL_LOG"))
	if err != nil {
		t.Fatal(err)
	}
	k.from = info.Size()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", os.Getenv("NUDGED_KANNEL_REPLIES"))
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		q.Set("path", r.URL.Path)
		k.calls <- q
	})}
	go func() { _ = s.Serve(l) }()
	// Kannel must hear that its calls have arrived: else it calls the next test, too.
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		_ = s.Shutdown(ctx)
		_ = s.Close()
	})
	return k
}

// centre starts, stops, or speaks through the fake message centre.
func (k *realKannel) centre(args ...string) {
	k.t.Helper()
	cmd := exec.CommandContext(k.t.Context(), os.Getenv("NUDGED_KANNEL_SMSC"), append([]string{os.Getenv("NUDGED_KANNEL_DIR")}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		k.t.Fatalf("message centre %v: %v: %s", args, err, out)
	}
}

func (k *realKannel) options() sms.Options {
	return sms.Options{
		Provider: sms.Kannel, URL: os.Getenv("NUDGED_KANNEL"), User: os.Getenv("NUDGED_KANNEL_USER"), Password: order.Secret(os.Getenv("NUDGED_KANNEL_PASSWORD")),
		From: "10690001", Report: "http://" + os.Getenv("NUDGED_KANNEL_REPLIES") + k.path("report"),
	}
}

func (k *realKannel) path(last string) string {
	return "/" + os.Getenv("NUDGED_KANNEL_SECRET") + "/" + last
}

// call waits for the next call on a path.
func (k *realKannel) call(path string) url.Values {
	k.t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case q := <-k.calls:
			if q.Get("path") == k.path(path) {
				return q
			}
			k.t.Logf("not waited for: %v", q)
		case <-late:
			k.t.Fatalf("Kannel did not call %s", path)
		}
	}
}

// phone waits for the message with this mark and puts it together as a phone does.
func (k *realKannel) phone(to order.Phone, parts int) string {
	k.t.Helper()
	for late := time.Now().Add(time.Minute); time.Now().Before(late); time.Sleep(100 * time.Millisecond) {
		raw, err := os.ReadFile(os.Getenv("NUDGED_KANNEL_LOG"))
		if err != nil {
			k.t.Fatal(err)
		}
		var got []string
		whole := raw[:bytes.LastIndexByte(raw, '\n')+1] // its last line may be half written
		for line := range strings.SplitSeq(string(whole[min(k.from, int64(len(whole))):]), "\n") {
			if _, message, ok := strings.Cut(line, "Got message "); ok && strings.Contains(message, "<10690001 "+to.Reveal()+" ") {
				_, message, _ = strings.Cut(message, to.Reveal()+" ")
				got = append(got, strings.TrimSuffix(message, ">"))
			}
		}
		if len(got) == parts {
			return k.assemble(got)
		}
	}
	k.t.Fatalf("no message in %d parts arrived", parts)
	return ""
}

// assemble joins parts by the numbers in their headers.
func (k *realKannel) assemble(parts []string) string {
	texts := make([]string, len(parts))
	for _, p := range parts {
		f := strings.SplitN(p, " ", 2)
		at, data := 0, f[1]
		if f[0] == "udh" {
			header, rest, _ := strings.Cut(f[1], " data ")
			udh := k.bytes(header)
			if len(udh) != 6 || int(udh[4]) != len(parts) || udh[5] == 0 || int(udh[5]) > len(parts) {
				k.t.Fatalf("a part says it is one of others: % x", udh)
			}
			at, data = int(udh[5])-1, rest
		}
		if f[0] == "text" {
			texts[at] = data
		} else {
			texts[at] = string(k.bytes(data))
		}
	}
	return strings.Join(texts, "")
}

func (k *realKannel) bytes(escaped string) []byte {
	plain, err := url.QueryUnescape(escaped)
	if err != nil {
		k.t.Fatal(err)
	}
	return []byte(plain)
}

func ucs2(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit>>8), byte(unit&0xff))
	}
	return string(out)
}

func shortMessage(n int, phone order.Phone, text string) notify.Message {
	key := order.ReminderKey{Order: order.Key{Shop: "buckles", ID: fmt.Sprint(n)}, Step: "first", Channel: order.BySMS}
	return notify.Message{Key: key, Phone: phone, Text: text, MessageID: notify.MessageID(key, fmt.Sprint(time.Now().UnixNano()), "shop@buckles.example")}
}

func TestKannelDelivers(t *testing.T) {
	k := startKannel(t)
	s := newSender(t, k.options())
	chinese := "【巴克尔】小红您好😀,您在 Buckles 的订单 1001 还没有付款: 银色带扣 × 2, 合计 128.00 元。付款后我们当天寄出, 链接 https://buckles.example/o/1001 。" +
		strings.Repeat("有问题请直接回复这条短信, 我们会尽快回答您。", 5)
	for n, c := range []struct {
		name, text, want string
		parts            int
	}{
		{"Chinese in several parts", chinese, ucs2(chinese), 4},
		{"Chinese in one part", "您的订单还没有付款", ucs2("您的订单还没有付款"), 1},
		{"400 letters", strings.Repeat("Pay & ride? ", 34)[:400], strings.Repeat("Pay & ride? ", 34)[:400], 3},
		{"one part", "Hello Ann, 100% + more & so on", "Hello Ann, 100% + more & so on", 1},
		{"letters of GSM beyond ASCII", "Größe 12 €, [neu] {ñ} ~ Ω @ ¿qué? \\ | ^ è", "Größe 12 €, [neu] {ñ} ~ Ω @ ¿qué? \\ | ^ è", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			k.t = t
			m := shortMessage(n, order.Phone(fmt.Sprintf("+861380013%04d", n)), c.text)
			got, err := s.Send(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			if got.Parts != c.parts || got.ID != m.MessageID || got.Provider != "0: Accepted for delivery" {
				t.Errorf("receipt %+v, want %d parts", got, c.parts)
			}
			if text := k.phone(m.Phone, c.parts); text != c.want {
				t.Errorf("the phone got %q, want %q", text, c.want)
			}
			if q := k.call("report"); q.Get("id") != m.MessageID || q.Get("type") != "1" {
				t.Errorf("the report says %v, want id %s and type 1", q, m.MessageID)
			}
		})
	}
}

func TestKannelRefusesAPassword(t *testing.T) {
	k := startKannel(t)
	o := k.options()
	o.Password = "wrong-canary"
	_, err := newSender(t, o).Send(t.Context(), shortMessage(1, "+8613800138000", "hello"))
	var se *notify.SendError
	if !errors.As(err, &se) || se.Kind != notify.Temporary || !se.Account || !se.Refused {
		t.Fatalf("a wrong password gives %#v", err)
	}
	if strings.Contains(err.Error(), "wrong-canary") {
		t.Errorf("the error tells the password: %v", err)
	}
}

// A message that the centre cannot take yet is Kannel's from then on.
func TestKannelQueues(t *testing.T) {
	k := startKannel(t)
	k.centre("stop")
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		_ = exec.Command(os.Getenv("NUDGED_KANNEL_SMSC"), os.Getenv("NUDGED_KANNEL_DIR"), "start").Run()
	})
	m := shortMessage(1, "+8613800139001", "您的订单还没有付款")
	got, err := newSender(t, k.options()).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got.Provider != "3: Queued for later delivery" {
		t.Errorf("Kannel said %q", got.Provider)
	}
	k.centre("start")
	if text := k.phone(m.Phone, 1); text != ucs2(m.Text) {
		t.Errorf("the phone got %q", text)
	}
	if q := k.call("report"); q.Get("id") != m.MessageID {
		t.Errorf("the report says %v", q)
	}
}

func TestKannelPassesWordsOn(t *testing.T) {
	k := startKannel(t)
	for _, words := range []string{"退订", "STOP", "有货吗? 什么时候发货"} {
		k.centre("say", "+8613800138000", "10690001", words)
		q := k.call("in")
		if q.Get("text") != words || q.Get("from") != "+8613800138000" || q.Get("id") == "" || q.Get("ts") == "" {
			t.Errorf("a phone said %q, Kannel passed on %v", words, q)
		}
	}
}
