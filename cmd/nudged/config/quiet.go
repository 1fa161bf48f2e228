package config

func (l *loader) quiet(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("quiet")
	if !ok {
		return
	}
	from, okFrom := m.need("from", `from: "21:00"`)
	to, okTo := m.need("to", `to: "09:00"`)
	if !okFrom || !okTo {
		return
	}
	var q Quiet
	var ok1, ok2 bool
	q.From, ok1 = from.clock()
	q.To, ok2 = to.clock()
	if !ok1 || !ok2 {
		return
	}
	if q.From%(24*60) == q.To%(24*60) {
		v.problem("the quiet hours last the whole day, so nothing could ever be sent; leave some hours")
		return
	}
	l.cfg.Quiet = &q
}
