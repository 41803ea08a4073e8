package evidence

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Films of telephones, and their HEIC pictures, are made of boxes. Where they were
// taken stands in several of them, and makers add their own, so what is kept is
// named here, and everything else becomes free space of the same length: no box
// moves, and a film is not made anew.

// A file that boxes are blanked in.
type blankable interface {
	io.ReaderAt
	io.WriterAt
}

// kept are the boxes that it takes to show a film, by the box around them; that of
// the file itself is "". What is in others is not looked at.
var kept = map[string][]string{
	"":     {"ftyp", "styp", "moov", "mdat", "moof", "mfra", "sidx", "ssix", "prft", "pdin", "wide"},
	"moov": {"mvhd", "trak", "mvex", "iods"},
	"trak": {"tkhd", "edts", "tref", "mdia", "tapt"},
	"mdia": {"mdhd", "hdlr", "minf", "elng"},
	"minf": {"vmhd", "smhd", "gmhd", "nmhd", "hmhd", "hdlr", "dinf", "stbl"},
	"moof": {"mfhd", "traf"},
	"traf": {"tfhd", "tfdt", "trun", "sdtp", "sbgp", "sgpd", "subs", "saiz", "saio"},
}

// shown are the kinds of tracks that are seen and heard, and the one with the time.
// Others say where the camera was; some of them call themselves subtitles.
var shown = []string{"vide", "soun", "auxv", "tmcd"}

const (
	maxMoov   = 16 << 20 // bytes of what describes a film, and each of its pieces
	maxPieces = 100_000  // of tracks that are taken out, and boxes in one
)

var (
	errCut   = errors.New("it ends too early")
	errMoov  = errors.New("nothing describes the film")
	errPlace = errors.New("what else was recorded cannot be taken out")
)

// A span is a part of a file.
type span struct{ from, to int64 }

// A box stands somewhere, with a head before what is in it.
type box struct {
	kind string
	head int64
	span
}

func (b box) inside() span { return span{b.from + b.head, b.to} }

