// SPDX-License-Identifier: Apache-2.0
// What Swift cannot import from Glibc: varargs, macros and GNU extensions.
#ifndef AMARU_LINUX_H
#define AMARU_LINUX_H

/// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC; the descriptor, or -1 with errno.
int amaru_accept(int listener);

#endif
