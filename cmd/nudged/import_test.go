package main

import (
	"strings"
	"testing"

	"nudged/cmd/nudged/intake"
	"nudged/store/order"
)

func TestTheKindOfListIsAskedFor(t *testing.T) {
	for line, want := range map[string]bool{
		"import kunden.xlsx": true, "-c x.yaml import --dry-run Kunden.CSV": true, "import order x.csv": true,
		"import": false, "import buyers kunden.xlsx": false, "orders x.csv": false, "import nope": false,
	} {
		if err := whichList(strings.Fields(line)); (err != nil) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// Nothing is said of answers where nobody gave one.
func TestAnswersAreCounted(t *testing.T) {
	var a answers
	if a.add(order.Consent{}); a.String() != "" {
		t.Error(a)
	}
	a.add(order.Consent{Withdrawn: true})
	if a.String() != "0 agreed to offers, 1 said no" {
		t.Error(a)
	}
}

// What a seller has to say besides is a matter of the command line.
func TestAnOptionOfAListIsUsage(t *testing.T) {
	for _, o := range []intake.Options{{Statuses: []string{"x"}}, {Statuses: []string{"x=maybe"}}, {Days: "x"}, {Region: "x"}} {
		if err := o.Check(); code(err) != exitUsage {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
