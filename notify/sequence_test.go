package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

func payable(payment string) order.Order {
	o := placedAt("b", "10", order.Unpaid, 0, 500, "Buckle")
	o.Payment = payment
	return o
}

// What shops really show: the captured pages of OpenCart, WooCommerce,
// PrestaShop, Vendure, EverShop, likeshop and Shopee, then other spellings.
func TestPaymentMethods(t *testing.T) {
	const none, slow, plain = "none", "slow", ""
	s := notify.Settings{
		Steps: []notify.Step{{Name: "first", After: time.Hour, By: []order.Channel{order.BySMS, order.ByEmail}, All: true, Template: "gentle"}},
		Shops: map[string]notify.ShopFacts{"b": {OfflinePayment: []string{"Pay Mary"}}},
	}
	for want, methods := range map[string]string{
		slow: `Bank Transfer|Direct bank transfer|via Direct bank transfer|Payment via Direct bank transfer|Pago con cheque|Transferencia bancaria|
			Payment by check|Bank wire|bank-transfer|pay mary|bank-transfer,Pay Mary|
			bacs|cheque|checkmo|banktransfer|ps_wirepayment|ps_checkpayment|Wire transfer|Check payments|Money Order|Invoice|Purchase Order|
			Banküberweisung|Überweisung|UEBERWEISUNG, bitte binnen 7 Tagen|Bank transfer, IBAN DE00 0000|Vorkasse|Kauf auf Rechnung|
			Virement bancaire|Paiement par chèque|Bonifico bancario|BONIFICO|Assegno|Transferência bancária|Boleto bancário|
			Overboeking|Bankoverschrijving|Przelew tradycyjny|Bankovní převod|Banka havalesi / Havale|Chuyển khoản ngân hàng|
			Банковский перевод|Оплата банковским переводом|Безналичный расчёт|Оплата по счёту|Банківський переказ|
			银行转账|线下支付|对公转账|银行汇款|銀行轉帳|ATM 匯款|電匯|銀行振込|무통장입금|ＢＡＮＫ　ＴＲＡＮＳＦＥＲ`,
		none: `cod|Cash on delivery|Cash On Delivery (+5.00)|cashondelivery|ps_cashondelivery|COD|C.O.D.|cash-on-delivery|Payment upon delivery|Pay on delivery|Pay in store|Cash|
			Nachnahme|per Nachnahme zzgl. 4 €|DHL-Nachnahme|Barzahlung bei Abholung|Paiement à la livraison|Contre-remboursement|contre remboursement|
			Pago contra reembolso|Contra entrega|Contrareembolso|Contrassegno|Pagamento alla consegna|Pagamento na entrega|Onder rembours|
			Płatność za pobraniem|Płatność przy odbiorze|Dobírka|Наложенный платёж|Наложенным платежом|Оплата при получении|Наличными курьеру|Післяплата|Kapıda ödeme|
			Card on delivery|Cash on pick-up|Paiement en magasin|Plaćanje pouzećem|Αντικαταβολή|Наложен платеж|超商取貨付款|到店付款|
			货到付款|貨到付款|代金引換|Thanh toán khi nhận hàng|card,cod`,
		plain: `微信支付|支付宝|MIXEDCARD|cc|Pix|Credit Card|PayPal|Visa **** 4242|Stripe|iDEAL|QR code|Codensa|Barcode|
			Sofortüberweisung|SOFORT Überweisung|Klarna Rechnung|Instant bank transfer|Online bank transfer|Virement instantané|Przelewy24|Szybki przelew online|
			银行卡快捷支付|网上银行|在线转账汇款|실시간 계좌이체|Checkout.com|Amazon Checkout|bank-transfer,card|Echtzeitüberweisung|Банковская карта онлайн|СБП|
			Plată cu cod QR|PIX - cód. QR|Cód. de barras|Pay in store credit|在线支付，不支持货到付款|Carte, retrait en magasin|
			EPS-Überweisung|Bank transfer via PayNow|UPI bank transfer|PSE Transferencia bancaria|Przelew natychmiastowy|Transfer bank (virtual account)`,
	} {
		for method := range strings.SplitSeq(method(methods), "|") {
			method = strings.TrimSpace(method)
			steps, name, refusal := s.SequenceOf(payable(method), notify.Person{})
			got := name
			if refusal != nil {
				got = none
			}
			if got != want || (refusal != nil) != (len(steps) == 0) {
				t.Errorf("%q: sequence %q; want %q", method, got, want)
			}
			if refusal != nil && (refusal.Cause != order.CausePayment || refusal.Hold || !strings.Contains(refusal.Reason, method)) {
				t.Errorf("%q: %+v", method, refusal)
			}
		}
	}
	if _, name, refusal := s.SequenceOf(payable(""), notify.Person{}); name != "" || refusal != nil {
		t.Errorf("no method shown: %q, %+v", name, refusal)
	}
}

