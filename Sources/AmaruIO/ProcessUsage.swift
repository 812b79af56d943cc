// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// What this process uses of the machine. Any thread.
package struct ProcessUsage: Sendable {
  /// Processor time of all threads, in the kernel and outside, in seconds.
  package let processorSeconds: Double
  /// Memory that is in use and not swapped out; nil where `/proc` is not mounted.
  package let residentBytes: UInt64?
  /// Descriptors that are open; nil where `/proc` is not mounted.
  package let openDescriptors: Int?
  /// Descriptors that may be open.
  package let maxDescriptors: UInt64

  /// The use at present.
  package init() {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double {
      Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }
    processorSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    residentBytes = Self.residentPages().map { $0 * UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 1)) }
    openDescriptors = Self.countDescriptors()
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    maxDescriptors = UInt64(limit.rlim_cur)
  }

  /// The second number of `/proc/self/statm` (proc_pid_statm(5)).
  private static func residentPages() -> UInt64? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    let numbers = buffer.prefix(max(count, 0)).split(separator: 0x20)
    guard numbers.count > 1 else { return nil }
    return UInt64(String(decoding: numbers[1], as: UTF8.self))
  }

  private static func countDescriptors() -> Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // `.`, `..` and the folder's own.
    return max(count - 3, 0)
  }
}
