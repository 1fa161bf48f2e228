package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"nudged/cmd/nudged/config"
	"nudged/crawler"
)

func TestCollysVariablesAreCleared(t *testing.T) {
	var cleared []string
	clearColly([]string{"PATH=/bin", "COLLY_USER_AGENT=x", "COLLY_MAX_BODY_SIZE=1", "MY_COLLY_=1"}, func(name string) error {
		cleared = append(cleared, name)
		return nil
	})
	if want := []string{"COLLY_USER_AGENT", "COLLY_MAX_BODY_SIZE"}; !slices.Equal(cleared, want) {
		t.Errorf("cleared %v", cleared)
	}
}

func TestExitCodes(t *testing.T) {
	refused := &crawler.RefusedError{Shop: "a"}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{&usageError{errors.New("x")}, 2},
		{config.Problems{{Message: "x"}}, 2},
		{fmt.Errorf("visit: %w", refused), 3},
		{&crawler.NeedsYouError{Shop: "a"}, 3},
		{errors.Join(errors.New("x"), refused), 3},
		{&partlyError{errors.Join(errors.New("x"), refused)}, 4},
		{&failedError{refused}, 3},
		{&failedError{errors.New("x")}, 1},
		{&doneError{4}, 4},
	} {
		var said bytes.Buffer
		if got := finish(c.err, &said); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.want)
		}
		var done *doneError
		if quiet := c.err == nil || errors.As(c.err, &done); quiet != (said.Len() == 0) {
			t.Errorf("%v: said %q", c.err, said.String())
		}
	}
}
