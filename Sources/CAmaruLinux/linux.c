// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CAmaruLinux.h"
#include <sys/socket.h>

int amaru_accept(int listener) { return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC); }
