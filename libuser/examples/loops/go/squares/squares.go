// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT

// Go without cgo: a channel is an os.File that the runtime's netpoller waits for,
// so a goroutine that reads or writes takes no thread. squares-go IN OUT
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"syscall"
)

const closeChannel = 0xc714 // HCHAN_IOC_CLOSE

// O_NONBLOCK at open is what makes os.NewFile give it to the netpoller.
func open(name string, flags int) *os.File {
	path := "/dev/chan/" + name
	fd, err := syscall.Open(path, flags|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		fail(&os.PathError{Op: "open", Path: path, Err: err})
	}
	return os.NewFile(uintptr(fd), path)
}

// Closes the channel, not only the descriptor. Not by f.Fd(), which would make
// the descriptor a blocking one.
func finish(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		fail(err)
	}
	conn.Control(func(fd uintptr) {
		syscall.Syscall(syscall.SYS_IOCTL, fd, closeChannel, 0)
	})
	f.Close()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "squares-go:", err)
	os.Exit(1)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: squares-go IN OUT")
		os.Exit(2)
	}
	in := open(os.Args[1], syscall.O_RDONLY)
	out := open(os.Args[2], syscall.O_WRONLY)
	var elem [8]byte
	for {
		if _, err := in.Read(elem[:]); err == io.EOF {
			break
		} else if err != nil {
			fail(err)
		}
		x := binary.LittleEndian.Uint64(elem[:])
		binary.LittleEndian.PutUint64(elem[:], x*x)
		if _, err := out.Write(elem[:]); err != nil {
			fail(err)
		}
	}
	finish(out)
}
