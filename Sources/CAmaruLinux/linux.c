// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CAmaruLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

int amaru_accept(int listener, struct sockaddr_storage *peer, socklen_t *length) {
  return accept4(listener, (struct sockaddr *)peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static volatile sig_atomic_t signal_descriptor = -1;

static void forward_signal(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  int descriptor = signal_descriptor;
  if (descriptor >= 0 && write(descriptor, &byte, 1) < 0) { /* full: one is enough */ }
  errno = saved;
}

int amaru_watch_signals(int descriptor) {
  signal_descriptor = descriptor;
  struct sigaction action = {0};
  action.sa_handler = descriptor >= 0 ? forward_signal : SIG_DFL;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGTERM, &action, 0) != 0) return -1;
  return sigaction(SIGINT, &action, 0);
}

long amaru_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return (long)limit.rlim_cur;
}

int amaru_pipe(int ends[2]) { return pipe2(ends, O_NONBLOCK | O_CLOEXEC); }
