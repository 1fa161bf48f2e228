package table

import (
	"fmt"
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress shows how far the visits of several shops are.
type Progress struct {
	mu   sync.Mutex
	w    io.Writer
	pool *mpb.Progress // nil elsewhere than on a terminal
	bars map[string]*mpb.Bar
	what map[string]string
}

// NewProgress writes to w: bars on a terminal, a line for each new thing that a
// shop does elsewhere.
func NewProgress(w io.Writer, tty bool) *Progress {
	p := &Progress{w: w, bars: map[string]*mpb.Bar{}, what: map[string]string{}}
	if tty {
		p.pool = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	}
	return p
}

// Step tells that a shop is at done of total; total is 0 while nobody knows.
func (p *Progress) Step(shop string, done, total int, what string) {
	what = Clean(what)
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := p.what[shop] != what
	p.what[shop] = what
	if p.pool == nil {
		if changed {
			_, _ = fmt.Fprintf(p.w, "%s: %s\n", shop, what)
		}
		return
	}
	bar := p.bars[shop]
	if bar == nil {
		bar = p.pool.AddBar(0,
			mpb.PrependDecorators(decor.Name(shop+"  ", decor.WCSyncSpaceR), decor.Any(func(decor.Statistics) string { return p.doing(shop) }, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d")),
			mpb.BarRemoveOnComplete(),
		)
		p.bars[shop] = bar
	}
	bar.SetTotal(int64(max(total, done+1)), false)
	bar.SetCurrent(int64(done))
}

// doing must not wait for Step: the bars draw while it holds the lock.
func (p *Progress) doing(shop string) string {
	if !p.mu.TryLock() {
		return ""
	}
	defer p.mu.Unlock()
	return p.what[shop]
}

// Done takes a shop's bar away.
func (p *Progress) Done(shop string) {
	p.mu.Lock()
	bar := p.bars[shop]
	delete(p.bars, shop)
	delete(p.what, shop)
	p.mu.Unlock()
	if bar != nil {
		bar.Abort(true)
		bar.Wait()
	}
}

// Wait ends all bars.
func (p *Progress) Wait() {
	p.mu.Lock()
	shops := make([]string, 0, len(p.bars))
	for shop := range p.bars {
		shops = append(shops, shop)
	}
	p.mu.Unlock()
	for _, shop := range shops {
		p.Done(shop)
	}
	if p.pool != nil {
		p.pool.Wait()
	}
}
