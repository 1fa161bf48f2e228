package extract

import (
	"slices"
	"strings"
)

// isISO reports whether a text is the code of a currency in use (ISO 4217).
func isISO(s string) bool {
	const codes = " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD" +
		" CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ" +
		" GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL" +
		" LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN" +
		" PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD" +
		" TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG "
	return len(s) == 3 && strings.Contains(codes, " "+s+" ")
}

// symbols are what stands beside amounts, small, each with the currencies that
// are written so. After Unicode CLDR 45, the narrow and the local forms, as
// back-offices print them, and after WooCommerce's list of its own. Those behind
// the bar count only where they are the seller's own: 1.5k is no kina elsewhere.
const symbols = `
$ USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP BRL BBD BMD BND BSD BZD CUP CVE DOP FJD GYD JMD KYD LRD NAD SBD SRD TTD UYU XCD
us$ USD
a$ AUD
au$ AUD
c$ CAD | NIO
ca$ CAD
nz$ NZD
hk$ HKD
s$ SGD
nt$ TWD
mx$ MXN
n$ NAD
rd$ DOP
t$ TOP
r$ BRL
€ EUR
£ GBP | FKP GIP SHP SSP
¥ CNY JPY
cn¥ CNY
rmb CNY
人民币 CNY
元 CNY TWD HKD
jp¥ JPY
円 JPY
₽ RUB
руб RUB
р RUB
₴ UAH
грн UAH
₸ KZT
₹ INR
rs INR PKR LKR NPR MUR SCR
₨ INR PKR LKR NPR
රු LKR
৳ BDT
₩ KRW | KPW
₫ VND
đ VND
฿ THB
rp IDR
rm MYR
₱ PHP
₺ TRY
tl TRY
₪ ILS
zł PLN
kč CZK
ft HUF
lei RON
лв BGN
kr SEK NOK DKK ISK
fr CHF | BIF CDF DJF GNF KMF RWF
sfr CHF
km | BAM
рсд RSD
din RSD
ден MKD
l | HNL ALL LSL
₾ GEL
₼ AZN
сом KGS
ѕм TJS
؋ AFN
₮ MNT
₭ LAK
៛ KHR
ks | MMK
nu | BTN
k | PGK
vt | VUV
r ZAR
₦ NGN
₵ GHS
ksh KES
tsh TZS
ush UGX
sh | TZS UGX KES SOS
br | ETB BYN
cfa XOF XAF
fcfa XOF XAF
p | BWP MOP
zk | ZMW
mk | MWK
kz | AOA
mt | MZN
ar | MGA
e | SZL
d | GMD
le | SLE
um | MRU
د.إ AED
dh MAD AED
ر.س SAR
ر.ق QAR
ر.ع OMR
ریال IRR YER SAR OMR QAR
د.ك KWD
د.ب BHD
د.ا JOD
د.ع IQD
د.ج DZD
د.م MAD
د.ت TND
د.ل LYD
ل.ل LBP
ل.س SYP
ج.م EGP
ج.س SDG
bs BOB VES
b/ PAB
s/ PEN
q | GTQ
g | HTG
₡ CRC
₲ PYG
ƒ ANG AWG
afl AWG
`

// currenciesOf lists the currencies that are written with a symbol in a shop whose
// own is home; nil for a symbol that is not known.
func currenciesOf(symbol, home string) []string {
	symbol = strings.ToLower(strings.TrimSuffix(symbol, "."))
	for line := range strings.Lines(symbols) {
		usual, own, _ := strings.Cut(line, "|")
		fields := strings.Fields(usual)
		if len(fields) == 0 || fields[0] != symbol {
			continue
		}
		if slices.Contains(strings.Fields(own), home) {
			return []string{home}
		}
		return fields[1:]
	}
	return nil
}
