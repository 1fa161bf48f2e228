package extract

import "strings"

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
// back-offices print them.
const symbols = `
$ USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP BRL
us$ USD
a$ AUD
au$ AUD
c$ CAD
ca$ CAD
nz$ NZD
hk$ HKD
s$ SGD
nt$ TWD
mx$ MXN
r$ BRL
€ EUR
£ GBP
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
rs INR PKR LKR NPR
₨ INR PKR LKR NPR
₩ KRW
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
fr CHF
sfr CHF
`

// currenciesOf lists the currencies that are written with a symbol; nil for a
// symbol that is not known.
func currenciesOf(symbol string) []string {
	symbol = strings.ToLower(strings.TrimSuffix(symbol, "."))
	for line := range strings.Lines(symbols) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == symbol {
			return fields[1:]
		}
	}
	return nil
}
