package main

import (
	"bytes"
	"fmt"
	"testing"

	"nudged/cmd/nudged/config"
	"nudged/store/order"
)

// A column that has moved is one problem, not one of each of its rows; what is of
// no field is told each.
func TestProblemsAlikeAreToldAFewTimes(t *testing.T) {
	r := crawled{shop: config.Shop{}}
	r.shop.Name = "belts"
	for i := range 30 {
		r.Visit.Problems = append(r.Visit.Problems, order.Problem{Field: "total", Select: "td.total", Text: fmt.Sprintf("row %d: no total", i)})
	}
	for i := range 4 {
		r.Visit.Problems = append(r.Visit.Problems, order.Problem{Text: fmt.Sprintf("page %d was cut off", i)})
	}
	r.Visit.Problems = append(r.Visit.Problems, order.Problem{Field: "total", Select: "td.sum", Text: "another total"})
	var out bytes.Buffer
	r.sayProblems(&session{world: world{stderr: &out}})
	want := `belts: row 0: no total
belts: row 1: no total
belts: row 2: no total
belts: page 0 was cut off
belts: page 1 was cut off
belts: page 2 was cut off
belts: page 3 was cut off
belts: another total
belts: and 27 more of field total
`
	if out.String() != want {
		t.Errorf("told\n%s", &out)
	}
}
