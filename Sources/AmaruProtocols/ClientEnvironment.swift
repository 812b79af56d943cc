// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// What the calls to one server share. Confined to the loop.
package final class ClientEnvironment {
  /// What servers are held to.
  package let limits: Limits
  /// The loop.
  package let executor: any LoopExecutor
  /// Ends calls in time.
  package let deadlines: any DeadlineScheduler
  let compression = Compression()
  private let scheme: String
  private let authority: String
  private let userAgent: String
  private var heads: [String: HTTPFields] = [:]
  private var lastName = ""
  private var lastHead = HTTPFields()
  /// A service has no more methods than this; what makes up names is not remembered.
  private static let maxHeads = 1024

  /// - Parameter authority: The host that calls are for, as in a URL.
  package init(
    limits: Limits, executor: any LoopExecutor, deadlines: any DeadlineScheduler,
    isSecure: Bool, authority: String, userAgent: String
  ) {
    self.limits = limits
    self.executor = executor
    self.deadlines = deadlines
    scheme = isSecure ? "https" : "http"
    self.authority = authority
    self.userAgent = userAgent
  }

  /// The fields that every call of `method` begins with.
  func head(_ method: MethodDescriptor) -> HTTPFields {
    // Most calls in a row are of one method.
    if method.fullName == lastName { return lastHead }
    let head = heads[method.fullName] ?? newHead(method)
    lastName = method.fullName
    lastHead = head
    return head
  }

  private func newHead(_ method: MethodDescriptor) -> HTTPFields {
    var head = HTTPFields()
    head.add(":method", "POST")
    head.add(":scheme", scheme)
    head.add(":path", "/" + method.fullName)
    head.add(":authority", authority)
    head.add("te", "trailers")
    head.add("content-type", "application/grpc")
    head.add("user-agent", userAgent)
    head.add("grpc-accept-encoding", ContentCoding.acceptList)
    if heads.count < Self.maxHeads { heads[method.fullName] = head }
    return head
  }
}
