package notify

import (
	"context"
	"errors"
	"time"

	"nudged/store/order"
)

// known judges a due reminder by what is on record, before anybody looks.
func (f *flush) known(r *order.Reminder) (verdict, error) {
	stored, ok, err := f.d.o.Register.Order(r.Key.Order)
	switch {
	case err != nil:
		return verdict{}, err
	case !ok:
		return skipped(order.CauseConfig, "the order is not on record"), nil
	}
	j, v, err := f.judge(stored, r, false)
	if err != nil || v.state != "" {
		return v, err
	}
	return f.blocked(j), nil
}

// blocked says whether the shop or the channel has to be left alone.
func (f *flush) blocked(j *job) verdict {
	if f.stop.state != "" {
		return f.stop
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
func (f *flush) prepare(ctx context.Context, r *order.Reminder) (*job, Message, verdict, error) {
	for range 2 {
		fresh, read, v := f.look(ctx, r)
		if v.state != "" || ctx.Err() != nil {
			return nil, Message{}, v, nil
		}
		j, v, err := f.judge(fresh, r, true)
		if err != nil || v.state != "" {
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

func textVerdict(err error, now time.Time) verdict {
	if errors.Is(err, ErrMissing) {
		return skipped(order.CauseText, "%v", err)
	}
	return held(order.CauseText, now.Add(configAgain), "%v", err)
}

func (f *flush) write(j *job) (Message, error) {
	token := ""
	if f.d.o.Token != nil {
		token = f.d.o.Token(j.o.Buyer)
	}
	m, err := f.d.texts.Write(f.s, Writing{
		Order: j.o, Key: j.r.Key, Step: j.step, Token: token, At: f.now(),
		Reasons: Reasons(j.o, j.person), Kind: j.person.Kind(f.s.Levels),
	})
	m.Class = f.class(j.o.Shop, j.step)
	return m, err
}
