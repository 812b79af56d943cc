// SPDX-License-Identifier: Apache-2.0

/// The outcome of a call: one of gRPC's 17 status codes.
///
/// Every wire maps its own outcomes to these. Source: `doc/statuscodes.md` of gRPC.
public enum StatusCode: Int, Sendable, Hashable, CaseIterable {
  /// The call succeeded. Never thrown.
  case ok = 0
  /// The caller gave up, or the connection was lost.
  case cancelled = 1
  /// A failure with no better code, such as an error that a handler threw and that is not an
  /// ``RPCError``.
  case unknown = 2
  /// The request is wrong whatever the state of the system.
  case invalidArgument = 3
  /// The time was up before the call finished.
  case deadlineExceeded = 4
  /// What was asked for is not there.
  case notFound = 5
  /// What was to be made is there already.
  case alreadyExists = 6
  /// The caller is known but may not do this.
  case permissionDenied = 7
  /// A quota, a limit or a buffer is exhausted.
  case resourceExhausted = 8
  /// The system is not in the state that the call needs; do not retry before it is mended.
  case failedPrecondition = 9
  /// A concurrent change got in the way; retry from the start.
  case aborted = 10
  /// A position beyond the end.
  case outOfRange = 11
  /// The method is not there, or not in this form.
  case unimplemented = 12
  /// An invariant is broken, or a message could not be read.
  case `internal` = 13
  /// The service cannot be reached now; retry with backoff.
  case unavailable = 14
  /// Data are lost or corrupt for good.
  case dataLoss = 15
  /// The caller is not known.
  case unauthenticated = 16

  /// The code's name as gRPC writes it, such as `NOT_FOUND`.
  public var name: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}
