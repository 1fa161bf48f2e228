package notify

import (
	"time"

	"nudged/store/order"
)

// Handed is an SMS that a provider took over and of which no final report is
// known yet. A sender that has to ask for its reports is told what to ask about.
type Handed struct {
	Message string      // the id that the provider gave it, see [Receipt.ID]
	Phone   order.Phone // some providers find a report only by the number
	At      time.Time   // when it was handed over
}
