// SPDX-License-Identifier: Apache-2.0
// Shared memory between processes: atomics on raw memory, which Swift's `Atomic` cannot live in, and the
// system calls for segments, doorbells and the handshake. Functions give 0 or more, or -errno.
#ifndef AMARU_SHARED_MEMORY_H
#define AMARU_SHARED_MEMORY_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

// Addresses are aligned to the word's size; the caller sees to it.
static inline uint64_t amaru_load_u64(const void *address) {
  return __atomic_load_n((const uint64_t *)address, __ATOMIC_RELAXED);
}
static inline uint64_t amaru_load_acquire_u64(const void *address) {
  return __atomic_load_n((const uint64_t *)address, __ATOMIC_ACQUIRE);
}
static inline void amaru_store_u64(void *address, uint64_t value) {
  __atomic_store_n((uint64_t *)address, value, __ATOMIC_RELAXED);
}
static inline void amaru_store_release_u64(void *address, uint64_t value) {
  __atomic_store_n((uint64_t *)address, value, __ATOMIC_RELEASE);
}
static inline uint32_t amaru_load_u32(const void *address) {
  return __atomic_load_n((const uint32_t *)address, __ATOMIC_RELAXED);
}
static inline uint32_t amaru_load_acquire_u32(const void *address) {
  return __atomic_load_n((const uint32_t *)address, __ATOMIC_ACQUIRE);
}
static inline void amaru_store_u32(void *address, uint32_t value) {
  __atomic_store_n((uint32_t *)address, value, __ATOMIC_RELAXED);
}
static inline void amaru_store_release_u32(void *address, uint32_t value) {
  __atomic_store_n((uint32_t *)address, value, __ATOMIC_RELEASE);
}
static inline uint32_t amaru_exchange_u32(void *address, uint32_t value) {
  return __atomic_exchange_n((uint32_t *)address, value, __ATOMIC_ACQ_REL);
}
static inline void amaru_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/// A memfd of `bytes` zero bytes that can be neither shrunk nor grown.
int amaru_memory_file(const char *name, uint64_t bytes);
/// The size of a descriptor that is such a memfd: -EINVAL when it is none, -EPERM when it lacks the seals.
int64_t amaru_memory_file_bytes(int descriptor);
/// Maps the first `bytes` of a descriptor for reading and writing.
int amaru_map(int descriptor, uint64_t bytes, void **address);
void amaru_unmap(void *address, uint64_t bytes);
void amaru_close(int descriptor);

/// An eventfd that does not block.
int amaru_doorbell(void);
/// Adds one to an eventfd; 0 also when it is full, for then it is readable.
int amaru_ring_doorbell(int descriptor);
/// Sets an eventfd to zero.
void amaru_silence_doorbell(int descriptor);
/// A pidfd of this process.
int amaru_own_pidfd(void);

enum { AMARU_OTHER_DESCRIPTOR = 0, AMARU_EVENTFD = 1, AMARU_PIDFD = 2 };
/// What a descriptor is, as the system names it.
int amaru_descriptor_kind(int descriptor);

/// A socket of packets that listens under a name in the abstract namespace of Unix sockets.
int amaru_listen_abstract(const char *name, size_t count, int backlog);
/// A socket of packets that is connected to one that listens under the name.
int amaru_connect_abstract(const char *name, size_t count);
/// Accepts a connection that does not block.
int amaru_accept_packets(int listener);
/// The user and the process at the other end when it connected or began to listen.
int amaru_peer_credentials(int descriptor, uint32_t *user, int32_t *process);
/// The user that this process acts as.
uint32_t amaru_effective_user(void);
/// Waits at most that many milliseconds, for ever when negative: 1 when the process has ended or the socket's other
/// end is closed, 0 when neither has come.
int amaru_wait_for_end(int socket, int process, int milliseconds);

/// Descriptors that one packet may carry.
enum { AMARU_MAX_DESCRIPTORS = 8 };
/// Sends one packet with descriptors, which stay open here; its length.
int64_t amaru_send_packet(int descriptor, const void *bytes, size_t count, const int *passed, size_t passed_count);
/// Receives one packet of at most `capacity` bytes, with the descriptors that came with it; its length, 0 at the end.
/// `passed` has room for AMARU_MAX_DESCRIPTORS. -EMSGSIZE when it is longer or brings more; nothing is left open then.
int64_t amaru_receive_packet(int descriptor, void *bytes, size_t capacity, int *passed, size_t *passed_count);

#endif
