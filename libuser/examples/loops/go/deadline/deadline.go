// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT

// SetDeadline on a channel: what was not done in time has not happened, and the
// same file goes on afterwards. go-deadline CHANNEL, which is empty and has room
// for one number.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

func must(what string, ok bool, err error) {
	if !ok {
		fmt.Fprintf(os.Stderr, "go-deadline: %s: %v\n", what, err)
		os.Exit(1)
	}
}

func main() {
	path := "/dev/chan/" + os.Args[1]
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	must("open", err == nil, err)
	f := os.NewFile(uintptr(fd), path)
	var elem [8]byte
	soon := func() time.Time { return time.Now().Add(20 * time.Millisecond) }

	must("deadline", f.SetReadDeadline(soon()) == nil, nil)
	_, err = f.Read(elem[:])
	must("a read of nothing", errors.Is(err, os.ErrDeadlineExceeded), err)

	must("write deadline", f.SetWriteDeadline(soon()) == nil, nil)
	n, err := f.Write([]byte("element1"))
	must("a write where there is room", n == 8 && err == nil, err)
	n, err = f.Write([]byte("element2"))
	must("a write where there is none", n == 0 && errors.Is(err, os.ErrDeadlineExceeded), err)

	// A deadline that is set while somebody waits ends the wait.
	must("no deadline", f.SetDeadline(time.Time{}) == nil, nil)
	n, err = f.Read(elem[:])
	must("the first element", n == 8 && err == nil && string(elem[:]) == "element1", err)
	ended := make(chan error)
	go func() {
		_, err := f.Read(elem[:])
		ended <- err
	}()
	must("deadline for who waits", f.SetReadDeadline(soon()) == nil, nil)
	err = <-ended
	must("the second is not there", errors.Is(err, os.ErrDeadlineExceeded), err)

	// And with none again, a reader and a writer meet.
	must("no deadline", f.SetDeadline(time.Time{}) == nil, nil)
	go func() {
		_, err := f.Read(elem[:])
		ended <- err
	}()
	n, err = f.Write([]byte("element3"))
	must("a write to who reads", n == 8 && err == nil, err)
	err = <-ended
	must("a read of the third", err == nil && string(elem[:]) == "element3", err)
}