func method(lines string) string { return strings.ReplaceAll(lines, "\n", "") }

func TestSlowSequence(t *testing.T) {
	s := notify.Settings{Steps: []notify.Step{{Name: "first", After: time.Hour, By: []order.Channel{order.BySMS, order.ByEmail}, All: true, Template: "closing"}}}
	steps, name, _ := s.SequenceOf(payable("Bank Transfer"), notify.Person{})
	if name != notify.SlowSequence || len(steps) != 2 {
		t.Fatalf("%s: %+v", name, steps)
	}
	for i, want := range []notify.Step{{After: 72 * time.Hour, Template: "gentle"}, {After: 168 * time.Hour, Template: "helpful"}} {
		got := steps[i]
		if got.After != want.After || got.Template != want.Template || !got.All || !slices.Equal(got.By, s.Steps[0].By) || got.Name == "" || got.If != nil {
			t.Errorf("step %d: %+v", i, got)
		}
	}
	if steps, _, _ := (notify.Settings{}).SequenceOf(payable("Bank Transfer"), notify.Person{}); len(steps) != 0 {
		t.Errorf("without steps of the seller: %+v", steps)
	}
}

func TestSequenceOf(t *testing.T) {
	steps := func(name string) []notify.Step {
		return []notify.Step{{Name: name, After: time.Hour, By: []order.Channel{order.ByEmail}}}
	}
	s := notify.Settings{
		Steps:  steps("plain"),
		Levels: []notify.Level{{Name: "gold", Orders: 2}},
		Sequences: []notify.Sequence{
			{Name: "books", Shops: []string{"books"}, Steps: steps("books")},
			{Name: "wallet", Payment: []string{"paypal", "支付宝"}, Steps: steps("wallet")},
			{Name: "transfer", Shops: []string{"b"}, Payment: []string{"überweisung"}, Steps: steps("transfer")},
			{Name: "gold", Buyers: []string{"gold"}, Steps: steps("gold")},
			{Name: "known", Buyers: []string{"known"}, Steps: steps("known")},
			{Name: "fresh", Shops: []string{"c"}, Buyers: []string{"new"}, Steps: steps("fresh")},
		},
	}
	known := notify.Person{Orders: []order.Order{placedAt("x", "1", order.Paid, -900, 5)}}
	gold := notify.Person{Orders: []order.Order{placedAt("x", "1", order.Paid, -900, 5), placedAt("x", "2", order.Paid, -901, 5)}}
	for _, tc := range []struct {
		shop, payment string
		p             notify.Person
		want          string
	}{
		{"b", "", notify.Person{}, ""},
		{"books", "", gold, "books"},
		{"books", "PayPal", gold, "books"}, // the first that fits
		{"b", "pay with PAYPAL", gold, "wallet"},
		{"b", "支付宝扫码", notify.Person{}, "wallet"},
		{"b", "", known, "known"},
		{"b", "", gold, "gold"},
		{"c", "Visa", notify.Person{}, "fresh"},
		{"b", "Banküberweisung", gold, "transfer"},
		{"c", "Banküberweisung", gold, "slow"}, // the sequence that names it is of another shop
		{"books", "Bank transfer", notify.Person{}, "slow"},
	} {
		o := payable(tc.payment)
		o.Shop = tc.shop
		got, name, refusal := s.SequenceOf(o, tc.p)
		if name != tc.want || refusal != nil || len(got) == 0 {
			t.Errorf("%+v: %q, %+v", tc, name, refusal)
		}
		if first := got[0].Name; tc.want != "slow" && first != tc.want && !(tc.want == "" && first == "plain") {
			t.Errorf("%+v: steps %q", tc, first)
		}
	}
	// A seller's word cannot make an order that is paid on delivery due.
	s.Sequences = append([]notify.Sequence{{Name: "cod", Payment: []string{"cash"}, Steps: steps("cod")}}, s.Sequences...)
	if _, name, refusal := s.SequenceOf(payable("Cash on delivery"), gold); refusal == nil || name != "" {
		t.Errorf("cash on delivery: %q, %+v", name, refusal)
	}
}
