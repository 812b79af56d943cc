// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory

extension RPCError {
  /// What a call ends with when its wire gives `error`.
  init(_ error: SharedMemoryError) {
    switch error {
    case .tooLarge(let bytes, let limit):
      self.init(
        .resourceExhausted, "a message of \(bytes) bytes is over the limit of \(limit) bytes")
    default: self.init(.unavailable, "\(error)")
    }
  }
}
