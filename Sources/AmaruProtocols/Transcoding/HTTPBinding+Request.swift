// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

// What of a request's message the path and the query say.
extension HTTPBinding {
  /// The fields that the path and the query have, in the binary format. What the body has is read before them, so that the
  /// path's are the ones that count.
  /// - Parameters:
  ///   - segments: those of the path as they came.
  ///   - query: what stands behind `?`.
  /// - Throws: `INVALID_ARGUMENT` that names the field or the parameter.
  package func fields(
    segments: [Substring], query: Substring
  ) throws(RPCError) -> [UInt8] {
    if variables.isEmpty, query.isEmpty { return [] }
    var fields = RequestFields(self)
    for variable in variables {
      let text = Self.text(variable, segments)
      guard let value = variable.path.last.value(parsing: text) else {
        throw Self.wrong(
          variable.template.field,
          "the field '\(variable.template.field)' of the path must be "
            + "\(variable.path.last.textForm), not '\(Self.excerpt(text))'")
      }
      fields.add(variable.path, value)
    }
    if !query.isEmpty { try fields.read(query) }
    return fields.encoded()
  }

  /// The text of a variable ("Path template syntax"): decoded, but for `%2F` between several segments.
  private static func text(
    _ variable: Variable, _ segments: [Substring]
  ) -> String {
    let range = variable.template.segments
    let end = variable.template.isRest ? segments.count : range.upperBound
    guard range.lowerBound < end else { return "" }
    let first = segments[range.lowerBound]
    let raw = String(first.base[first.startIndex..<segments[end - 1].endIndex])
    // The table has decoded each segment.
    return PathText.decode(raw, keepsSlashes: variable.template.isMultiSegment) ?? raw
  }

  static func wrong(_ field: String, _ message: String) -> RPCError {
    RPCError(
      .invalidArgument, message,
      attaching: Google_Rpc_BadRequest.with {
        $0.fieldViolations = [
          .with {
            $0.field = field
            $0.description = message
          }
        ]
      })
  }

  /// The start of a text, for a message.
  static func excerpt(_ text: String, limit: Int = 80) -> String {
    let scalars = text.unicodeScalars
    return scalars.count > limit ? String(scalars.prefix(limit)) + "..." : text
  }
}
