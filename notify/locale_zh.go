package notify

import (
	"fmt"
	"strings"
	"time"

	"nudged/store/order"
)

func weekdayZH(d time.Weekday) string {
	return "周" + [...]string{"日", "一", "二", "三", "四", "五", "六"}[d]
}

// momentZH writes "11月24日 周二 21:00（上海时间）".
func momentZH(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(zone)
	return fmt.Sprintf("%s（%s）", atZH(local), zoneZH(t, zone))
}

func dayZH(local time.Time) string {
	return fmt.Sprintf("%d月%d日 %s", local.Month(), local.Day(), weekdayZH(local.Weekday()))
}

func shortZH(local time.Time) string {
	return fmt.Sprintf("%d月%d日%s", local.Month(), local.Day(), local.Format("15:04"))
}

func atZH(local time.Time) string { return dayZH(local) + " " + local.Format("15:04") }

func clockZH(local time.Time) string { return weekdayZH(local.Weekday()) + " " + local.Format("15:04") }

func dateZH(local time.Time) string {
	return fmt.Sprintf("%d年%d月%d日 %s", local.Year(), local.Month(), local.Day(), weekdayZH(local.Weekday()))
}

// zoneZH names the cities that shops in Chinese are run from or sell to; all
// other zones go by their distance from UTC.
func zoneZH(t time.Time, zone *time.Location) string {
	name := zone.String()
	var city string
	switch name[strings.LastIndexByte(name, '/')+1:] {
	case "Shanghai", "Chongqing", "Harbin", "PRC":
		city = "上海"
	case "Urumqi":
		city = "乌鲁木齐"
	case "Hong_Kong", "Hongkong":
		city = "香港"
	case "Macau", "Macao":
		city = "澳门"
	case "Taipei":
		city = "台北"
	case "Singapore":
		city = "新加坡"
	case "Kuala_Lumpur":
		city = "吉隆坡"
	case "Bangkok":
		city = "曼谷"
	case "Tokyo":
		city = "东京"
	case "Seoul":
		city = "首尔"
	case "Sydney":
		city = "悉尼"
	case "London":
		city = "伦敦"
	case "Paris":
		city = "巴黎"
	case "Berlin":
		city = "柏林"
	case "New_York":
		city = "纽约"
	case "Los_Angeles":
		city = "洛杉矶"
	case "Toronto":
		city = "多伦多"
	case "Vancouver":
		city = "温哥华"
	default:
		return "UTC" + t.In(zone).Format("-07:00")
	}
	return city + "时间"
}

// amountZH writes "1,234.50元". The sign ¥ means two currencies, and SMS gateways
// refuse it.
func amountZH(m order.Money) string {
	var unit string
	switch m.Currency {
	case "CNY":
		unit = "元"
	case "USD":
		unit = "美元"
	case "EUR":
		unit = "欧元"
	case "GBP":
		unit = "英镑"
	case "JPY":
		unit = "日元"
	case "HKD":
		unit = "港元"
	case "TWD":
		unit = "新台币"
	case "KRW":
		unit = "韩元"
	case "SGD":
		unit = "新加坡元"
	default:
		return amount(m)
	}
	sign, digits := grouped(m)
	return sign + digits + unit
}
