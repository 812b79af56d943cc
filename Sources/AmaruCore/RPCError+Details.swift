// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

extension RPCError {
  /// Makes an error with typed details: any messages, most often the standard ones, which are
  /// `Google_Rpc_BadRequest`, `Google_Rpc_RetryInfo` and so on
  /// (`google/rpc/error_details.proto`). Callers in every language find them in the call's `google.rpc.Status`.
  ///
  /// ```swift
  /// throw RPCError(
  ///   .invalidArgument, "the amount is negative",
  ///   attaching: Google_Rpc_BadRequest.with {
  ///     $0.fieldViolations = [.with { $0.field = "amount"; $0.description = "is -1" }]
  ///   })
  /// ```
  public init(
    _ code: StatusCode, _ message: String, attaching first: any Message, _ others: any Message...
  ) {
    self.init(
      code, message, details: ([first] + others).map { Google_Protobuf_Any(packing: $0) })
  }

  /// The first detail of a type; nil when there is none.
  ///
  /// - Throws: `DecodingError` when its bytes are not such a message.
  public func detail<Detail: Message>(
    _ type: Detail.Type
  ) throws(DecodingError) -> Detail? {
    guard let detail = details.first(where: { $0.holds(type) }) else { return nil }
    return try Detail(decoding: detail.value)
  }
}
