package intake

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// field is one thing that a column of a list can say.
type field string

// Fields of lists.
const (
	fieldNumber     field = "number"
	fieldStatus     field = "status"
	fieldStatusText field = "status_text" // the shop's own words, where another column says what they mean
	fieldCreated    field = "created"
	fieldTotal      field = "total"
	fieldCurrency   field = "currency"
	fieldItems      field = "items"
	fieldQuantity   field = "quantity"
	fieldPayment    field = "payment"

	fieldName      field = "name"
	fieldFirstName field = "first_name"
	fieldLastName  field = "last_name"
	fieldEmail     field = "email"
	fieldPhone     field = "phone"

	fieldOrders  field = "orders"
	fieldSpent   field = "spent"
	fieldFirst   field = "first"
	fieldLast    field = "last"
	fieldConsent field = "consent"
	fieldSource  field = "consent_source"
	fieldDate    field = "consent_date"
	fieldWording field = "consent_wording"
	// fieldWithdrawn says who does not agree any more: a yes or a day in it is a no.
	fieldWithdrawn field = "consent_withdrawn"
)

// Kind says what the rows of a list are about.
type Kind string

// Kinds of lists. Each is called by what one of its rows is.
const (
	Orders Kind = "order"
	Buyers Kind = "buyer"
)

// Fields are what a column of such a list can hold, as [Options.Columns] calls it.
func (k Kind) Fields() []string { return k.vocabulary().names() }

func (k Kind) vocabulary() vocabulary {
	if k == Orders {
		return ofOrders()
	}
	return ofBuyers()
}

// vocabulary is what the columns of a list can say.
type vocabulary []fieldWords

// fieldWords is a field with the titles by which it is known, the surest first.
type fieldWords struct {
	field field
	shape shape
	words []string
}

func (v vocabulary) names() []string {
	out := make([]string, len(v))
	for i, f := range v {
		out[i] = string(f.field)
	}
	return out
}

func (v vocabulary) find(name string) (fieldWords, bool) {
	name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", "_")
	i := slices.IndexFunc(v, func(f fieldWords) bool { return string(f.field) == name })
	if i < 0 {
		return fieldWords{}, false
	}
	return v[i], true
}

// ofOrders is what lists of orders say. The titles are those of the exports of Shopify,
// WooCommerce, Magento, PrestaShop, Shopware, Taobao, JD, Youzan and of nudged
// itself, and what people write by hand.
func ofOrders() vocabulary {
	return append(vocabulary{
		{fieldNumber, shapeNumber, titles("ordernumber ordernr orderno orderid ordername orderreference reference number bestellnummer auftragsnummer order name id 订单编号 订单号 主订单编号 单号 编号 訂單編號 訂單號")},
		{fieldStatus, shapeText, titles("financialstatus paymentstatus orderstatus orderstate status state zahlungsstatus bestellstatus 订单状态 交易状态 付款状态 支付状态 状态 訂單狀態 狀態")},
		{fieldStatusText, shapeText, titles("intheshopswords")},
		{fieldCreated, shapeDate, titles("createdat created orderdate dateordered datecreated dateadded placed placedat purchasedate purchasedon date bestelldatum datum 下单时间 订单创建时间 创建时间 拍下时间 下单日期 订单时间 成交时间 日期 时间 建立時間 日期時間")},
		{fieldTotal, shapeAmount, titles("ordertotal grandtotal total totalamount totalprice amount totalpaid sum gesamtsumme gesamtbetrag betrag summe 实付金额 实际支付金额 买家实际支付金额 订单金额 订单总额 总金额 实付款 应付金额 订单应付金额 合计 总价 金额 實付金額 訂單金額 總金額")},
		{fieldCurrency, shapeCurrency, titles("currency currencycode ordercurrency währung waehrung 币种 货币 幣別")},
		{fieldItems, shapeText, titles("items lineitemname lineitems productname producttitle products product itemname item title artikel produkt 商品名称 宝贝标题 商品标题 宝贝名称 商品信息 商品 产品 品名 商品名稱")},
		{fieldQuantity, shapeWhole, titles("lineitemquantity itemquantity quantity qty pieces menge anzahl 数量 购买数量 商品数量 宝贝总数量 數量")},
		{fieldPayment, shapeText, titles("paymentmethod paymentmethodtitle payment paymentgateway zahlungsart zahlungsmethode 支付方式 付款方式 支付渠道 付款類型")},
	}, ofContacts()...)
}

