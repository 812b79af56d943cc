// SPDX-License-Identifier: Apache-2.0
// What Swift cannot import from Glibc: varargs, GNU extensions and signal handlers.
#ifndef AMARU_LINUX_H
#define AMARU_LINUX_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "shared_memory.h"

/// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC; the descriptor, or -1 with errno.
int amaru_accept(int listener, struct sockaddr_storage *peer, socklen_t *length);

/// Writes the number of each SIGINT and SIGTERM as one byte to `descriptor`, from a signal handler.
/// A negative descriptor gives the signals back to the system. 0, or -1 with errno.
int amaru_watch_signals(int descriptor);

/// The number of file descriptors that the process may open, raised to the hard limit.
long amaru_raise_descriptor_limit(void);

/// pipe2(2) with O_NONBLOCK | O_CLOEXEC; 0, or -1 with errno.
int amaru_pipe(int ends[2]);

#endif
