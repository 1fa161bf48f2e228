package extract

// What the tests try by itself: parsers of foreign text.
var (
	ParseMoney = parseMoney
	ParseTime  = parseTime
	ParsePhone = parsePhone
	ParseEmail = parseEmail
	Quantity   = quantity
	Mask       = mask
	Apply      = apply
)
