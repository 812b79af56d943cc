// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// One way to call a method by HTTP: a rule of `google.api.http`, checked against the messages of its method.
package final class HTTPBinding: Sendable {
  /// What of the request the body is.
  package enum Body: Sendable, Hashable {
    /// There is none.
    case none
    /// All that the path does not have (`*`).
    case whole
    /// A field.
    case field(FieldDescriptor)
  }

  /// A field that the path has.
  final class Variable: Sendable {
    let template: PathTemplate.Variable
    let path: FieldPath

    init(_ template: PathTemplate.Variable, _ path: FieldPath) {
      self.template = template
      self.path = path
    }
  }

  /// What serves the calls.
  package let handler: Handler
  /// The HTTP method; `*` for any.
  package let httpMethod: String
  /// The paths.
  package let template: PathTemplate
  /// The request message.
  package let input: MessageDescriptor
  /// What of the request the body is.
  package let body: Body
  /// The field of the response that is the body; nil for all of it.
  package let responseField: FieldDescriptor?
  let variables: [Variable]
  /// What stands in front of the JSON of a field; empty for a whole body.
  let prefix: [UInt8]
  /// Whether the body is no JSON, but the data of a `google.api.HttpBody`.
  let hasRawBody: Bool
  /// Whether the response's body is.
  let hasRawResponse: Bool

  /// Whether the type of the body is not looked at: it is raw, or there is none.
  var takesAnyBody: Bool { hasRawBody || body == .none }

  /// Checks a rule for a method; `rule.additional_bindings` is not looked at.
  init(
    _ rule: Google_Api_HttpRule, _ handler: Handler, _ method: RPCDescriptor
  ) throws(HTTPRuleError) {
    func fail(_ reason: String) -> HTTPRuleError {
      HTTPRuleError(method: handler.method.fullName, reason: reason)
    }
    guard let (httpMethod, path) = rule.pattern?.parts else {
      throw fail("no path; set get, put, post, delete, patch or custom")
    }
    guard !httpMethod.isEmpty, httpMethod.utf8.allSatisfy(HTTPBinding.isToken) else {
      throw fail("the kind '\(httpMethod)' is not an HTTP method; write one such as HEAD, or *")
    }
    let template: PathTemplate
    do {
      template = try PathTemplate(path)
    } catch {
      throw fail("\(error)")
    }
    var variables: [Variable] = []
    for variable in template.variables {
      let path: FieldPath
      do {
        path = try FieldPath(variable.field, in: method.input)
      } catch {
        throw fail("'{\(variable.field)}' in '\(template.text)': \(error)")
      }
      guard !path.last.isRepeated, path.last.messageType == nil else {
        throw fail(
          "'{\(variable.field)}' in '\(template.text)': a field of the path must be singular, and no message"
        )
      }
      variables.append(Variable(variable, path))
    }
    let body = try Self.body(rule.body, method, httpMethod, fail)
    if case .field(let field) = body, variables.contains(where: { $0.path.fields == [field] }) {
      throw fail("the field \(field.name) is both in the path and the body; take it out of one")
    }
    if case .field(let field) = body {
      prefix = Array("{\"\(field.jsonName)\":".utf8)
    } else {
      prefix = []
    }
    let responseField = try Self.responseField(rule.responseBody, method, fail)
    self.responseField = responseField
    hasRawResponse =
      responseField.map { $0.isHTTPBody } ?? (method.output.fullName == Self.httpBody)
    hasRawBody =
      switch body {
      case .none: false
      case .whole: method.input.fullName == Self.httpBody
      case .field(let field): field.isHTTPBody
      }
    self.handler = handler
    self.httpMethod = httpMethod
    self.template = template
    self.body = body
    self.variables = variables
    input = method.input
  }

  fileprivate static var httpBody: String { Google_Api_HttpBody.protoName }

  private static func body(
    _ name: String, _ method: RPCDescriptor, _ httpMethod: String,
    _ fail: (String) -> HTTPRuleError
  ) throws(HTTPRuleError) -> Body {
    if name.isEmpty { return .none }
    if httpMethod == "GET" || httpMethod == "HEAD" {
      throw fail("\(httpMethod) has no body (RFC 9110 9.3.1); leave body out, or use POST")
    }
    if name == "*" { return .whole }
    guard let field = method.input.field(named: name) else {
      throw fail(
        "body: \(method.input.fullName) has no field '\(name)'; name one of its own, or *")
    }
    return .field(field)
  }

  private static func responseField(
    _ name: String, _ method: RPCDescriptor, _ fail: (String) -> HTTPRuleError
  ) throws(HTTPRuleError) -> FieldDescriptor? {
    if name.isEmpty { return nil }
    guard let field = method.output.field(named: name) else {
      throw fail(
        "response_body: \(method.output.fullName) has no field '\(name)'; name one of its own")
    }
    return field
  }

  /// Whether a byte may be in an HTTP method (RFC 9110 5.6.2, `tchar`).
  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

extension FieldDescriptor {
  fileprivate var isHTTPBody: Bool {
    !isRepeated && !isDelimited && messageType?.fullName == HTTPBinding.httpBody
  }
}

extension Google_Api_HttpRule.Pattern {
  /// The HTTP method and the template.
  fileprivate var parts: (method: String, path: String) {
    switch self {
    case .get(let path): ("GET", path)
    case .put(let path): ("PUT", path)
    case .post(let path): ("POST", path)
    case .delete(let path): ("DELETE", path)
    case .patch(let path): ("PATCH", path)
    case .custom(let pattern): (pattern.kind, pattern.path)
    }
  }
}
