// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import AmaruSharedMemory

extension CallStatus {
  /// What ends a call: success (nil), or an error with its details.
  init(_ error: RPCError?, trailers: Metadata) {
    guard let error else {
      self.init(code: .ok, trailers: trailers)
      return
    }
    let code = error.code == .ok ? .unknown : error.code
    var details: [UInt8] = []
    if !error.details.isEmpty {
      details =
        Google_Rpc_Status.with {
          $0.code = Int32(code.rawValue)
          $0.message = error.message
          $0.details = error.details
        }.encoded()
    }
    self.init(code: code, message: error.message, details: details, trailers: trailers)
  }

  /// Why the call failed; nil when it did not.
  var error: RPCError? {
    guard code != .ok else { return nil }
    var error = RPCError(code, message, metadata: trailers)
    if !details.isEmpty, let status = try? Google_Rpc_Status(decoding: details) {
      error.details = status.details
    }
    return error
  }
}
