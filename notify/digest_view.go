package notify

// digest is what the template sees: foreign text cleaned, lists cut, times and
// amounts written as the language writes them.
type digest struct {
	Subject, Lead string
	Number        int
	Day, From, To string
	Since         string // the beginning of more than one day; "" for an ordinary one
	Preview       bool
	FirstDay      bool
	NothingRead   bool
	NeverVisited  bool   // no shop has been tried so far
	ReadSince     string // last good visit of any shop; "" if there was none
	Quiet         bool

	NeedsCount   int
	Needs        []needView
	MoreNeeds    int
	Statuses     []UnknownStatus
	HandOffs     []handOffView
	MoreHandOffs int

	Held      []holdView // what the seller might have wanted out
	HeldCount int
	Fine      []holdView // as it should be

	Unpaid, ClosingSoon int
	AtRisk              string
	New                 int
	Paid, Refunded      int
	Open                listView
	Recovered, Closed   listView
	By                  []recoveryView

	Numbers *numbersView

	Sent             []sentView
	SentCount        int
	Delivered        int
	Cost             string
	Previews         messagesView
	Failed, Lost     messagesView
	Bounced          messagesView
	OptedOut         messagesView
	Replies          []replyView
	MoreReplies      int
	ReplyCount       int
	Campaigns        []campaignView
	MoreCampaigns    int
	Shops            []shopView
	MoreShops        int
	MoreShopsTrouble bool // those left out are not all well
}

type needView struct{ Kind, Shop, Recipe, Words, Do string }

type holdView struct {
	Cause, Shops, Detail, Do string
	Count                    int
}

type listView struct {
	Count, More int
	Sum         string
	Lines       []lineView
}

type lineView struct {
	Number, Name, Shop, Amount string
	Items                      string
	More, Kinds                int // items beyond the first, and all
	New, Soon, Late            bool
	Age, Closes, In, At        string
	Ways                       []string
	Step, Campaign, Channel    string
	Next, NextAt, NextState    string
	Stopped                    string
	Reasons                    []string
}

type recoveryView struct {
	Step, Campaign, Channel, Sum string
	Orders                       int
}

type sentView struct {
	Step, Campaign, Channel string
	Count                   int
}

type messagesView struct {
	Count, More int
	Lines       []messageView
}

type messageView struct{ Number, Name, Shop, Step, Campaign, Channel, At, Reason string }

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

type campaignView struct {
	Name, State, Sum                      string
	People, Sent, Today, Waiting, Skipped int
	Bounced, Replied, OptedOut, Ordered   int
}

type shopView struct {
	Name, Outcome, Words, LastVisit, LastGood string
	Good, Never                               bool
	Visits, Failed, Orders, Unpaid, Blocked   int
	Problems                                  []string
	MoreProblems                              int
	WaitedFrom, WaitedTo, WaitedFor           string
}

// numbersView compares the day, and shows the days before it.
type numbersView struct {
	Today, All dayView
	Ago        *dayView // nil if nothing is known of it
	Count      int      // of days
	First      string
	Bars       []barView // empty if the days hold nothing to show
	Lines      []lineOfBlocks
}

// dayView is a day or several in numbers.
type dayView struct {
	Day                          string
	SoFar                        bool // the day is not over
	New, Paid, Recovered, Closed int
	Sum                          string
}

// Of gives the number of one kind.
func (d dayView) Of(kind string) int {
	return map[string]int{"new": d.New, "paid": d.Paid, "recovered": d.Recovered, "closed": d.Closed}[kind]
}

// barView is one day's column: the heights of its parts in pixels.
type barView struct {
	Day                            string // of the month
	Mark                           bool   // the weekday that is told
	Space, Closed, Paid, Recovered int
}

// lineOfBlocks is the same in the text part: one row of block characters.
type lineOfBlocks struct {
	Kind   string
	Blocks string
	Count  int
	Sum    string
}
