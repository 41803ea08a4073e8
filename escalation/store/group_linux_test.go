package store_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// BenchmarkOpenTicket opens tickets from 32 sides at once, on SQLite that waits for
// the disk: half a second with a commit for each, half a second with commits that are
// shared, and so on by turns, for other programs use the disk too. It says how many
// times as many the latter are in half of the turns, what one takes of a processor in
// the best, and what the disk takes to keep 4 KiB.
//
//	go test ./escalation/store -run '^$' -bench OpenTicket -benchtime 20x
func BenchmarkOpenTicket(b *testing.B) {
	alone, grouped := desked(b), desked(b)
	alone.Alone()
	var rates [2][]float64
	var times, works, syncs []float64
	for b.Loop() {
		syncs = append(syncs, fdatasync(b))
		one, _ := opened(b, alone, 32)
		many, work := opened(b, grouped, 32)
		rates[0], rates[1] = append(rates[0], one), append(rates[1], many)
		times, works = append(times, many/one), append(works, work)
	}
	b.ReportMetric(median(rates[0]), "alone/s")
	b.ReportMetric(median(rates[1]), "grouped/s")
	b.ReportMetric(median(times), "times")
	b.ReportMetric(slices.Min(works), "cpu-µs")
	b.ReportMetric(median(syncs), "fdatasync-µs")
}

// desked opens a database in which a desk has been set up.
func desked(b *testing.B) *store.DB {
	db := storetest.Open(b, storetest.SQLite(b), store.Options{})
	if err := db.KeepDesk(b.Context(), *shipped); err != nil {
		b.Fatal(err)
	}
	return db
}

// opened opens tickets for half a second. It returns how many that are in a second,
// and what each takes of a processor, in microseconds.
func opened(b *testing.B, db *store.DB, sides int) (rate, work float64) {
	var many atomic.Int64
	var all sync.WaitGroup
	begun, used := time.Now(), processor(b)
	for range sides {
		all.Go(func() {
			for time.Since(begun) < time.Second/2 {
				if _, _, err := db.Open(b.Context(), rand.Text(), newTicket); err != nil {
					b.Error(err)
				}
				many.Add(1)
			}
		})
	}
	all.Wait()
	n := float64(many.Load())
	return n / time.Since(begun).Seconds(), float64((processor(b) - used).Microseconds()) / n
}

// processor is how long this program has worked so far.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fdatasync returns how many microseconds it takes to write 4 KiB over what a file
// holds, until the disk has them.
func fdatasync(b *testing.B) float64 {
	f, err := os.Create(filepath.Join(b.TempDir(), "probe"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	const many = 50
	page := make([]byte, 4096)
	var all []float64
	for i := range 2 * many { // the first make it as long as it is
		begun := time.Now()
		if _, err := f.WriteAt(page, int64(i%many)*4096); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		if i >= many {
			all = append(all, float64(time.Since(begun).Nanoseconds())/1000)
		}
	}
	return median(all)
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
