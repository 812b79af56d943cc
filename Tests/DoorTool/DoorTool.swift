// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// Serves and calls the service that the tests call through every door.
@main
struct DoorTool {
  static let usage = """
    usage: door-tool serve --port PORT [--tls-cert FILE --tls-key FILE]
           door-tool call --target TARGET [--tls-ca FILE]
           door-tool call --in-memory
           door-tool read

    serve  serves doors.v1.Doors until SIGTERM.
    call   makes the calls (doors.v1.Plan) that it reads, and writes what became of each (doors.v1.Outcome).
    read   reads bytes as HTTP/1.1, and writes what it finds (doors.v1.Reading).

    What is read and written has its length in front, a big-endian number of 32 bits.
    """

  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    let flags = Array(arguments.dropFirst())
    func value(_ name: String) -> String? {
      flags.firstIndex(of: name).flatMap { $0 + 1 < flags.count ? flags[$0 + 1] : nil }
    }
    do {
      switch arguments.first {
      case "serve": try await serve(value)
      case "call": try await call(value, isInMemory: flags.contains("--in-memory"))
      case "read":
        while let bytes = StandardIO.read() { StandardIO.write(RequestReader.read(bytes)) }
      default:
        print(usage)
        exit(arguments.first == "--help" ? 0 : 2)
      }
    } catch {
      print("door-tool: \(error)")
      exit(1)
    }
  }

  private static func serve(_ value: (String) -> String?) async throws {
    var options = try DoorServer.options()
    options.addresses = [.tcp(host: "127.0.0.1", port: UInt16(value("--port") ?? "") ?? 0)]
    if let certificate = value("--tls-cert"), let key = value("--tls-key") {
      options.tls = ServerTLS(certificateChain: .file(certificate), privateKey: .file(key))
    }
    try await Server([DoorService()], options: options).run { addresses in
      for address in addresses { print("listening on \(address)") }
      fflush(nil)
    }
  }

  private static func call(_ value: (String) -> String?, isInMemory: Bool) async throws {
    guard isInMemory else {
      var options = ChannelOptions()
      if let authorities = value("--tls-ca") {
        options.tls = ClientTLS(trust: .authorities(.file(authorities)))
      }
      let target = value("--target") ?? ""
      return try await DoorCaller(try ClientChannel(target, options: options)).run()
    }
    let server = try Server([DoorService()], options: try DoorServer.options())
    try await DoorCaller(try await server.inMemoryChannel()).run()
    await server.shutdown()
  }
}
