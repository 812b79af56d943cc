// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What ends a call.
package struct CallStatus: Hashable, Sendable {
  /// The outcome; `ok` when it went well.
  package var code: StatusCode
  /// What went wrong, for people.
  package var message: String
  /// A serialised `google.rpc.Status`, or empty.
  package var details: [UInt8]
  /// What the handler sends beside the status.
  package var trailers: Metadata

  /// The end of a call.
  package init(
    code: StatusCode, message: String = "", details: [UInt8] = [], trailers: Metadata = Metadata()
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.trailers = trailers
  }
}
