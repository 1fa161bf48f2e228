package notify_test

import (
	"strings"

	"nudged/store/order"
)

const goodApproved = "您的订单${number}金额${total}元待支付，将于${closes}关闭，如已付款请忽略。"

func aliyunRules() map[string]rule {
	set := func(text, kind string) func(*bench) { return func(b *bench) { b.approved(text, kind) } }
	again := func(text, kind string) func(*bench) {
		return func(b *bench) { b.step.Template = "again"; b.approved(text, kind) }
	}
	good := set(goodApproved, "notification")
	out := map[string]rule{
		"not approved":      {trip: func(b *bench) { b.provider.Name = "aliyun" }, want: "templates: {gentle: {code: SMS_…", isError: true},
		"not repeated":      {trip: set("", ""), want: "repeat it as `text:`"},
		"no signature":      {trip: func(b *bench) { good(b); b.provider.Sign, b.shop.Sign = "", "" }, want: "without an approved signature", isError: true},
		"signature form":    {trip: func(b *bench) { good(b); b.shop.Sign = "[皮扣]" }, want: "`sign: 皮扣`", isError: true},
		"shop as signature": {trip: func(b *bench) { good(b); b.shop.Sign = b.shop.Name }, want: "since 28 March 2025"},
		"link variable":     {trip: set("您的订单${number}待支付，详情${link}。", ""), want: "${link} would hold a link", isError: true},
		"part of a link":    {trip: set("您的订单待支付 https://buckles.example/${number} 详情", ""), want: "no part of a link", isError: true},
		"mapped link": {trip: func(b *bench) {
			b.approved("您的订单${page}待支付。", "")
			t := b.provider.Templates["gentle"]
			t.Params = map[string]string{"page": "link"}
			b.provider.Templates["gentle"] = t
		}, want: "${page} would hold a link", isError: true},
		"contact variable":      {trip: set("您的订单待支付，请联系${contact}。", ""), want: "would hold a contact", isError: true},
		"unknown fact":          {trip: set("您的订单${orderno}待支付。", ""), want: `no fact "orderno"; there are amount, closes`, isError: true},
		"bad name":              {trip: set("您的订单${id}待支付。", ""), want: "${id} is no name that Aliyun takes", isError: true},
		"offer as a fact":       {trip: set("您的订单待支付，${offer}。", ""), want: "would hold an offer", isError: true},
		"neighbours":            {trip: set("订单${number}${closes}关闭", ""), want: "side by side", isError: true},
		"only variables":        {trip: set("${number} ${closes}", ""), want: "nothing but variables", isError: true},
		"opt-out":               {trip: set("您的订单${number}待支付，拒收请回复R", ""), want: "a notification holds no opt-out words", isError: true},
		"promotion words":       {trip: set("您的订单${number}待支付，满减活动中", ""), want: "a notification holds no promotion: take out “满减”", isError: true},
		"coupon":                {trip: set("您的订单${number}待支付，有优惠券可用", ""), want: "take out “优惠”", isError: true},
		"mobile":                {trip: set("您的订单${number}待支付，致电13800138000", ""), want: "take out 13800138000", isError: true},
		"chat":                  {trip: set("您的订单${number}待支付，微信咨询", ""), want: "take out 微信", isError: true},
		"dunning":               {trip: set("催款通知：订单${number}", ""), want: "Aliyun refuses texts with “催款”", isError: true},
		"win-back":              {trip: set("用户召回：订单${number}", ""), want: "“用户召回”", isError: true},
		"harsh":                 {trip: set("您的订单${number}请立即付款", ""), want: "“立即付款” sounds"},
		"brackets":              {trip: set("【皮扣】您的订单${number}待支付", ""), want: "nowhere in the template", isError: true},
		"square bracket":        {trip: set("[皮扣]您的订单${number}待支付", ""), want: "neither begins nor ends", isError: true},
		"signs":                 {trip: set("您的订单${number}待支付：¥${total}★", ""), want: "refuses the sign “¥” “★”", isError: true},
		"length":                {trip: set("您的订单${number}待支付。"+strings.Repeat("好", 500), ""), want: "Aliyun takes 500", isError: true},
		"short link":            {trip: set("您的订单${number}待支付 https://t.cn/x ", ""), want: "a short link hides", isError: true},
		"kind":                  {trip: set(goodApproved, "advert"), want: `kind "advert" is not known`, isError: true},
		"promotion for service": {trip: set(goodApproved+"拒收请回复R", "promotion"), want: "a promotion goes to members only; for how an order stands", isError: true},
		"parts":                 {trip: set(goodApproved+strings.Repeat("好", 100), ""), want: "3 parts of UCS-2, 0.15 CNY"},
	}
	for name, r := range out {
		r.language, r.channel = "zh", order.BySMS
		if r.mend == nil {
			r.mend = good
		}
		out[name] = r
	}
	promo := "尊敬的会员，您的订单${number}已关闭，欢迎再次选购。拒收请回复R"
	out["marketing as notification"] = rule{"zh", order.BySMS, again(promo, "notification"), again(promo, "promotion"), "may not go out as a notification", true}
	out["promotion without R"] = rule{"zh", order.BySMS, again("尊敬的会员，欢迎再次选购", ""), again(promo, ""), "a promotion ends with 拒收请回复R", true}
	out["R not last"] = rule{"zh", order.BySMS, again("尊敬的会员，拒收请回复R，欢迎", ""), again(promo, ""), "put these words last", true}
	out["promotion to members"] = rule{"zh", order.BySMS, again("欢迎再次选购，拒收请回复R", ""), again(promo, ""), "begin with 尊敬的会员", false}
	return out
}