// boxesOf returns the boxes of a file. What comes after the last and is none is
// returned as one without a kind.
func boxesOf(r io.ReaderAt, size int64) ([]box, error) {
	var list []box
	for at := int64(0); at < size; {
		if len(list) > maxPieces {
			return nil, errShape
		}
		var b [16]byte
		n, err := r.ReadAt(b[:min(16, size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		next, ok := boxAt(b[:n], at, size)
		switch {
		case ok && next.to <= size:
		case ok && (slices.Contains(kept[""], next.kind) || next.kind == "meta"):
			return nil, errCut
		default:
			return append(list, box{span: span{at, size}}), nil
		}
		list = append(list, next)
		at = next.to
	}
	return list, nil
}

// boxAt reads the head of a box; ok is false when there is none.
func boxAt(b []byte, at, end int64) (box, bool) {
	if len(b) < 8 {
		return box{}, false
	}
	out := box{kind: string(b[4:8]), head: 8}
	size := int64(binary.BigEndian.Uint32(b))
	switch {
	case size == 0: // to the end
		size = end - at
	case size == 1 && len(b) >= 16:
		size, out.head = int64(binary.BigEndian.Uint64(b[8:])), 16
	}
	if size < out.head || size > 1<<40 {
		return box{}, false
	}
	for _, c := range []byte(out.kind) {
		if c < ' ' || c > '~' && c != 0xa9 {
			return box{}, false
		}
	}
	out.span = span{at, at + size}
	return out, true
}

// in returns the boxes in a piece of memory, with places in it.
func in(b []byte) ([]box, error) {
	var list []box
	for at := 0; len(b)-at >= 8; {
		next, ok := boxAt(b[at:], int64(at), int64(len(b)))
		if !ok || next.to > int64(len(b)) {
			return list, errShape
		}
		if list = append(list, next); len(list) > maxPieces {
			return list, errShape
		}
		at = int(next.to)
	}
	return list, nil
}

// blank makes free space of a box in memory.
func blank(b []byte, x box) {
	copy(b[x.from+4:], "free")
	clear(b[x.from+x.head : x.to])
}

// bareFilm takes out of an MP4 or a MOV what is not seen or heard. Nothing that it
// refuses, or does not understand, stays.
func bareFilm(f blankable, size int64) error {
	list, err := boxesOf(f, size)
	if err != nil {
		return err
	}
	if err := blankOthers(f, list, kept[""]); err != nil {
		return err
	}
	var data, gone []span
	var moov *box
	pieces := false
	for i, b := range list {
		switch b.kind {
		case "mdat":
			data = append(data, b.inside())
		case "moov":
			if moov != nil {
				return errShape
			}
			moov = &list[i]
		case "moof":
			pieces = true
			if err := change(f, b, func(body []byte) error { return bare(body, "moof", nil) }); err != nil {
				return err
			}
		}
	}
	if moov == nil {
		return errMoov
	}
	seen := false
	err = change(f, *moov, func(body []byte) error {
		return bare(body, "moov", func(track []byte) (bool, error) {
			kind, samples := trackOf(track)
			if slices.Contains(shown, kind) {
				seen = seen || kind == "vide"
				return true, nil
			}
			if pieces {
				return false, errPlace // where its samples are, each piece says for itself
			}
			spans, err := spansOf(samples, maxPieces-len(gone))
			gone = append(gone, spans...)
			return false, err
		})
	})
	if err != nil {
		return err
	}
	if !seen {
		return errMoov
	}
	return erase(f, gone, data)
}

// erase writes zeros over parts of what boxes of data hold, which are in the order of
// the file. What lies elsewhere is not what it says it is.
func erase(f io.WriterAt, gone, data []span) error {
	for _, s := range union(gone) {
		i, found := slices.BinarySearchFunc(data, s.from, func(d span, at int64) int { return cmp.Compare(d.from, at) })
		if !found {
			i--
		}
		if i < 0 || s.to > data[i].to {
			return errPlace
		}
		if err := zero(f, s); err != nil {
			return err
		}
	}
	return nil
}

// union returns spans in order, those that meet as one. What is written over is so
// written over once, however often a table names it.
func union(list []span) []span {
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// blankOthers makes free space of the boxes of a file that are not named.
func blankOthers(f io.WriterAt, list []box, names []string) error {
	for _, b := range list {
		if slices.Contains(names, b.kind) {
			continue
		}
		s := b.inside()
		if b.kind != "" {
			if _, err := f.WriteAt([]byte("free"), b.from+4); err != nil {
				return err
			}
		}
		if err := zero(f, s); err != nil {
			return err
		}
	}
	return nil
}

// change reads a box into memory, and writes it back as do leaves it.
func change(f blankable, b box, do func(body []byte) error) error {
	s := b.inside()
	if s.to-s.from > maxMoov {
		return errShape
	}
	body := make([]byte, s.to-s.from)
	if _, err := f.ReadAt(body, s.from); err != nil {
		return err
	}
	if err := do(body); err != nil {
		return err
	}
	_, err := f.WriteAt(body, s.from)
	return err
}

// bare blanks what is not kept in a box. keep is asked about tracks.
func bare(body []byte, kind string, keep func(track []byte) (bool, error)) error {
	list, err := in(body)
	if err != nil {
		return err
	}
	for _, b := range list {
		if !slices.Contains(kept[kind], b.kind) {
			blank(body, b)
			continue
		}
		inside := body[b.from+b.head : b.to]
		if b.kind == "trak" {
			ok, err := keep(inside)
			if err != nil {
				return err
			}
			if !ok {
				blank(body, b)
				continue
			}
		}
		if _, ok := kept[b.kind]; ok {
			if err := bare(inside, b.kind, keep); err != nil {
				return err
			}
		}
	}
	return nil
}

// find returns what is in the box that a path of boxes leads to; nil without one.
func find(body []byte, path ...string) []byte {
	for _, kind := range path {
		list, _ := in(body)
		i := slices.IndexFunc(list, func(b box) bool { return b.kind == kind })
		if i < 0 {
			return nil
		}
		body = body[list[i].from+list[i].head : list[i].to]
	}
	return body
}

// trackOf returns the kind of a track, and the table of its samples.
func trackOf(track []byte) (kind string, samples []byte) {
	if hdlr := find(track, "mdia", "hdlr"); len(hdlr) >= 12 {
		kind = string(hdlr[8:12])
	}
	return kind, find(track, "mdia", "minf", "stbl")
}

// A table is what a box of samples holds: rows of a length, after a head.
type table []byte

func tableOf(stbl []byte, kind string, head, row int) (t table, n int, err error) {
	body := find(stbl, kind)
	if len(body) < head {
		return nil, 0, errPlace
	}
	n = int(binary.BigEndian.Uint32(body[head-4:]))
	if n < 0 || n > (len(body)-head)/max(row, 1) {
		return nil, 0, errPlace
	}
	return table(body[head:]), n, nil
}

func (t table) at(i int) int64 { return int64(binary.BigEndian.Uint32(t[4*i:])) }

// spansOf returns where the samples of a track lie.
func spansOf(stbl []byte, most int) ([]span, error) {
	sizes := find(stbl, "stsz")
	if len(sizes) < 12 {
		return nil, errPlace
	}
	each, all := int64(binary.BigEndian.Uint32(sizes[4:])), int64(binary.BigEndian.Uint32(sizes[8:]))
	if each == 0 && all > int64(len(sizes)-12)/4 {
		return nil, errPlace
	}
	size := func(i int64) int64 {
		if each > 0 {
			return each
		}
		return table(sizes[12:]).at(int(i))
	}
	wide := false
	chunks, n, err := tableOf(stbl, "stco", 8, 4)
	if err != nil {
		if chunks, n, err = tableOf(stbl, "co64", 8, 8); err != nil {
			return nil, err
		}
		wide = true
	}
	runs, rows, err := tableOf(stbl, "stsc", 8, 12)
	if err != nil {
		return nil, err
	}
	if n > most {
		return nil, errPlace
	}
	var list []span
	sample, row := int64(0), 0
	for chunk := range n {
		for row+1 < rows && runs.at(3*(row+1)) <= int64(chunk+1) {
			row++
		}
		if row >= rows {
			return nil, errPlace
		}
		from := int64(0)
		if wide {
			from = int64(binary.BigEndian.Uint64(chunks[8*chunk:]))
		} else {
			from = chunks.at(chunk)
		}
		to := from
		if many := runs.at(3*row + 1); each > 0 {
			many = min(many, all-sample)
			to += many * each
			sample += many
		} else {
			for ; many > 0 && sample < all; many-- {
				to += size(sample)
				sample++
			}
		}
		if from < 0 || to < from {
			return nil, errPlace
		}
		list = append(list, span{from, to})
	}
	if sample < all {
		return nil, errPlace // some would stay
	}
	return list, nil
}

// zero writes nothing but zeros over a part of a file.
func zero(f io.WriterAt, s span) error {
	var zeros [64 << 10]byte
	for at := s.from; at < s.to; {
		n := min(int64(len(zeros)), s.to-at)
		if _, err := f.WriteAt(zeros[:n], at); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// What it takes to show a HEIC picture; its items are looked at one by one.
var (
	keptHEIC = []string{"ftyp", "meta", "mdat"}
	keptMeta = []string{"hdlr", "pitm", "iinf", "iloc", "iprp", "iref", "idat", "dinf", "grpl"}
)

// bareHEIC takes EXIF, XMP and what else only describes out of a HEIC picture.
func bareHEIC(f blankable, size int64) error {
	list, err := boxesOf(f, size)
	if err != nil {
		return err
	}
	if err := blankOthers(f, list, keptHEIC); err != nil {
		return err
	}
	var data, gone []span
	metas := 0
	for _, b := range list {
		switch b.kind {
		case "mdat":
			data = append(data, b.inside())
		case "meta":
			metas++
			if err := change(f, b, func(body []byte) error {
				spans, err := bareMeta(body)
				gone = append(gone, spans...)
				return err
			}); err != nil {
				return err
			}
		}
	}
	if metas != 1 {
		return errShape
	}
	return erase(f, gone, data)
}

// bareMeta blanks what is not kept in the meta box of a picture, and returns where
// in the file the items lie that describe it.
func bareMeta(meta []byte) ([]span, error) {
	if len(meta) < 4 {
		return nil, errShape
	}
	body := meta[4:]
	list, err := in(body)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		if !slices.Contains(keptMeta, b.kind) {
			blank(body, b)
		}
	}
	items, err := described(find(body, "iinf"))
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return placesOf(find(body, "iloc"), find(body, "idat"), items)
}

// described returns the items of a list that are no pictures.
func described(iinf []byte) (map[uint32]bool, error) {
	r := &fields{b: iinf}
	version := r.uint(1)
	r.uint(3)
	if version == 0 {
		r.uint(2)
	} else {
		r.uint(4)
	}
	list, err := in(r.b)
	if err := errors.Join(err, r.err); err != nil {
		return nil, err
	}
	items := map[uint32]bool{}
	for _, b := range list {
		if b.kind != "infe" {
			continue
		}
		e := &fields{b: r.b[b.from+b.head : b.to]}
		version := e.uint(1)
		e.uint(3)
		if version < 2 {
			return nil, errShape
		}
		wide := 2
		if version > 2 {
			wide = 4
		}
		id := uint32(e.uint(wide))
		e.uint(2)
		kind := e.take(4)
		if e.err != nil {
			return nil, e.err
		}
		switch string(kind) {
		case "Exif", "mime", "uri ":
			items[id] = true
		}
	}
	return items, nil
}

// placesOf returns where items lie in the file. Those that lie in the meta box itself
// are blanked at once.
func placesOf(iloc, idat []byte, items map[uint32]bool) ([]span, error) {
	r := &fields{b: iloc}
	version := r.uint(1)
	r.uint(3)
	sizes := r.uint(2)
	offset, length, base, index := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		index = 0
	}
	wide := 2
	if version == 2 {
		wide = 4
	}
	n := r.uint(wide)
	var list, inside []span
	for ; n > 0 && r.err == nil; n-- {
		id := uint32(r.uint(wide))
		way := uint64(0)
		if version > 0 {
			way = r.uint(2) & 15
		}
		r.uint(2)
		start := r.uint(base)
		for extents := r.uint(2); extents > 0 && r.err == nil; extents-- {
			r.uint(index)
			from := start + r.uint(offset)
			to := from + r.uint(length)
			if !items[id] || r.err != nil {
				continue
			}
			switch {
			case to < from || from > 1<<40 || to > 1<<40 || length == 0:
				return nil, errPlace
			case way == 0:
				list = append(list, span{int64(from), int64(to)})
			case way == 1 && to <= uint64(len(idat)):
				inside = append(inside, span{int64(from), int64(to)})
			default:
				return nil, errPlace
			}
			if len(list)+len(inside) > maxPieces {
				return nil, errPlace
			}
		}
		delete(items, id)
	}
	if len(items) > 0 {
		return nil, errPlace // they are somewhere, and stay
	}
	for _, s := range union(inside) {
		clear(idat[s.from:s.to])
	}
	return list, r.err
}

// fields reads numbers one after the other, until something is missing.
type fields struct {
	b   []byte
	err error
}

func (f *fields) take(n int) []byte {
	if len(f.b) < n {
		f.err, f.b = errShape, nil
		return bytes.Repeat([]byte{0}, n)
	}
	b := f.b[:n]
	f.b = f.b[n:]
	return b
}

// uint reads a number of n bytes; of none it is 0.
func (f *fields) uint(n int) (v uint64) {
	if n > 8 {
		f.err = errShape
		return 0
	}
	for _, c := range f.take(n) {
		v = v<<8 | uint64(c)
	}
	return v
}
