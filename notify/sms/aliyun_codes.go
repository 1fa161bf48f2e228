package sms

import (
	"strings"

	"nudged/notify"
)

// aliyunVerdict knows the codes that SendSms may give, see help.aliyun.com,
// document_detail/101346; false for others. isp.SYSTEM_ERROR and
// isp.GATEWAY_ERROR come from behind Aliyun's own front: nobody says that
// nothing was taken.
func aliyunVerdict(code string) (verdict, bool) {
	for _, table := range []func(string) (verdict, bool){aliyunPerson, aliyunText, aliyunAccount, aliyunKey} {
		if v, ok := table(code); ok {
			return v, true
		}
	}
	switch {
	case strings.HasPrefix(code, "isp."):
		return verdict{kind: notify.Unknown, account: true}, true
	case strings.HasPrefix(code, "isv."): // whatever it is, the request was not taken
		return verdict{kind: notify.Permanent}, true
	}
	return verdict{}, false
}

// aliyunPerson: what is about the recipient.
func aliyunPerson(code string) (verdict, bool) {
	switch code {
	case "isv.BUSINESS_LIMIT_CONTROL":
		return verdict{kind: notify.Temporary, why: "this number has had as many messages as Aliyun allows for now"}, true
	case "isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT":
		return verdict{kind: notify.Permanent, why: "the number is none"}, true
	case "isv.CUSTOMER_REFUSED":
		return verdict{kind: notify.Permanent, optedOut: true, why: "the recipient has opted out of messages from this signature"}, true
	case "isv.DOMESTIC_NUMBER_NOT_SUPPORTED":
		return verdict{kind: notify.Permanent, why: "the template is for numbers outside mainland China only", advice: "use a template for domestic messages"}, true
	case "isv.SMS_TEST_NUMBER_LIMIT":
		return verdict{kind: notify.Permanent, why: "the test signature sends only to numbers bound in the console"}, true
	}
	return verdict{}, false
}

// aliyunText: what is about this text.
func aliyunText(code string) (verdict, bool) {
	switch code {
	case "isv.SMS_TEMPLATE_ILLEGAL":
		// Not for good: as soon as Aliyun has approved it, the text can go.
		return verdict{kind: notify.Temporary, why: "the template is not known or not approved", advice: "look at the template in Aliyun's console, and at its code in the config"}, true
	case "isv.TEMPLATE_MISSING_PARAMETERS", "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.INVALID_JSON_PARAM":
		return verdict{kind: notify.Permanent, why: "the template has other variables, or takes other values", advice: "compare params of the template in the config with Aliyun's console"}, true
	case "isv.PARAM_LENGTH_LIMIT":
		return verdict{kind: notify.Permanent, why: "a variable is too long"}, true
	case "isv.PARAM_NOT_SUPPORT_URL":
		return verdict{kind: notify.Permanent, why: "a variable holds a link", advice: "put the link's fixed part into the template's text"}, true
	case "isv.BLACK_KEY_CONTROL_LIMIT":
		return verdict{kind: notify.Permanent, why: "a variable holds a forbidden word, or the number is on Aliyun's do-not-disturb list"}, true
	case "isv.SMS_CONTENT_ILLEGAL", "isv.UNSUPPORTED_CONTENT", "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE":
		return verdict{kind: notify.Permanent, why: "the text holds what Aliyun does not carry, or is advertising in a notification"}, true
	}
	return verdict{}, false
}

// aliyunAccount: what stops every message.
func aliyunAccount(code string) (verdict, bool) {
	stopped := func(why, advice string) (verdict, bool) {
		return verdict{kind: notify.Temporary, account: true, why: why, advice: advice}, true
	}
	switch code {
	case "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE":
		return stopped("the account has no money left", "top it up in Aliyun's console")
	case "isv.ACCOUNT_NOT_EXISTS", "isv.ACCOUNT_ABNORMAL", "isv.SECURITY_FROZEN_ACCOUNT":
		return stopped("the account is not known, or stopped", "look at the account in Aliyun's console")
	case "isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE":
		return stopped("the account has no short message service", "order it in Aliyun's console")
	case "isp.RAM_PERMISSION_DENY":
		return stopped("the access key may not send", "give its user AliyunDysmsFullAccess")
	case "isv.DENY_IP_RANGE":
		return stopped("Aliyun takes no orders from the country of this computer's address", "run it on a computer in mainland China")
	case "isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_SIGN_ILLEGAL", "isv.SIGN_STATE_ILLEGAL", "isv.SIGN_NAME_ILLEGAL", "isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.SMS_SIGN_EMOJI_ILLEGAL", "SIGNATURE_BLACKLIST":
		return stopped("the signature is not known, not approved, or not for such messages", "look at the signature in Aliyun's console, and at `sign` of sms in the config")
	case "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL":
		return stopped("the account's own limit of messages is reached", "raise it in Aliyun's console, or wait")
	}
	return verdict{}, false
}

// aliyunKey: what stands before the service itself, the same for all of Alibaba
// Cloud.
func aliyunKey(code string) (verdict, bool) {
	switch {
	case strings.HasPrefix(code, "InvalidAccessKeyId"), code == "SignatureDoesNotMatch", code == "IncompleteSignature", strings.HasPrefix(code, "Forbidden"), strings.HasPrefix(code, "NoPermission"), strings.HasPrefix(code, "InvalidSecurityToken"):
		return verdict{kind: notify.Temporary, account: true, refused: true, why: "the access key is not accepted", advice: "check user and password of sms in the config"}, true
	case strings.HasPrefix(code, "InvalidTimeStamp"), strings.HasPrefix(code, "IllegalTimestamp"):
		return verdict{kind: notify.Temporary, account: true, why: "this computer's clock is wrong", advice: "set the clock"}, true
	case strings.HasPrefix(code, "Throttling"):
		return verdict{kind: notify.Temporary, account: true, why: "too many messages at a time", advice: "it is tried again later"}, true
	case code == "InvalidVersion", strings.HasPrefix(code, "InvalidAction"):
		return verdict{kind: notify.Temporary, account: true, why: "this address is not Aliyun's short message service", advice: "check the url of sms in the config"}, true
	}
	return verdict{}, false
}
