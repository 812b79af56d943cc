// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// Adds to a response what lets a page of another origin read it, with all its fields.
///
/// Source: "CORS protocol" in the Fetch standard, 3.3.3 "HTTP responses".
final class CORSStream: StreamFilter {
  private let origin: String
  private let cors: CORS

  init(origin: String, _ cors: CORS, _ stream: any HTTPServerStream) {
    self.origin = origin
    self.cors = cors
    super.init(stream)
  }

  override func sendHead(_ fields: HTTPFields, end: Bool) {
    var fields = fields
    let names = fields.exposableNames
    if cors.allow(origin, &fields), !names.isEmpty {
      fields.add("access-control-expose-headers", names)
    }
    super.sendHead(fields, end: end)
  }
}

extension HTTPFields {
  /// The names of all fields that a page would not see unasked, separated by commas.
  fileprivate var exposableNames: String {
    var names: [String] = []
    forEach { name, _ in
      let name = String(decoding: name, as: UTF8.self)
      if !name.hasPrefix(":"), name != "content-type", !names.contains(name) { names.append(name) }
    }
    return names.joined(separator: ",")
  }
}
