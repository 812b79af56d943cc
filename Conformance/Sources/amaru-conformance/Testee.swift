// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Answers one request of the conformance runner (`conformance.proto`).
enum Testee {
  static func respond(to request: ConformanceRequest) -> ConformanceResponse {
    var response = ConformanceResponse()
    response.result = result(of: request)
    return response
  }

  private static func result(of request: ConformanceRequest) -> ConformanceResponse.Result {
    switch request.messageType {
    case "conformance.FailureSet":
      // The runner asks for the list of failures that are known. There are none.
      .protobufPayload(FailureSet().encoded())
    case TestAllTypesProto3.protoName: result(of: request, TestAllTypesProto3.self)
    case TestAllTypesProto2.protoName: result(of: request, TestAllTypesProto2.self)
    case let name: .skipped("there is no message \(name)")
    }
  }

  private static func result<M: Message>(
    of request: ConformanceRequest, _ type: M.Type
  ) -> ConformanceResponse.Result {
    let message: M
    do {
      switch request.payload {
      case .protobufPayload(let bytes)?: message = try M(decoding: bytes)
      default: return .skipped("only the binary format is supported yet")
      }
    } catch {
      return .parseError("\(error)")
    }
    switch request.requestedOutputFormat {
    case .protobuf: return .protobufPayload(message.encoded())
    default: return .skipped("only the binary format is supported yet")
    }
  }
}
