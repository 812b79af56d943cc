// SPDX-License-Identifier: Apache-2.0

import AmaruCore

/// The reflection service, `grpc.reflection.v1.ServerReflection` and its older name in `v1alpha`:
/// it hands out the descriptors of a server's services, which tools such as grpcurl read.
///
/// ``ServerOptions/servesReflection`` adds one for all services of a server. It shows the server's
/// whole interface to whoever can call it. Source: `doc/server-reflection.md` of gRPC.
public struct ReflectionService: Service {
  private let pool: DescriptorPool
  private let serviceNames: [String]

  /// Describes `services`, and the reflection service itself.
  ///
  /// - Throws: `DescriptorError` when the files of the services do not fit together.
  public init(for services: [any Service]) throws(DescriptorError) {
    // A method with a plain name has no descriptor.
    let methods =
      services.flatMap(\.handlers).map(\.method).filter { !$0.service.isEmpty }
      + Self.methods.map(\.descriptor)
    pool = try DescriptorPool(methods.map(\.file))
    serviceNames = Set(methods.map(\.service)).sorted()
  }

  /// The method under both names; the messages are the same on the wire.
  private static var methods: [Method<ServerReflectionRequest, ServerReflectionResponse>] {
    [
      ServerReflectionMethods.serverReflectionInfo,
      Method(
        AlphaServerReflectionMethods.serverReflectionInfo.descriptor.fullName, .bidirectional,
        in: grpcReflectionV1alphaReflectionProto),
    ]
  }

  public var handlers: [Handler] {
    Self.methods.map { .bidirectional($0, serverReflectionInfo) }
  }

  private func serverReflectionInfo(
    _ requests: MessageStream<ServerReflectionRequest>,
    to responses: MessageWriter<ServerReflectionResponse>,
    context: CallContext
  ) async throws {
    // A file that was sent on this call is not sent again as an import of another.
    var sent: Set<String> = []
    for try await request in requests {
      let answer = answer(to: request, &sent)
      try await responses.write(
        .with {
          $0.validHost = request.host
          $0.originalRequest = request
          $0.messageResponse = answer
        })
    }
  }

  private func answer(
    to request: ServerReflectionRequest, _ sent: inout Set<String>
  ) -> ServerReflectionResponse.MessageResponse {
    switch request.messageRequest {
    case .fileByFilename(let name)?:
      return files(pool.file(named: name), "file \(name)", &sent)
    case .fileContainingSymbol(let name)?:
      return files(pool.file(containing: name), "symbol \(name)", &sent)
    case .fileContainingExtension(let request)?:
      let (type, number) = (request.containingType, request.extensionNumber)
      let field = pool.extensionField(of: type, number: number)
      return files(field?.file, "extension \(number) of \(type)", &sent)
    case .allExtensionNumbersOfType(let name)?:
      guard pool.message(named: name) != nil else { return notFound("message \(name)") }
      return .allExtensionNumbersResponse(
        .with {
          $0.baseTypeName = name
          $0.extensionNumber = pool.extensions(of: name).map(\.number)
        })
    case .listServices?:
      return .listServicesResponse(
        .with { $0.service = serviceNames.map { name in .with { $0.name = name } } })
    case nil:
      return error(.invalidArgument, "the request asks for nothing: set one of message_request")
    }
  }

  /// A file, and those that it imports and that were not sent.
  private func files(
    _ file: FileDescriptor?, _ what: String, _ sent: inout Set<String>
  ) -> ServerReflectionResponse.MessageResponse {
    guard let file else { return notFound(what) }
    var found = [file]
    sent.insert(file.name)
    var next = 0
    while next < found.count {
      found += found[next].imports.filter { sent.insert($0.name).inserted }
      next += 1
    }
    let protos = found.map { $0.proto.encoded() }
    return .fileDescriptorResponse(.with { $0.fileDescriptorProto = protos })
  }

  private func notFound(_ what: String) -> ServerReflectionResponse.MessageResponse {
    error(.notFound, "\(what) is not known to this server")
  }

  private func error(
    _ code: StatusCode, _ message: String
  ) -> ServerReflectionResponse.MessageResponse {
    .errorResponse(
      .with {
        $0.errorCode = Int32(truncatingIfNeeded: code.rawValue)
        $0.errorMessage = message
      })
  }
}
