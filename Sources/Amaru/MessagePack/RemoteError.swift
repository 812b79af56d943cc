// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What a remote function raised, as far as the other side tells.
public struct RemoteError: Sendable, Hashable {
  /// The name of the exception's type, such as `ZeroDivisionError`; empty when it is not told.
  public let type: String
  /// The exception's text.
  public let message: String
  /// The arguments that did not fit.
  public let fieldViolations: [FieldViolation]
  /// The lines of the traceback; empty unless the other side sends them (`RpcEndpoint(debug=True)` in Python).
  public let traceback: [String]

  /// One argument that did not fit.
  public struct FieldViolation: Sendable, Hashable {
    /// The way to it, such as `user.age`; empty for the arguments as a whole.
    public let field: String
    /// What is wrong.
    public let description: String
  }
}

extension RPCError {
  /// What a remote function raised; nil when the error is not of a function: a lost connection, a deadline.
  ///
  /// Read from the ``details``: `google.rpc.ErrorInfo`, `BadRequest` and `DebugInfo`.
  public var remote: RemoteError? {
    let info = try? detail(Google_Rpc_ErrorInfo.self)
    let request = try? detail(Google_Rpc_BadRequest.self)
    let debug = try? detail(Google_Rpc_DebugInfo.self)
    guard info != nil || request != nil || debug != nil else { return nil }
    return RemoteError(
      type: info?.reason ?? "", message: message,
      fieldViolations: (request?.fieldViolations ?? []).map {
        RemoteError.FieldViolation(field: $0.field, description: $0.description)
      },
      traceback: debug?.stackEntries ?? [])
  }
}
