// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Prints a service: its methods as a table, the protocol that an implementation conforms to, and
/// the handlers that tie the two together; and the client.
struct ServiceGenerator {
  private let service: Google_Protobuf_ServiceDescriptorProto
  private let names: ServiceNames
  private let path: [Int32]
  private let context: FileContext

  init(
    _ service: Google_Protobuf_ServiceDescriptorProto, names: ServiceNames, _ path: [Int32],
    _ context: FileContext
  ) {
    self.service = service
    self.names = names
    self.path = path
    self.context = context
  }

  func print(_ printer: inout CodePrinter) throws(GenerationError) {
    let visibility = context.visibility
    let methods = try methods()
    let file = try context.descriptor(hiddenBy: methods.map(\.name))
    printer.print("/// The methods of `\(context.scope)\(service.name ?? "")`.")
    try printer.block("\(visibility)enum \(names.methods) {") { printer in
      for method in methods {
        printer.print(
          "\(visibility)static let \(method.name) = "
            + "\(context.core("Method"))<\(method.request), \(method.response)>(",
          "  \"\(method.protoName)\", .\(method.kind), in: \(file))")
      }
    }
    printer.print("")
    context.document(path, &printer)
    let base = context.core("Service")
    try printer.block("\(visibility)protocol \(names.service): \(base) {") { printer in
      for method in methods {
        context.document(method.path, &printer)
        printSignature(method, &printer)
      }
    }
    printer.print("")
    try printer.block("extension \(names.service) {") { (printer) throws(GenerationError) in
      try printer.block("\(visibility)var handlers: [\(context.core("Handler"))] {") {
        (printer) throws(GenerationError) in
        if methods.isEmpty {
          printer.print("[]")
          return
        }
        try printer.block("[", closing: "]") { printer in
          for method in methods {
            printer.print(".\(method.kind)(\(names.methods).\(method.name), \(method.name)),")
          }
        }
      }
    }
    try printClient(methods, &printer)
  }

  private func printClient(_ methods: [Method], _ printer: inout CodePrinter)
    throws(GenerationError)
  {
    let visibility = context.visibility
    let channel = context.core("Channel")
    printer.print("")
    printer.print("/// Calls `\(context.scope)\(service.name ?? "")`. Any thread.")
    try printer.block("\(visibility)struct \(names.client): \(context.standard("Sendable")) {") {
      (printer) throws(GenerationError) in
      printer.print("/// Where the calls go.")
      printer.print("\(visibility)let channel: any \(channel)")
      printer.print("")
      printer.print("/// A client whose calls go to `channel`.")
      printer.print(
        "\(visibility)init(_ channel: any \(channel)) { self.channel = channel }")
      for method in methods {
        printer.print("")
        context.document(method.path, &printer)
        try printCall(method, &printer)
      }
    }
  }

  private func printCall(_ method: Method, _ printer: inout CodePrinter) throws(GenerationError) {
    let options = context.core("CallOptions")
    let result =
      switch (method.hasStream, method.hasWriter) {
      case (false, false): method.response
      case (false, true): "\(context.core("ResponseStream"))<\(method.response)>"
      case (true, false): "\(context.core("RequestStream"))<\(method.request), \(method.response)>"
      case (true, true):
        "\(context.core("BidirectionalStream"))<\(method.request), \(method.response)>"
      }
    let request = method.hasStream ? "" : "_ request: \(method.request), "
    printer.print(
      "\(context.visibility)func \(method.name)(",
      "  \(request)options: \(options) = \(options)()")
    try printer.block(") async throws -> \(result) {") { printer in
      let arguments = method.hasStream ? "options" : "request, options"
      printer.print(
        "try await channel.\(method.kind)(\(names.methods).\(method.name), \(arguments))")
    }
  }

  private func printSignature(_ method: Method, _ printer: inout CodePrinter) {
    let stream = context.core("MessageStream")
    var parameters = [
      method.hasStream
        ? "_ requests: \(stream)<\(method.request)>" : "_ request: \(method.request)"
    ]
    if method.hasWriter {
      parameters.append("to responses: \(context.core("MessageWriter"))<\(method.response)>")
    }
    parameters.append("context: \(context.core("CallContext"))")
    let start = "func \(method.name)("
    let end = ") async throws\(method.hasWriter ? "" : " -> \(method.response)")"
    let joined = parameters.joined(separator: ", ")
    if start.count + joined.count + end.count <= 98 {
      printer.print(start + joined + end)
    } else if joined.count <= 96 {
      printer.print(start, "  " + joined, end)
    } else {
      printer.print(start)
      for parameter in parameters.dropLast() { printer.print("  \(parameter),") }
      printer.print("  \(parameters.last ?? "")", end)
    }
  }

  private struct Method {
    let path: [Int32]
    /// The full proto path, `package.Service/Method`.
    let protoName: String
    let name: String
    let request: String
    let response: String
    /// Whether the client sends a stream.
    let hasStream: Bool
    /// Whether the server sends a stream.
    let hasWriter: Bool

    var kind: String {
      switch (hasStream, hasWriter) {
      case (false, false): "unary"
      case (true, false): "clientStreaming"
      case (false, true): "serverStreaming"
      case (true, true): "bidirectional"
      }
    }
  }

  private func methods() throws(GenerationError) -> [Method] {
    let fullName = context.scope + (service.name ?? "")
    var methods: [Method] = []
    var unique = UniqueNames()
    for (index, method) in service.method.enumerated() {
      let place = "\(fullName)/\(method.name ?? "")"
      methods.append(
        Method(
          path: path + [2, Int32(truncatingIfNeeded: index)], protoName: place,
          name: unique.take(Naming.function(method.name ?? "")),
          request: try type(method.inputType, place), response: try type(method.outputType, place),
          hasStream: method.clientStreaming == true, hasWriter: method.serverStreaming == true))
    }
    return methods
  }

  private func type(_ name: String?, _ place: String) throws(GenerationError) -> String {
    guard let entry = context.types.entries[name ?? ""], entry.message != nil else {
      throw context.error(
        place, "its type \(name ?? "") is not in the request; import its file")
    }
    return try context.types.reference(entry, from: [], of: context.name)
  }
}
