package evidence

import (
	"errors"
	"io"
	"math/bits"
)

// Elements of a WebM. Clusters and what is in them are what is seen and heard.
const (
	ebmlHead    = 0x1a45dfa3
	ebmlSegment = 0x18538067
	ebmlVoid    = 0xec
	webmCluster = 0x1f43b675
)

// webmKept are those that it takes to show it, without tags and attachments; those in
// a cluster among them, for a cluster of which nobody knew how long it would be has
// no end of its own.
var webmKept = map[uint64]bool{
	0x114d9b74: true, 0x1549a966: true, 0x1654ae6b: true, 0x1c53bb6b: true, 0x1043a770: true, webmCluster: true, // of a segment
	0xe7: true, 0xa3: true, 0xa0: true, 0xa7: true, 0xab: true, 0x5854: true, 0xaf: true, // of a cluster
	0xbf: true, // check sums
}

const (
	unknownSize = 1<<56 - 1
	maxElements = 1_000_000
)

// bareWebM makes free space of the tags and attachments of a WebM, and of what is
// not known.
func bareWebM(f blankable, size int64) error {
	clusters := 0
	for at, n := int64(0), 0; at < size; n++ {
		if n > maxElements {
			return errShape
		}
		id, length, head, err := elementAt(f, at, size)
		if err != nil {
			return err
		}
		unknown := length == unknownSize
		switch {
		case id == ebmlSegment, id == webmCluster && unknown:
			at += head // into it
			if id == webmCluster {
				clusters++
			}
			continue
		case unknown:
			return errShape
		}
		end := at + head + length
		if end > size {
			return errCut
		}
		switch {
		case id == webmCluster:
			clusters++
		case at == 0 && id == ebmlHead, webmKept[id]:
		default:
			if err := void(f, at, end); err != nil {
				return err
			}
		}
		at = end
	}
	if clusters == 0 {
		return errMoov
	}
	return nil
}

// elementAt reads the head of an element.
func elementAt(f io.ReaderAt, at, size int64) (id uint64, length, head int64, err error) {
	var b [12]byte
	n, err := f.ReadAt(b[:min(12, size-at)], at)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, 0, err
	}
	wide := bits.LeadingZeros8(b[0]) + 1
	if wide > 4 || wide >= n {
		return 0, 0, 0, errShape
	}
	for _, c := range b[:wide] {
		id = id<<8 | uint64(c)
	}
	long := bits.LeadingZeros8(b[wide]) + 1
	if long > 8 || wide+long > n {
		return 0, 0, 0, errShape
	}
	length = int64(b[wide]) & (1<<(8-long) - 1)
	for _, c := range b[wide+1 : wide+long] {
		length = length<<8 | int64(c)
	}
	if length == 1<<(7*long)-1 {
		length = unknownSize
	}
	return id, length, int64(wide + long), nil
}

// void writes an element of nothing over a part of a file.
func void(f io.WriterAt, from, to int64) error {
	head := []byte{ebmlVoid, 0x80 | byte(to-from-2)}
	if n := to - from - 9; n >= 0 {
		head = []byte{ebmlVoid, 1, byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	if _, err := f.WriteAt(head, from); err != nil {
		return err
	}
	return zero(f, span{from + int64(len(head)), to})
}
