// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "shared_memory.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static const int SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

static int failed_and_closed(int descriptor) {
  int saved = errno;
  close(descriptor);
  return -saved;
}

int amaru_memory_file(const char *name, uint64_t bytes) {
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -errno;
  if (ftruncate(descriptor, (off_t)bytes) != 0 || fcntl(descriptor, F_ADD_SEALS, SEALS) != 0)
    return failed_and_closed(descriptor);
  return descriptor;
}

int64_t amaru_memory_file_bytes(int descriptor) {
  int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0) return -EINVAL;
  // Without them the peer could shrink the file, and a touch of the mapping would be a SIGBUS.
  if ((seals & SEALS) != SEALS) return -EPERM;
  // A file of huge pages ends in SIGBUS, too, where the system has none left.
  struct statfs system;
  if (fstatfs(descriptor, &system) != 0) return -errno;
  if (system.f_type != TMPFS_MAGIC) return -EINVAL;
  struct stat status;
  if (fstat(descriptor, &status) != 0) return -errno;
  return status.st_size;
}

int amaru_map(int descriptor, uint64_t bytes, void **address) {
  void *start = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (start == MAP_FAILED) return -errno;
  *address = start;
  return 0;
}

void amaru_unmap(void *address, uint64_t bytes) { munmap(address, bytes); }

void amaru_close(int descriptor) { close(descriptor); }

int amaru_doorbell(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}

int amaru_ring_doorbell(int descriptor) {
  uint64_t one = 1;
  while (write(descriptor, &one, sizeof one) < 0) {
    if (errno == EINTR) continue;
    return errno == EAGAIN ? 0 : -errno;
  }
  return 0;
}

void amaru_silence_doorbell(int descriptor) {
  uint64_t count;
  while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

int amaru_own_pidfd(void) {
  int descriptor = (int)syscall(SYS_pidfd_open, getpid(), 0);
  return descriptor < 0 ? -errno : descriptor;
}

int amaru_descriptor_kind(int descriptor) {
  char path[40], target[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(path, target, sizeof target - 1);
  if (count < 0) return AMARU_OTHER_DESCRIPTOR;
  target[count] = 0;
  if (strcmp(target, "anon_inode:[eventfd]") == 0) return AMARU_EVENTFD;
  if (strcmp(target, "anon_inode:[pidfd]") == 0 || strncmp(target, "pidfd:", 6) == 0)
    return AMARU_PIDFD;
  return AMARU_OTHER_DESCRIPTOR;
}

// The address of an abstract name, and its length; 0 when it is too long.
static socklen_t abstract(struct sockaddr_un *address, const char *name, size_t count) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (count + 1 > sizeof address->sun_path) return 0;
  memcpy(address->sun_path + 1, name, count);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + count);
}

static int packet_socket(void) {
  return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int amaru_listen_abstract(const char *name, size_t count, int backlog) {
  struct sockaddr_un address;
  socklen_t length = abstract(&address, name, count);
  if (length == 0) return -ENAMETOOLONG;
  int descriptor = packet_socket();
  if (descriptor < 0) return -errno;
  if (bind(descriptor, (struct sockaddr *)&address, length) != 0 || listen(descriptor, backlog) != 0)
    return failed_and_closed(descriptor);
  return descriptor;
}

int amaru_connect_abstract(const char *name, size_t count) {
  struct sockaddr_un address;
  socklen_t length = abstract(&address, name, count);
  if (length == 0) return -ENAMETOOLONG;
  int descriptor = packet_socket();
  if (descriptor < 0) return -errno;
  if (connect(descriptor, (struct sockaddr *)&address, length) != 0)
    return failed_and_closed(descriptor);
  return descriptor;
}

int amaru_accept_packets(int listener) {
  int descriptor = accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int amaru_peer_credentials(int descriptor, uint32_t *user, int32_t *process) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -errno;
  *user = credentials.uid;
  *process = credentials.pid;
  return 0;
}

uint32_t amaru_effective_user(void) { return geteuid(); }

int amaru_wait_for_end(int socket, int process, int milliseconds) {
  struct pollfd watched[2] = {{.fd = socket, .events = POLLRDHUP}, {.fd = process, .events = POLLIN}};
  int result;
  do result = poll(watched, 2, milliseconds);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result > 0;
}

// Room for the descriptors of one packet, aligned as control messages must be.
union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int) * AMARU_MAX_DESCRIPTORS)];
};

int64_t amaru_send_packet(int descriptor, const void *bytes, size_t count, const int *passed, size_t passed_count) {
  if (passed_count > AMARU_MAX_DESCRIPTORS) return -EINVAL;
  union control control = {0};
  struct iovec part = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (passed_count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * passed_count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * passed_count);
    memcpy(CMSG_DATA(header), passed, sizeof(int) * passed_count);
  }
  ssize_t result;
  do result = sendmsg(descriptor, &message, MSG_NOSIGNAL);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

int64_t amaru_receive_packet(int descriptor, void *bytes, size_t capacity, int *passed, size_t *passed_count) {
  union control control;
  struct iovec part = {bytes, capacity};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t result;
  do result = recvmsg(descriptor, &message, MSG_CMSG_CLOEXEC);
  while (result < 0 && errno == EINTR);
  *passed_count = 0;
  if (result < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int one;
      memcpy(&one, CMSG_DATA(header) + i * sizeof(int), sizeof one);
      if (*passed_count < AMARU_MAX_DESCRIPTORS) passed[(*passed_count)++] = one;
      else close(one);
    }
  }
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    while (*passed_count > 0) close(passed[--*passed_count]);
    return -EMSGSIZE;
  }
  return result;
}
