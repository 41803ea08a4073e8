package evidence

import (
	"bufio"
	"io"
)

// bareGIF copies a GIF without what is not drawn: comments, and what programs
// wrote for themselves.
func bareGIF(w io.Writer, r *bufio.Reader) error {
	g := gifCopier{w: w, r: r}
	head := g.take(13)
	if g.err == nil && (string(head[:6]) != "GIF89a" && string(head[:6]) != "GIF87a") {
		return errShape
	}
	g.put(head)
	g.table(head, 10)
	for g.err == nil {
		kind := g.take(1)
		if g.err != nil {
			break
		}
		switch kind[0] {
		case ';':
			g.put(kind)
			return g.err
		case ',':
			g.put(kind)
			at := g.take(9)
			g.put(at)
			g.table(at, 8)
			g.put(g.take(1))
			g.blocks(true)
		case '!':
			label := g.take(1)
			if g.err != nil {
				break
			}
			switch label[0] {
			case 0xf9: // how long a frame stays
				g.put([]byte{'!', 0xf9})
				g.blocks(true)
			case 0xff:
				name := g.take(12)
				again := g.err == nil && name[0] == 11 && (string(name[1:]) == "NETSCAPE2.0" || string(name[1:]) == "ANIMEXTS1.0")
				if again {
					g.put([]byte{'!', 0xff})
					g.put(name)
				}
				g.blocks(again)
			default:
				g.blocks(false)
			}
		default:
			return errShape
		}
	}
	return g.err
}

// A gifCopier copies pieces until something is wrong.
type gifCopier struct {
	w   io.Writer
	r   *bufio.Reader
	buf [768]byte
	err error
}

// take reads n bytes, valid until the next.
func (g *gifCopier) take(n int) []byte {
	if g.err == nil {
		_, g.err = io.ReadFull(g.r, g.buf[:n])
	}
	return g.buf[:n]
}

func (g *gifCopier) put(b []byte) {
	if g.err == nil {
		_, g.err = g.w.Write(b)
	}
}

// table copies the colours that flags tell of.
func (g *gifCopier) table(b []byte, flags int) {
	if g.err == nil && b[flags]&0x80 != 0 {
		g.put(g.take(3 << (b[flags]&7 + 1)))
	}
}

// blocks copies pieces with their lengths, to the empty one; or leaves them out.
func (g *gifCopier) blocks(keep bool) {
	for g.err == nil {
		n := g.take(1)[0]
		if keep {
			g.put([]byte{n})
		}
		if n == 0 {
			return
		}
		if b := g.take(int(n)); keep {
			g.put(b)
		}
	}
}
