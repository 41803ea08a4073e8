package main

import (
	"context"
	"time"

	"primalinea/content/outside"
	"primalinea/escalation/store"
)

// outsideSetting is the name of the lead's decision to ask other sites. Nobody is
// asked until a lead says so: the site makes no connections of its own.
const outsideSetting = "outside_links"

// outsideOn reports whether other sites are asked.
func (h *house) outsideOn(ctx context.Context) (on bool, err error) {
	err = h.db.Setting(ctx, outsideSetting, &on)
	return on, err
}

func (h *house) setOutside(ctx context.Context, on bool) error {
	return h.db.SetSetting(ctx, outsideSetting, on)
}

// outsideKnown returns what other sites answered, by address.
func (h *house) outsideKnown(ctx context.Context) (map[string]outside.Record, error) {
	rows, err := h.db.OutsideLinks(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]outside.Record, len(rows))
	for _, r := range rows {
		known[r.Address] = outside.Record{
			Address: r.Address, Answer: outside.Answer{State: outside.State(r.State), Status: r.Status}, Failed: r.Failed, Checked: r.Checked,
		}
	}
	return known, nil
}

// askOutside asks for the links to other sites that were not asked for in a week.
func (h *house) askOutside(ctx context.Context, asker *outside.Asker) error {
	if on, err := h.outsideOn(ctx); err != nil || !on {
		return err
	}
	links, err := h.folder.Outlinks(ctx)
	if err != nil {
		return err
	}
	known, err := h.outsideKnown(ctx)
	if err != nil {
		return err
	}
	var addresses, gone []string
	linked := map[string]bool{}
	for _, l := range links {
		if a := outside.Clean(l.Address); a != "" && !linked[a] {
			linked[a] = true
			addresses = append(addresses, a)
		}
	}
	for a := range known {
		if !linked[a] {
			gone = append(gone, a)
		}
	}
	answers, err := asker.Run(ctx, outside.Next(known, addresses, time.Now()))
	if err != nil {
		h.log.Warn("links to other sites not checked", "error", err)
	}
	var fresh []store.OutsideLink
	for address, answer := range answers {
		r := known[address].After(answer, time.Now())
		fresh = append(fresh, store.OutsideLink{Address: address, State: string(r.State), Status: r.Status, Failed: r.Failed, Checked: r.Checked})
	}
	if len(fresh)+len(gone) == 0 {
		return nil
	}
	return h.db.KeepOutsideLinks(ctx, fresh, gone)
}
