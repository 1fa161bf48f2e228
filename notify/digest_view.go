package notify

// digest is what the template sees: foreign text cleaned, lists cut, times and
// amounts written out.
type digest struct {
	Subject, Lead   string
	Number          int
	Day, From, To   string
	Preview         bool
	FirstDay        bool
	NothingRead     bool
	ReadSince       string // last good visit of any shop; "" if there was none
	Broken          []shopView
	Quiet           bool
	NeedsCount      int
	Needs           []Need
	Statuses        []UnknownStatus
	HandOffs        []handOffView
	MoreHandOffs    int
	Holds           []Hold
	Waiting         int // reminders held or skipped that the seller might have wanted out
	Unpaid, Paid    int
	Refunded        int
	New, Recovered  listView
	Closed, Closing listView
	Sent, Previews  messagesView
	Failed, Lost    messagesView
	Bounced         messagesView
	OptedOut        messagesView
	Delivered       int
	Cost            string
	Replies         []replyView
	MoreReplies     int
	ReplyCount      int
	Shops           []shopView
	MoreShops       int
}

type listView struct {
	Count, More int
	Sum         string
	Lines       []lineView
}

type lineView struct {
	Number, Name, Shop, Items, Amount string
	Created, Closes, In, At           string
	Step, Next                        string
	Soon                              bool
}

type messagesView struct {
	Count, More int
	Lines       []messageView
}

type messageView struct{ Number, Name, Shop, Step, Channel, At, Reason string }

type replyView struct {
	Order   lineView
	Channel string
	At      string
	Words   string
}

type handOffView struct {
	Order lineView
	Text  []string
	Chat  string
	AsOf  string
}

type shopView struct {
	Name, Outcome, Words, LastVisit, LastGood string
	Good, Never                               bool
	Visits, Failed, Orders, Unpaid, Blocked   int
	Problems                                  []string
	MoreProblems                              int
	WaitedFrom, WaitedTo, WaitedFor           string
}
