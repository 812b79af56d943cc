// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// A gRPC call that no handler sees: its status is sent at once, and what still comes is dropped.
final class RefusedCall: DroppedRequest {
  init(_ error: RPCError, contentType: String, on stream: any HTTPServerStream) {
    var fields = GRPCFields.head(contentType: contentType)
    if error.code == .unimplemented {
      fields.add("grpc-accept-encoding", ContentCoding.acceptList)
    }
    GRPCFields.add(error, to: &fields)
    stream.sendHead(fields, end: true)
  }
}
