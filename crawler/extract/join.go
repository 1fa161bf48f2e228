package extract

import "nudged/crawler/recipe"

// joined finds, for a row, the row of a join that belongs to it. The joined
// rows of a page are indexed by key when they are first asked for.
func (w *row) joined(name string) (place, bool) {
	for i := range w.recipe.List.Joins {
		j := &w.recipe.List.Joins[i]
		if j.Name != name || w.joining == name {
			continue
		}
		s := w.scope()
		outer := w.joining
		w.joining = name // a join whose "by" stands in itself would never end
		by := s.read(w.top, &j.By, maxText).text
		w.joining = outer
		if by == "" {
			return place{}, false
		}
		at, ok := w.index(j)[by]
		return at, ok
	}
	return place{}, false
}

// index is a join's rows by their key; of several with one key the first counts.
func (x *reader) index(j *recipe.Join) map[string]place {
	if known, ok := x.joins[j.Name]; ok {
		return known
	}
	index := map[string]place{}
	s := scope{lookup: siteLookup(x.shop)}
	rows, _ := s.rows(x.page, j.Rows, nil) // none: the fields that need one say so
	for _, at := range rows {
		if at.err != nil {
			continue
		}
		key := s.read(at, &j.Key, maxText).text
		if _, again := index[key]; key != "" && !again {
			index[key] = at
		}
	}
	if x.joins == nil {
		x.joins = map[string]map[string]place{}
	}
	x.joins[j.Name] = index
	return index
}