// ofBuyers is what lists of people say.
func ofBuyers() vocabulary {
	return append(ofContacts(), vocabulary{
		{fieldOrders, shapeWhole, titles("paid paidorders totalorders orderscount ordercount numberoforders orders purchases bestellungen 成交笔数 成功交易笔数 付款订单数 交易次数 购买次数 订单数 成交次数 消費次數 訂單數")},
		{fieldSpent, shapeAmount, titles("paidinall totalspent totalspend moneyspent lifetimevalue spent revenue umsatz 累计消费金额 累计消费 消费总额 交易总额 成交金额 消费金额 购买金额 累計消費 消費金額")},
		{fieldCurrency, shapeCurrency, titles("currency currencycode währung waehrung 币种 货币 幣別")},
		{fieldFirst, shapeDate, titles("firstorder firstorderdate firstpurchase customersince dateregistered 首次购买时间 首次下单时间 首次交易时间 第一次购买 首單日期")},
		{fieldLast, shapeDate, titles("lastpaid lastorder lastorderdate lastpurchase lastactive letztebestellung 最近购买时间 上次交易时间 最后交易时间 最近下单时间 最近一次购买 最後購買")},
		{fieldConsent, shapeAnswer, titles("acceptsemailmarketing acceptsmarketing emailmarketingconsent marketingconsent optin newsletter subscribed consent einwilligung 同意营销 是否订阅 订阅 同意接收 是否同意 同意")},
		{fieldSource, shapeText, titles("consentsource optinsource quelle 同意来源 订阅来源")},
		{fieldDate, shapeDate, titles("consentdate consentupdatedat consentat consenton consenttime consentgiven dateofconsent optindate optintime optinat optinon subscribedat subscribedon subscribedsince subscriptiondate newsletterdate newslettersince einwilligungam einwilligungvom einwilligungsdatum einwilligungseit newsletterseit newsletterdatum newsletteranmeldung 同意时间 同意日期 订阅时间 订阅日期 同意時間 訂閱日期 marketingconsent optin newsletter subscribed consent einwilligung 同意 订阅")},
		{fieldWording, shapeText, titles("consentwording consenttext optinwording wording 同意内容 同意文案")},
		{fieldWithdrawn, shapeText, titles("unsubscribed unsubscribedat unsubscribedon unsubscribe optedout optout optoutdate consentwithdrawn withdrawn revoked donotemail donotcontact abgemeldet abgemeldetam abmeldung abmeldedatum abbestellt widerruf widerrufen widerrufam widerspruch 退订 退订时间 退订日期 是否退订 已退订 取消订阅 取消订阅时间")},
	}...)
}

func ofContacts() vocabulary {
	return vocabulary{
		{fieldName, shapeName, titles("buyer buyername customername customer fullname recipient recipientname billingname billingfullname shippingname kunde kundenname name 收货人姓名 收件人姓名 买家姓名 客户姓名 收货人 收件人 姓名 客户名称 联系人 买家昵称 买家会员名 会员名 昵称 客户 收件人名稱 買家")},
		{fieldFirstName, shapeName, titles("firstname billingfirstname customerfirstname givenname vorname")},
		{fieldLastName, shapeName, titles("lastname billinglastname customerlastname surname familyname nachname")},
		{fieldEmail, shapeEmail, titles("email emailaddress billingemail customeremail contactemail mail 邮箱 电子邮箱 邮箱地址 电子邮件 邮件 買家信箱 電子郵件")},
		{fieldPhone, shapePhone, titles("phone phonenumber mobile mobilephone billingphone customerphone shippingphone telephone tel telefon telefonnummer handy mobil cell 联系手机 手机号码 手机号 手机 联系电话 电话号码 电话 收货人手机 收件人电话 手機號碼 手機 電話")},
	}
}

func titles(s string) []string { return strings.Fields(s) }

// titleKey is a title as titles are compared: letters and digits only.
func titleKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKC.String(s)))
}
