package main

import "nudged/cmd/nudged/table"

// progress shows on standard error how far a command's visits are: bars on a
// terminal, plain lines elsewhere if more is wanted.
func (s *session) progress() func(shop string, done, total int, what string) {
	if !s.errTTY && !s.cli.Verbose {
		return nil
	}
	s.bars = table.NewProgress(s.stderr, s.errTTY)
	return s.bars.Step
}

// endProgress takes the bars away, before a result is printed.
func (s *session) endProgress() {
	if s.bars != nil {
		s.bars.Wait()
		s.bars = nil
	}
}
