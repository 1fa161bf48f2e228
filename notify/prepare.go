package notify

import (
	"context"
	"errors"
	"time"

	"nudged/store/order"
)

// known judges a due reminder by what is on record, before anybody looks.
func (f *flush) known(r *order.Reminder) (*job, verdict, error) {
	stored, ok, err := f.onRecord(r.Key)
	switch {
	case err != nil:
		return nil, verdict{}, err
	case !ok:
		return nil, skipped(order.CauseConfig, "the order is not on record"), nil
	}
	j, v, err := f.judge(stored, r, false)
	if err != nil || v.state != "" {
		return j, v, err
	}
	return j, f.blocked(j), nil
}

// blocked says whether the shop or the channel has to be left alone.
func (f *flush) blocked(j *job) verdict {
	if f.stop.state != "" {
		return f.stop
	}
	if j.offer != nil && j.asksShop() && f.unlooked.state != "" {
		return f.unlooked
	}
	channel := j.r.Key.Channel
	if !f.s.Live() {
		return verdict{} // previews may also just be listed
	}
	if f.d.o.Senders[channel] == nil {
		if other, ok := f.usable(j); ok && f.d.o.Senders[other] != nil && !j.step.All {
			return verdict{} // after the look it goes by that one
		}
		return held(order.CauseConfig, j.now.Add(configAgain), "no sender is set up for %s", channel)
	}
	if p, ok := f.d.pausedUntil(channel, j.now); ok {
		return held(order.CauseSender, p.until, "%s", p.reason)
	}
	return verdict{}
}

// prepare looks at the order, judges it again and writes the message, all
// within LookFresh; once more if that took too long.
func (f *flush) prepare(ctx context.Context, r *order.Reminder, known *job) (*job, Message, verdict, error) {
	for range 2 {
		j, read, v, err := f.afresh(ctx, r, known)
		if err != nil || v.state != "" || ctx.Err() != nil {
			return j, Message{}, v, err
		}
		m, err := f.write(j)
		if err != nil {
			return j, Message{}, textVerdict(err, f.now()), nil
		}
		m.NotAfter = read.Add(LookFresh)
		if now := f.now(); !m.Stale(now) && !now.Round(0).Before(read.Round(0)) {
			return j, m, verdict{}, nil
		}
	}
	return nil, Message{}, held(order.CauseLook, f.now().Add(lookAgain), "the look at the order took too long"), nil
}

// afresh judges the order as its page shows it now. Where the shop is not asked,
// nothing new is known.
func (f *flush) afresh(ctx context.Context, r *order.Reminder, known *job) (*job, time.Time, verdict, error) {
	if !known.asksShop() {
		return known, f.now(), verdict{}, nil
	}
	fresh, read, v := f.look(ctx, r)
	if v.state == "" {
		v = known.movedOn(fresh)
	}
	if v.state != "" || ctx.Err() != nil {
		return nil, read, v, nil
	}
	j, v, err := f.judge(fresh, r, true)
	return j, read, v, err
}

func textVerdict(err error, now time.Time) verdict {
	if errors.Is(err, ErrMissing) {
		return skipped(order.CauseText, "%v", err)
	}
	return held(order.CauseText, now.Add(configAgain), "%v", err)
}

func (f *flush) write(j *job) (Message, error) {
	w := Writing{
		Order: j.o, Key: j.r.Key, Step: j.step, At: f.now(), Kind: j.person.Kind(f.s.Levels),
	}
	if f.d.o.Token != nil {
		w.Token = f.d.o.Token(j.o.Buyer)
	}
	if j.offer == nil {
		w.Reasons = Reasons(j.o, j.person)
	}
	m, err := f.d.texts.Write(f.s, w)
	m.Class = f.class(j.o.Shop, j.step)
	return m, err
}
