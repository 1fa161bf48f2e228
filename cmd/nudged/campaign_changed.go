package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"nudged/store/order"
)

// changedFile refuses to go on with a campaign whose file says something else by
// now: the seller may have stopped it to mend a price, and who has had it has read
// the old one. Without the file it goes on as it began.
func (a *app) changedFile(c order.Campaign) error {
	read, err := a.loadCampaign(c.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	var changed []string
	for _, part := range []struct {
		key  string
		same bool
	}{
		{"to", read.Segment == c.Segment},
		{"text", read.Text == c.Text},
		{"offer", read.Offer == c.Offer},
		{"link", read.Link == c.Link},
		{"shops", slices.Equal(read.Shops, c.Shops)},
		{"by", slices.Equal(read.By, c.By)},
	} {
		if !part.same {
			changed = append(changed, part.key+":")
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return &usageError{fmt.Errorf("%s has changed since the campaign was first sent (%s), and a campaign goes on as it began; put the old words back, or copy the file to a new name and send that: who has had this one may get it then",
		read.File, strings.Join(changed, ", "))}
}
