// SPDX-License-Identifier: Apache-2.0
// Counts the heap allocations of the calling thread, for tests of what a call costs.
#ifndef AMARU_ALLOCATION_COUNT_H
#define AMARU_ALLOCATION_COUNT_H

#include <stdint.h>

/// Allocations that the calling thread has made so far; -1 under a sanitizer, which has its own heap.
int64_t allocation_count(void);

#endif
