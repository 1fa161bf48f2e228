package notify

import "strings"

// The words of payment methods, in the languages of the shops there are recipes
// for and some more, folded as foldMethod does: lower case, no accents (and so no
// й), one blank between words. Besides what shops show to people there are the
// codes of their modules, where nothing else is shown.

// knownMethod knows words that stand alone, at most longestMethod of them.
func knownMethod(words string) payment {
	switch words {
	case "cod", "c o d", "cash on delivery", "cashondelivery", "collect on delivery", "paid on delivery", "pay on delivery", "pay upon delivery",
		"payment on delivery", "payment upon delivery", "cash upon delivery", "card on delivery", "cash on pickup", "cash on pick up", "cash at pickup",
		"cash on collection", "pay at pickup", "pay on pickup", "pay on pick up", "pay on collection", "pay in store", "pay at store", "payment in store",
		"barzahlung", "zahlung bei lieferung", "zahlung bei abholung", "bar bei lieferung", "bar bei abholung", // German
		"contre remboursement", "a la livraison", "paiement en magasin", "payer en magasin", // French
		"contra reembolso", "contrareembolso", "contra entrega", "contraentrega", "pago al recibir", "pago a la entrega", "pago en tienda", // Spanish, Portuguese
		"contrassegno", "alla consegna", // Italian
		"na entrega", "a cobranca", // Portuguese
		"rembours", "betalen bij aflevering", "betalen bij ontvangst", // Dutch
		"za pobraniem", "pobranie", "przy odbiorze", "dobirka", "dobirkou", "na dobierku", "pouzecem", "po povzetju", // Polish, Czech, Slovak, Croatian, Slovenian
		"наложенныи платеж", "наложенным платежом", "наложенного платежа", "при получении", "наличными курьеру", "наложен платеж", "αντικαταβολη", // Russian, Bulgarian, Greek
		"післяплата", "післяплатою", "накладении платіж", "накладеним платежем", // Ukrainian
		"kapida odeme", "utanvet", "utanvettel", "ramburs", "plata la livrare", "postforskott", "efterkrav", // Turkish, Hungarian, Romanian, Swedish, Danish
		"bayar di tempat", "thanh toan khi nhan hang": // Indonesian, Vietnamese
		return payOnDelivery

	case "eps", "paynow", "promptpay", "upi", "faster payments", "truelayer", "swish", "bizum", "wero", "khipu", "pse", "tpay", "virtual account",
		"natychmiastowy", "natychmiastowe", "online", "instant", "instantly", "real time", "realtime", "express", "open banking", "paypal", "klarna", "stripe", "trustly", "giropay",
		"ideal", "blik", "payu", "przelewy24", "przelewy 24", "pix", "sofort", "en ligne", "instantane", "instantanee", "in linea", "istantaneo",
		"inmediata", "inmediato", "instantanea", "instantaneo", "szybki", "szybkie", "онлаин", "сбп":
		return payInstant

	case "bank transfer", "banktransfer", "bank wire", "bank deposit", "wire", "wire transfer", "wirepayment", "bacs", "money order", "purchase order",
		"invoice", "on account", "cheque", "cheques", "by check", "per check", "check payment", "check payments", "checkmo", "checkpayment",
		"rechnung", "scheck", // German
		"virement", "sur facture", "mandat administratif", // French
		"transferencia", "ingreso bancario", "ingreso en cuenta", "deposito bancario", "boleto", // Spanish, Portuguese
		"bonifico", "assegno", "vaglia", // Italian
		"overboeking", "vooruitbetaling", "op factuur", // Dutch
		"przelew", "przelewem", "prevod", "prevodem", "prevodom", // Polish, Czech, Slovak
		"банковскии перевод", "банковским переводом", "банковского перевода", "безналичныи расчет", "безналичным расчетом", "безналичныи перевод",
		"перевод на карту", "переводом на карту", "перевод на счет", "по счету", "по реквизитам", // Russian
		"банківськии переказ", "банківським переказом", // Ukrainian
		"havale", "eft", "banki atutalas", "transfer bancar", "ordin de plata", "bankoverforing", "bankoverforsel", // Turkish, Hungarian, Romanian, Swedish, Danish
		"transfer bank", "chuyen khoan": // Indonesian, Vietnamese
		return payOffline
	}
	return payOnline
}

// notDelivery takes out what only looks like cash on delivery: "cod" is a code in
// some languages, and some shops say that they do not offer it.
func notDelivery(folded string) string {
	return strings.NewReplacer(
		"cod qr", "", "qr cod", "", "cod de", "", "cod bare", "", "scan cod", "", "store credit", "",
		"no cod", "", "no cash on delivery", "", "not cash on delivery", "",
		"非货到付款", "", "不支持货到付款", "", "不支援貨到付款", "", "非貨到付款", "",
	).Replace(folded)
}

// partOfMethod knows words that stand within others.
func partOfMethod(folded string) payment {
	for _, word := range []string{"nachnahme", "货到付款", "貨到付款", "取货付款", "取貨付款", "到店付款", "代收货款", "代收貨款", "代金引換", "代引", "착불"} {
		if strings.Contains(folded, word) {
			return payOnDelivery
		}
	}
	for _, word := range []string{"sofortuberweisung", "sofortueberweisung", "echtzeit", "在线", "線上", "实时", "即时", "快捷", "실시간"} {
		if strings.Contains(folded, word) {
			return payInstant
		}
	}
	for _, word := range []string{
		"uberweisung", "ueberweisung", "vorkasse", "vorauskasse", "overschrijving", "银行转账", "銀行轉帳", "转账汇款", "线下转账", "线下支付", "線下支付",
		"对公", "公司转账", "汇款", "匯款", "电汇", "電匯", "邮局", "郵局", "银行卡转账", "銀行振込", "郵便振替", "무통장",
	} {
		if strings.Contains(folded, word) {
			return payOffline
		}
	}
	return payOnline
}

// wholeMethod knows words for cash that mean it only where nothing else stands.
func wholeMethod(folded string) bool {
	switch folded {
	case "cash", "现金", "現金", "到付", "наличные", "наличными", "especes":
		return true
	}
	return false
}
