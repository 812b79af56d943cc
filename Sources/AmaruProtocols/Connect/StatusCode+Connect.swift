// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Source: the table "Error Codes" of the Connect protocol.
extension StatusCode {
  /// The code's name in Connect's JSON. Success is no error: what is thrown with it is unknown.
  var connectName: String {
    switch self {
    case .ok: "unknown"
    case .cancelled: "canceled"
    default: name.lowercased()
    }
  }

  /// The HTTP status of a unary response with this error.
  var httpStatus: Int {
    switch self {
    case .cancelled: 499
    case .invalidArgument, .failedPrecondition, .outOfRange: 400
    case .unauthenticated: 401
    case .permissionDenied: 403
    case .notFound: 404
    case .alreadyExists, .aborted: 409
    case .resourceExhausted: 429
    case .unimplemented: 501
    case .unavailable: 503
    case .deadlineExceeded: 504
    case .ok, .unknown, .internal, .dataLoss: 500
    }
  }
}
