// SPDX-License-Identifier: Apache-2.0
// The least that a call over shared memory can cost: two processes hand 64 bytes to and fro, and wake each other
// with eventfds. Prints nanoseconds of a round trip: p50, p99 and mean.
//
//   cc -O2 -o shm_pingpong shm_pingpong.c && ./shm_pingpong [ROUNDS] [CPU]
//
// With a CPU both processes are bound to it: every hand-over is then a switch between processes.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BYTES = 64 };

struct box {
  _Alignas(64) _Atomic uint64_t sequence;
  _Alignas(64) unsigned char bytes[BYTES];
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int compare(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

static void put(struct box *box, uint64_t sequence, const unsigned char *bytes, int bell) {
  memcpy(box->bytes, bytes, BYTES);
  box->sequence = sequence;
  uint64_t one = 1;
  if (write(bell, &one, sizeof one) != sizeof one) _exit(1);
}

static void take(struct box *box, uint64_t sequence, unsigned char *bytes, int bell) {
  uint64_t count;
  while (box->sequence != sequence)
    if (read(bell, &count, sizeof count) != sizeof count) _exit(1);
  memcpy(bytes, box->bytes, BYTES);
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 200000;
  if (argc > 2) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(atoi(argv[2]), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) return perror("sched_setaffinity"), 1;
  }
  int64_t *times = calloc(rounds, sizeof *times);
  struct box *boxes =
      mmap(0, 2 * sizeof *boxes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int bells[2] = {eventfd(0, 0), eventfd(0, 0)};
  if (rounds < 1 || !times || boxes == MAP_FAILED || bells[0] < 0 || bells[1] < 0) return 1;
  unsigned char bytes[BYTES] = {1};
  pid_t child = fork();
  if (child < 0) return perror("fork"), 1;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (uint64_t round = 1;; round++) {
      take(&boxes[0], round, bytes, bells[0]);
      put(&boxes[1], round, bytes, bells[1]);
    }
  }
  int64_t begin = now();
  for (long round = 1; round <= rounds; round++) {
    int64_t start = now();
    put(&boxes[0], round, bytes, bells[0]);
    take(&boxes[1], round, bytes, bells[1]);
    times[round - 1] = now() - start;
  }
  int64_t total = now() - begin;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  qsort(times, rounds, sizeof *times, compare);
  printf("{\"p50_ns\": %lld, \"p99_ns\": %lld, \"mean_ns\": %lld}\n", (long long)times[rounds / 2],
         (long long)times[rounds * 99 / 100], (long long)(total / rounds));
  return 0;
}
