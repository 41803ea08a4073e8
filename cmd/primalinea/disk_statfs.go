//go:build linux || darwin || freebsd

package main

import "syscall"

// A disk is the file system of a folder: how many bytes it has, and how many are
// left to us.
type disk struct{ size, free int64 }

func diskOf(dir string) (disk, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return disk{}, err
	}
	return disk{size: int64(s.Blocks) * int64(s.Bsize), free: int64(s.Bavail) * int64(s.Bsize)}, nil
}
