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
    if request.messageType == "conformance.FailureSet" {
      // The runner asks for the list of failures that are known. There are none.
      return .protobufPayload(FailureSet().encoded())
    }
    guard request.messageType == TestAllTypesProto3.protoName else {
      return .skipped("only proto3 is supported yet")
    }
    guard case .protobufPayload(let bytes)? = request.payload else {
      return .skipped("only the binary format is supported yet")
    }
    guard request.requestedOutputFormat == .protobuf else {
      return .skipped("only the binary format is supported yet")
    }
    do {
      return .protobufPayload(try TestAllTypesProto3(decoding: bytes).encoded())
    } catch {
      return .parseError(error.description)
    }
  }
}
