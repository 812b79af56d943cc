// SPDX-License-Identifier: Apache-2.0

/// The head of a request or response, or its trailers: a list of fields.
///
/// A peer sends mostly the same head with every call, so a connection keeps its last one and hands it out
/// again when the next is equal; what a protocol has worked out from it is kept in ``interpretation``.
/// Confined to the loop of its connection, but for the members that never change.
package final class HTTPHead: @unchecked Sendable {
  /// The method of a request, such as `POST`.
  package let method: String
  /// The path of a request with its query, such as `/greet.v1.Greeter/SayHello`.
  package let path: String
  /// The status of a response, such as `200`; empty in a request.
  package var status: String { fields.value(":status") ?? "" }
  /// The host that the client means; empty when it did not say.
  package let authority: String
  /// All fields, the pseudo-fields (`:path`, ...) among them.
  package let fields: HTTPFields
  /// Whether it is a request whose response has no body (RFC 9110 9.3.2).
  package let isHead: Bool
  /// Whether the list is over a limit and was cut.
  package let isTruncated: Bool
  /// What a protocol has made of the head. Loop only.
  package var interpretation: AnyObject? { meaning }
  @exclusivity(unchecked) private var meaning: AnyObject?

  package init(_ fields: HTTPFields, isTruncated: Bool = false) {
    self.fields = fields
    self.isTruncated = isTruncated
    method = fields.value(":method") ?? ""
    isHead = method == "HEAD"
    path = fields.value(":path") ?? ""
    authority = fields.value(":authority") ?? fields.value("host") ?? ""
  }

  /// Keeps what a protocol has made of the head.
  package func interpret(_ meaning: AnyObject) { self.meaning = meaning }
}
