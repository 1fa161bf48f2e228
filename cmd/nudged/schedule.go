package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// ticks is what a schedule of the config can say.
type ticks interface{ Next(time.Time) time.Time }

// zoned asks a schedule on the clock of a place: cron expressions are meant in
// the zone of their shop.
type zoned struct {
	ticks
	zone *time.Location
}

// Next gives the first time after t.
func (z zoned) Next(t time.Time) time.Time { return z.ticks.Next(t.In(z.zone)) }

// missed reports whether a run was due between the last one and now: the
// program was down, or the machine asleep. However many were missed, one is
// made up for.
func missed(s ticks, last, now time.Time) bool {
	next := s.Next(last)
	return !next.IsZero() && !next.After(now)
}

// latest is the last scheduled time after last and not after now; zero if
// there is none. It bounds its own work: of a long gap it may give a time
// somewhat too early, never a wrong one.
func latest(s ticks, last, now time.Time) time.Time {
	var found time.Time
	if long := now.AddDate(0, 0, -40); last.Before(long) {
		last = long
	}
	at := last
	for range 100_000 {
		at = s.Next(at)
		if at.IsZero() || at.After(now) {
			break
		}
		found = at
	}
	return found
}

// runner runs jobs at their times: a thin layer over robfig/cron v3.0.1 that
// knows its traps.
//
//   - A panic must not end a job for ever: SkipIfStillRunning outside, Recover
//     inside; the other way round the skip never hears that the job ended.
//   - After a suspend the library's timer is late by the time slept: it counts
//     on the monotonic clock. A heartbeat twice a minute makes it look at the
//     wall clock.
//   - Stop does not wait. Ours cancels the jobs and waits with a deadline.
type runner struct {
	cron   *cron.Cron
	ctx    context.Context
	cancel context.CancelFunc
	log    *slog.Logger
	early  sync.WaitGroup // runs made up for at the start
	wraps  []func()
}

const heartbeat = 30 * time.Second

func newRunner(ctx context.Context, log *slog.Logger) *runner {
	r := &runner{log: log}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.cron = cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cron.DiscardLogger))
	r.cron.Schedule(cron.Every(heartbeat), cron.FuncJob(func() {}))
	return r
}

// add a job. With now it runs once at the start as well.
func (r *runner) add(name string, s ticks, now bool, job func(context.Context)) {
	chain := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger), r.recover(name))
	wrapped := chain.Then(cron.FuncJob(func() {
		if r.ctx.Err() == nil {
			job(r.ctx)
		}
	}))
	r.cron.Schedule(s, wrapped)
	if now {
		r.wraps = append(r.wraps, wrapped.Run)
	}
}

// recover turns a panic of one job into a line of the log.
func (r *runner) recover(name string) cron.JobWrapper {
	return func(j cron.Job) cron.Job {
		return cron.FuncJob(func() {
			defer func() {
				if p := recover(); p != nil {
					r.log.Error("a job panicked; it will run again at its next time", "job", name, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
				}
			}()
			j.Run()
		})
	}
}

func (r *runner) start() {
	for _, run := range r.wraps {
		r.early.Go(run)
	}
	r.cron.Start()
}

// stop tells all jobs to end and waits for them. It is false when some are
// still running at the deadline.
func (r *runner) stop(deadline time.Duration) bool {
	r.cancel()
	running := r.cron.Stop()
	done := make(chan struct{})
	go func() {
		r.early.Wait()
		<-running.Done()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(deadline):
		return false
	}
}
