// SPDX-License-Identifier: GPL-2.0-only

// Go's own channels, within one process: no system call, no other address
// space. The same shapes as the benchmark's, by goroutines.
package main

import (
	"fmt"
	"os"
	"time"
)

type message [8]uint64 // 64 bytes

const (
	burst  = 1024
	turns  = 256
	rounds = 10
)

func best(name string, run func() float64) {
	least := run()
	for i := 0; i < rounds; i++ {
		time.Sleep(50 * time.Millisecond)
		if took := run(); took < least {
			least = took
		}
	}
	fmt.Printf("%s go-in-process %.1f insn\n", name, least)
}

func wrong() {
	fmt.Fprintln(os.Stderr, "go: not the messages that were sent")
	os.Exit(1)
}

func pingpong() float64 {
	there, back := make(chan uint64), make(chan uint64)
	go func() {
		for m := range there {
			back <- m
		}
	}()
	begin := time.Now()
	for i := uint64(1); i <= turns; i++ {
		there <- i
		if <-back != i {
			wrong()
		}
	}
	took := time.Since(begin)
	close(there)
	return float64(took.Nanoseconds()) / turns
}

func stream() float64 {
	ch, done := make(chan message, 128), make(chan uint64)
	go func() {
		var sum uint64
		for i := 0; i < burst; i++ {
			m := <-ch
			sum += m[0]
		}
		done <- sum
	}()
	begin := time.Now()
	for i := uint64(1); i <= burst; i++ {
		ch <- message{i}
	}
	if <-done != burst*(burst+1)/2 {
		wrong()
	}
	return float64(time.Since(begin).Nanoseconds()) / burst
}

func seq() float64 {
	ch := make(chan message, 8)
	begin := time.Now()
	for i := uint64(1); i <= burst; i++ {
		ch <- message{i}
		if m := <-ch; m[0] != i {
			wrong()
		}
	}
	return float64(time.Since(begin).Nanoseconds()) / burst
}

func ready() float64 {
	var chans [8]chan message
	for i := range chans {
		chans[i] = make(chan message, 128)
		for k := 0; k < 128; k++ {
			chans[i] <- message{1}
		}
	}
	var sum uint64
	begin := time.Now()
	for i := 0; i < 64; i++ {
		var m message
		select {
		case m = <-chans[0]:
		case m = <-chans[1]:
		case m = <-chans[2]:
		case m = <-chans[3]:
		case m = <-chans[4]:
		case m = <-chans[5]:
		case m = <-chans[6]:
		case m = <-chans[7]:
		}
		sum += m[0]
	}
	took := time.Since(begin)
	if sum != 64 {
		wrong()
	}
	return float64(took.Nanoseconds()) / 64
}

func main() {
	best("seq 64", seq)
	best("spsc 64x128", stream)
	best("ping-pong unbuffered", pingpong)
	best("select_rx 8", ready)
}
