package search

import "syscall"

// giveBack lets go of what is in memory of a mapped file. It stays mapped. A system
// that cannot do it keeps it, which is no harm.
func giveBack(file []byte) {
	if len(file) > 0 {
		syscall.Madvise(file, syscall.MADV_DONTNEED)
	}
}
