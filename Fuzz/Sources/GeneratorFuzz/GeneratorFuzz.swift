// SPDX-License-Identifier: Apache-2.0

import AmaruCodegen
import AmaruProtobuf

/// Gives the generator arbitrary requests. It answers with files or with an error line, twice the
/// same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let response = try? CodeGenerator.respond(to: input.span.bytes) else { return 0 }
  guard (try? Google_Protobuf_Compiler_CodeGeneratorResponse(decoding: response)) != nil else {
    preconditionFailure("the response is not a message")
  }
  precondition((try? CodeGenerator.respond(to: input.span.bytes)) == response, "not deterministic")
  return 0
}
