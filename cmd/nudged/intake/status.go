package intake

import (
	"cmp"
	"slices"
	"strings"

	"nudged/store/order"
)

// statusTable is what shops write for the state of an order, by [titleKey]. They
// are those of the systems whose exports [ofOrders] knows, and common words.
const statusTable = `
unpaid unpaid pending pendingpayment awaitingpayment waitingforpayment waitingpayment open onhold offen unbezahlt 等待买家付款 待付款 未付款 待支付 未支付 等待付款
paid paid partiallypaid partiallyrefunded processing process completed complete shipped fulfilled delivered done invoiced bezahlt abgeschlossen versendet 买家已付款 已付款 已支付 等待卖家发货 待发货 已发货 卖家已发货 等待买家确认收货 待收货 已收货 已签收 交易成功 交易完成 已完成 待评价 付款成功 支付成功
closed_unpaid closedunpaid cancelled canceled voided void expired failed paymenterror abandoned storniert abgebrochen 已取消 交易关闭 已关闭 交易取消 取消 超时关闭 未付款关闭
closed_refunded closedrefunded refunded refund chargeback returned erstattet 已退款 退款成功 全额退款 退款完成 退货退款
other other authorized draft checkoutdraft quote unknown`

// statusOf maps a word of a list; "" if it is not known.
func statusOf(word string) order.Status {
	key := strings.TrimPrefix(titleKey(word), "wc") // as WooCommerce keeps them: wc-completed
	return order.Status(meaning(statusTable, key))
}

// meaning is the first word of the line of a table that has the key among its
// others; "" for none.
func meaning(table, key string) string {
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) > 1 && key != "" && slices.Contains(words[1:], key) {
			return words[0]
		}
	}
	return ""
}

const anyStatus = "*"

// statusRules reads what the seller says of words. The key * is for all others, and
// for orders without any.
func statusRules(said []string) (map[string]order.Status, error) {
	out := map[string]order.Status{}
	for _, s := range said {
		i := strings.LastIndex(s, "=")
		if i < 0 {
			return nil, optionError("--status %s: write the word of the list, =, and what it means, as --status \"%s=paid\"", s, s)
		}
		status, err := order.ParseStatus(strings.TrimSpace(s[i+1:]))
		if err != nil {
			return nil, optionError("--status %s: %w", s, err)
		}
		word := strings.TrimSpace(s[:i])
		if word != anyStatus {
			word = cmp.Or(titleKey(word), word)
		}
		out[word] = status
	}
	return out, nil
}

// status of a row: what the seller said of the word, else what is known of it.
func (p *Plan) status(word string) (order.Status, bool) {
	if s, ok := p.statuses[cmp.Or(titleKey(word), word)]; ok {
		return s, true
	}
	if s := statusOf(word); s != "" {
		return s, true
	}
	s, ok := p.statuses[anyStatus]
	return s, ok
}
