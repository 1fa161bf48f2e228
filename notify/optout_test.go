package notify_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"nudged/notify"
)

func TestOptsOut(t *testing.T) {
	for _, words := range []string{
		"STOP", "stop", " Stop. ", "STOP!!!", "\"stop\"", "\uff33\uff34\uff2f\uff30", "StopAll", "stop all", "UNSUBSCRIBE", "cancel", "End", "QUIT", "revoke",
		"OptOut", "opt out", "OPT-OUT", "opt\tout\r\n", "R", "r", "r。", "\uff32", "T", "TD", "td", "T D", "N", "退订", "退订。", "【退订】", "“退订”", "退 订", "拒收", "退訂",
		"请退订", "退订,谢谢", "退订\uff0c谢谢\uff01", "退订了", "TD退订", "TD 退订", "退订 TD", "please stop", "Stop, please!", "STOP thanks", "Please unsubscribe me", "stop texting me",
		"don't text me", "Don’t contact me", "No more messages.", "取消订阅", "不要再发了", "别再给我发短信了!", "请不要再给我发邮件了,谢谢", "STOP STOP STOP", "stop\u200b", "\ufeff退订", "🛑 STOP 🛑", "❌退订",
		"Arrêt", "Arre\u0302t", "(n)",
	} {
		if !notify.OptsOut(words) {
			t.Errorf("%q does not opt out", words)
		}
	}
	for _, words := range []string{
		"", " ", "?", "。", "\x00", "yes", "Y", "no", "No thanks", "n thanks", "please r", "please cancel", "cancel my order", "please don't cancel my order", "Don't stop!", "nonstop", "stopped",
		"Stop by the shop tomorrow?", "stop?", "退订?", "退订\uff1f", "怎么退订\uff1f", "怎么退订", "退订吗", "不退订", "我没有要退订", "我不想退订,想问问多少钱", "取消订单", "我想取消这个订单", "the end", "end of the week", "when does the sale end",
		"R2D2", "T-shirt", "N/A", "TD Bank", "1", "I will pay tomorrow, stop worrying", "quit asking about STOP", "STOPP", "хватит", "已付款", "在吗",
		"unsubscribe " + strings.Repeat("a", 300), strings.Repeat("stop ", 100),
	} {
		if notify.OptsOut(words) {
			t.Errorf("%q opts out", words)
		}
	}
}

func TestOptsOutIn(t *testing.T) {
	for _, text := range []string{
		"STOP", "unsubscribe\n\nMary Miller\n12 Some Street", "Hello,\nplease stop!\nMary", "你好:\n\n退订\n谢谢", "\n\n\nunsubscribe me\n-- \nM", "cancel", "N\n", "TD\r\n", "Please\nunsubscribe",
	} {
		if !notify.OptsOutIn(text) {
			t.Errorf("%q does not opt out", text)
		}
	}
	for _, text := range []string{
		"", "cancel\nmy order please, I bought it elsewhere", "N\nT\nplease call me", "one\ntwo\nthree\nstop", "I want to know\nif you stop selling these", "你好\n怎么付款\n谢谢",
		"Please do not\nstop the order", strings.Repeat("x", 5000) + "\n" + strings.Repeat("y", 5000) + "\nz\nstop",
	} {
		if notify.OptsOutIn(text) {
			t.Errorf("%q opts out", text)
		}
	}
}

func FuzzOptsOut(f *testing.F) {
	for _, s := range []string{"STOP", "退订", "please stop", "\xff退\xfe订", "R", "stop\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, words string) {
		out := notify.OptsOut(words)
		if out && len(words) < 50 && utf8.ValidString(words) {
			for _, same := range []string{" " + words, words + "\n", strings.ToUpper(words)} {
				if !notify.OptsOut(same) {
					t.Errorf("%q opts out and %q does not", words, same)
				}
			}
		}
		if out && !notify.OptsOutIn(words) {
			t.Errorf("%q opts out as words and not as a text", words)
		}
	})
}
