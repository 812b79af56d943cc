// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// The message of the tests' services.
package typealias Text = Google_Protobuf_StringValue

extension Google_Protobuf_StringValue {
  package init(_ text: String) {
    self.init()
    value = text
  }
}

/// A method for each kind of RPC.
package enum TestMethods {
  package static let unary = method("Unary", .unary)
  package static let collect = method("Collect", .clientStreaming)
  package static let list = method("List", .serverStreaming)
  package static let chat = method("Chat", .bidirectional)

  package static func method(_ name: String, _ kind: MethodKind) -> Method<Text, Text> {
    Method("test.v1.Test/\(name)", kind, in: googleProtobufWrappersProto)
  }
}

/// A service made of handlers.
package struct TestService: Service {
  package let handlers: [Handler]

  package init(_ handlers: Handler...) { self.handlers = handlers }

  /// Echoes, in all four kinds.
  package static let echo = TestService(
    .unary(TestMethods.unary) { request, _ in request },
    .clientStreaming(TestMethods.collect) { requests, _ in
      var all: [String] = []
      for try await request in requests { all.append(request.value) }
      return Text(all.joined(separator: ","))
    },
    .serverStreaming(TestMethods.list) { request, responses, _ in
      for part in request.value.split(separator: ",") { try await responses.write(Text(String(part))) }
    },
    .bidirectional(TestMethods.chat) { requests, responses, _ in
      for try await request in requests { try await responses.write(request) }
    })
}
