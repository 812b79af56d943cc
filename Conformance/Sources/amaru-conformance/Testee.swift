// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Answers one request of the conformance runner (`conformance.proto`), with the generated type and,
/// when asked to, with a dynamic message of the same descriptor.
struct Testee {
  /// Whether messages are handled by their descriptor alone.
  let isDynamic: Bool
  /// The types that an `Any` may hold, and the extensions.
  private let pool: DescriptorPool

  init(isDynamic: Bool) throws(DescriptorError) {
    self.isDynamic = isDynamic
    pool = try DescriptorPool([TestAllTypesProto2.protoFile, TestAllTypesProto3.protoFile])
  }

  func respond(to request: ConformanceRequest) -> ConformanceResponse {
    .with { $0.result = result(of: request) }
  }

  private func result(of request: ConformanceRequest) -> ConformanceResponse.Result {
    if request.messageType == "conformance.FailureSet" {
      // The runner asks for the list of failures that are known. There are none.
      return .protobufPayload(FailureSet().encoded())
    }
    if isDynamic {
      guard let descriptor = pool.message(named: request.messageType) else {
        return .skipped("there is no message \(request.messageType)")
      }
      return dynamicResult(of: request, descriptor)
    }
    switch request.messageType {
    case TestAllTypesProto3.protoName: return result(of: request, TestAllTypesProto3.self)
    case TestAllTypesProto2.protoName: return result(of: request, TestAllTypesProto2.self)
    case let name: return .skipped("there is no message \(name)")
    }
  }

  private func result<M: Message & TesteeMessage>(
    of request: ConformanceRequest, _ type: M.Type
  ) -> ConformanceResponse.Result {
    respond(
      to: request, binary: { try M(decoding: $0) },
      json: { try M(json: $0, options: jsonOptions(request)) },
      text: { try M(textFormat: $0, options: textOptions) })
  }

  private func dynamicResult(
    of request: ConformanceRequest, _ descriptor: MessageDescriptor
  ) -> ConformanceResponse.Result {
    respond(
      to: request, binary: { try DynamicMessage(descriptor, decoding: $0) },
      json: { try DynamicMessage(descriptor, json: $0, options: jsonOptions(request)) },
      text: { try DynamicMessage(descriptor, text: $0, options: textOptions) })
  }

  /// Reads the payload in its format, and writes it in the one that is asked for.
  private func respond<Output: TesteeMessage>(
    to request: ConformanceRequest, binary: ([UInt8]) throws -> Output,
    json: (String) throws -> Output, text: (String) throws -> Output
  ) -> ConformanceResponse.Result {
    let message: Output
    do {
      switch request.payload {
      case .protobufPayload(let bytes)?: message = try binary(bytes)
      case .jsonPayload(let payload)?: message = try json(payload)
      case .textPayload(let payload)?: message = try text(payload)
      default: return .skipped("the format of the payload is not known")
      }
    } catch {
      return .parseError("\(error)")
    }
    do {
      switch request.requestedOutputFormat {
      case .protobuf: return .protobufPayload(message.encoded(sortingMaps: false))
      case .json: return .jsonPayload(try message.jsonString(options: jsonOutput))
      case .textFormat: return .textPayload(try message.textFormat(options: textOutput(request)))
      default: return .skipped("the format that is asked for is not known")
      }
    } catch {
      return .serializeError("\(error)")
    }
  }

  private func jsonOptions(_ request: ConformanceRequest) -> JSONDecodingOptions {
    var options = JSONDecodingOptions()
    options.pool = pool
    options.ignoresUnknownFields = request.testCategory == .jsonIgnoreUnknownParsingTest
    return options
  }

  private var jsonOutput: JSONEncodingOptions {
    var options = JSONEncodingOptions()
    options.pool = pool
    return options
  }

  private var textOptions: TextDecodingOptions {
    var options = TextDecodingOptions()
    options.pool = pool
    return options
  }

  private func textOutput(_ request: ConformanceRequest) -> TextEncodingOptions {
    var options = TextEncodingOptions()
    options.pool = pool
    options.writesUnknownFields = request.printUnknownFields
    return options
  }
}
