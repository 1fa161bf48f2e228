//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nudged/notify"
	"nudged/store/order"
)

// BenchmarkMillion asks what a seller asks of a file of 1,000,000 orders, 2,000 of
// them unpaid. The bars: digest 2 s, orders --status unpaid 0.2 s, 150 MB of
// anonymous memory of the daemon, steps that are due found in no time. The file
// is made once.
func BenchmarkMillion(b *testing.B) {
	w := newBig(b)
	b.Run("due", w.due)
	b.Run("facts", w.facts)
	b.Run("digest_alone", func(b *testing.B) { w.types(b, nil, "digest") })
	d := w.daemon()
	b.Run("digest", func(b *testing.B) { w.types(b, d, "digest") })
	b.Run("orders_unpaid", func(b *testing.B) { w.types(b, d, "orders", "--status", "unpaid") })
	b.Run("orders_unpaid_all", func(b *testing.B) { w.types(b, d, "orders", "--status", "unpaid", "--limit", "0") })
	b.Run("orders_newest", func(b *testing.B) { w.types(b, d, "orders") })
	b.Run("orders_largest", func(b *testing.B) { w.types(b, d, "orders", "--sort", "total") })
	b.Run("orders_condition", func(b *testing.B) {
		w.types(b, d, "orders", "--status", "unpaid", "--if", "buyer.potential", "--limit", "0")
	})
	b.Run("buyers", func(b *testing.B) { w.types(b, d, "buyers") })
	b.Run("shops", func(b *testing.B) { w.types(b, d, "shops") })
	b.Run("why", func(b *testing.B) { w.types(b, d, "why", "s1/"+strconv.Itoa(w.n-1)) })
}

// due is what the daemon asks once a minute and more.
func (w *big) due(b *testing.B) {
	a := w.open(b)
	defer func() { w.check(a.Close()) }()
	var got []order.Reminder
	for b.Loop() {
		if _, ok, err := a.db.NextDue(b.Context(), "s0"); err != nil || !ok {
			b.Fatal(ok, err)
		}
		var err error
		if got, err = a.db.Due(b.Context(), "s0", time.Now(), 20); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(got)), "due")
}

// facts are gathered for one digest.
func (w *big) facts(b *testing.B) {
	a := w.open(b)
	defer func() { w.check(a.Close()) }()
	var f notify.Facts
	before, rounds := cpu(b), 0
	for ; b.Loop(); rounds++ {
		var err error
		if f, err = a.facts(b.Context(), w.now.Add(-aDay), w.now, 7, false); err != nil {
			b.Fatal(err)
		}
	}
	if f.Unpaid != bigBatch || len(f.Days) != pictured || len(f.Recovered) == 0 || len(f.Closed) == 0 || f.NewCount == 0 {
		b.Errorf("%d unpaid, %d days, %d recovered, %d closed, %d new", f.Unpaid, len(f.Days), len(f.Recovered), len(f.Closed), f.NewCount)
	}
	b.ReportMetric(float64((cpu(b)-before).Milliseconds())/float64(rounds), "cpu-ms/op")
	b.ReportMetric(float64(len(f.Closed)), "closed")
	b.ReportMetric(float64(len(f.Recovered)), "recovered")
}

// cpu is the time that this process has worked, also where others are at work on the
// machine.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// types runs a command as a seller does, in the daemon if there is one.
func (w *big) types(b *testing.B, d *bigDaemon, args ...string) {
	size, before, rounds := 0, cpu(b)+d.cpu(), 0
	for ; b.Loop(); rounds++ {
		var out, said bytes.Buffer
		status := run(b.Context(), append(args, "-c", w.conf), world{
			stdin: strings.NewReader(""), stdout: &out, stderr: &said, file: writeFile, now: time.Now, lookupEnv: os.LookupEnv,
		})
		if status != exitDone {
			b.Fatalf("nudged %v: exit code %d\n%s", args, status, said.String())
		}
		size = out.Len()
	}
	b.ReportMetric(float64((cpu(b)+d.cpu()-before).Milliseconds())/float64(rounds), "cpu-ms/op")
	b.ReportMetric(float64(size), "B-out")
	if d != nil {
		b.ReportMetric(float64(d.most.Load())/1024, "MB-anon-most")
	}
}

// bigDaemon is the real program, and how much memory it has taken at most.
type bigDaemon struct {
	pid  int
	idle int64 // kB
	most atomic.Int64
}

func (w *big) daemon() *bigDaemon {
	w.b.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	bin := filepath.Join(w.dir, "nudged")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		w.b.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(w.b.Context(), bin, "run", "-c", w.conf)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	said, err := cmd.StderrPipe()
	w.check(err)
	w.check(cmd.Start())
	w.b.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err == nil {
			_ = cmd.Wait()
		}
	})
	awaitStart(w.b, said)
	d := &bigDaemon{pid: cmd.Process.Pid}
	d.sample()
	done := make(chan struct{})
	w.b.Cleanup(func() { close(done) })
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				d.sample()
			}
		}
	}()
	time.Sleep(2 * time.Second)
	d.idle = d.sample()
	w.b.Logf("the daemon has taken %d MB of anonymous memory at its start, and has %d MB", d.most.Load()>>10, d.idle>>10)
	return d
}

// awaitStart reads the log until the daemon answers commands, and then lets it flow.
func awaitStart(b *testing.B, log io.Reader) {
	b.Helper()
	var seen []byte
	part := make([]byte, 4096)
	for !bytes.Contains(seen, []byte("started")) {
		n, err := log.Read(part)
		if seen = append(seen, part[:n]...); err != nil {
			b.Fatalf("the daemon ended: %s", seen)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
}

// sample reads how much anonymous memory the daemon has now, in kB; 0 where the
// system does not tell.
func (d *bigDaemon) sample() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	kb, _ := strconv.ParseInt(strings.Fields(rest + " 0")[0], 10, 64)
	for {
		most := d.most.Load()
		if kb <= most || d.most.CompareAndSwap(most, kb) {
			return kb
		}
	}
}

// cpu is the time that the daemon has worked, as far as the system tells: in steps
// of 10 ms, as Linux counts for programs.
func (d *bigDaemon) cpu() time.Duration {
	if d == nil {
		return 0
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // the name before it may hold anything
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
