package notify

import (
	"regexp"
	"strings"
	"unicode"
)

// The word lists of the linter. Words of letters match whole words, whatever
// their case; Chinese words match anywhere.

// marketingWords make a message an advertisement, whatever its intention. Source:
// Aliyun's rule that a notification holds no promotion
// (help.aliyun.com/document_detail/463270.htm, 91975.html); the ICO on service
// messages that promote (dpnetwork.org.uk); the words themselves are our choice.
func marketingWords() []string {
	return []string{
		"discount", "discounts", "coupon code", "promo", "promotion", "voucher", "sale", "special offer", "free shipping", "free gift",
		"% off", "percent off", "bargain", "best price", "lowest price", "limited time", "last chance", "hurry", "don't miss", "buy now", "order now",
		"优惠", "折扣", "打折", "特价", "促销", "大促", "满减", "立减", "包邮", "免邮", "赠品", "赠送", "抢购", "秒杀", "限时", "限量", "特惠", "红包",
		"最后机会", "仅剩", "手慢无", "爆款", "清仓", "低至", "返现", "福利", "领券", "抢先",
	}
}

// harshWords make a reminder a demand. Source: the tone that sellers are taught,
// 提醒 and not 催促 (lingtaoedu.com/4470.html); the words are our choice.
func harshWords() []string {
	return []string{
		"overdue", "final notice", "last warning", "final warning", "immediately", "at once", "failure to pay", "you must pay", "must pay", "demand",
		"legal action", "debt", "act now", "urgent", "asap", "still have not paid", "still haven't paid",
		"立即付款", "马上付款", "立刻付款", "尽快付款", "尽快支付", "速付", "逾期", "最后通知", "最后通牒", "否则", "后果自负", "务必", "必须付款", "欠款", "拖欠", "警告",
	}
}

// dunningWords are refused by name. Source: 催款 in the lists of Aliyun
// (help.aliyun.com/document_detail/463270.htm), Tencent
// (cloud.tencent.com/document/product/382/39023) and Huawei
// (support.huaweicloud.com/msgsms_faq/sms_faq_0003.html).
func dunningWords() []string {
	return []string{"催款", "催付", "催缴", "催收", "上门追讨", "追讨"}
}

// forbiddenTopics stop an SMS in mainland China, whatever its class. Source: the
// topics that Aliyun (help.aliyun.com/document_detail/463270.htm) and Tencent
// (cloud.tencent.com/document/product/382/39023) both name, as far as a shop may
// come upon them; 优惠券 is named by Tencent, and stands in marketingWords.
func forbiddenTopics() []string {
	return []string{
		"用户召回", "用户拉新", "老客召回", "问卷调查", "加微信", "加QQ", "加群", "加客服", "好评返现", "邀请好评", "返现", "返利", "抽奖", "中奖", "刷单",
		"积分兑换", "积分领取", "一元秒杀", "一元夺宝", "零元购", "淘口令", "贷款", "分期", "信用卡提额", "投资理财", "代开发票", "回复确认收货", "下载APP", "APP下载",
	}
}

// optOutWords tell a reader how to get no more. "退订" and "拒收" are what Chinese
// readers know; R is the reply that Aliyun takes.
func optOutWords() []string {
	return []string{"unsubscribe", "opt out", "opt-out", "stop", "no more messages", "退订", "拒收", "不再接收", "不想再收到"}
}

// shortLinks are hosts that hide where a link leads. Source: short links are
// refused by Tencent, Huawei and Aliyun (the pages above); carriers elsewhere
// filter the public ones. The list is our choice.
func shortLinks() []string {
	return []string{
		"bit.ly", "tinyurl.com", "goo.gl", "t.co", "is.gd", "ow.ly", "buff.ly", "rb.gy", "cutt.ly", "s.id", "shorturl.at", "tiny.cc", "v.gd", "lnkd.in",
		"t.cn", "url.cn", "dwz.cn", "suo.im", "suo.nz", "dwz.mk", "u.jd.com", "3.cn", "m.tb.cn", "tb.cn", "w.url.cn", "c7.gg", "6du.in", "mrw.so",
	}
}

// specialSigns are what templates of Aliyun and Tencent may not hold. Source: the
// pages above, and the older rule of Aliyun that names ¥.
func specialSigns() string {
	return "¥￥★☆※→←↑↓①②③④⑤⑥⑦⑧⑨•·●▲■◆√✓☞♥㎡²³『』「」〖〗〔〕^&"
}

// findWords tells which of the words a text holds.
func findWords(text string, words []string) []string {
	low := strings.ToLower(text)
	var found []string
	for _, w := range words {
		if at := strings.Index(low, strings.ToLower(w)); at >= 0 && (isChinese(w) || wholeWord(low, strings.ToLower(w))) {
			found = append(found, w)
		}
	}
	return found
}

func wholeWord(text, word string) bool {
	for rest, from := text, 0; ; {
		at := strings.Index(rest, word)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(word)
		if !letterAt(text, start-1) && !letterAt(text, end) || strings.HasPrefix(word, "%") && !letterAt(text, end) {
			return true
		}
		from = start + 1
		rest = text[from:]
	}
}

func letterAt(text string, i int) bool {
	return i >= 0 && i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '0' && text[i] <= '9')
}

func isChinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// urlIn finds links in a text.
var urlIn = regexp.MustCompile(`(?i)https?://[^\s<>"'，。；、）)】]+`)
