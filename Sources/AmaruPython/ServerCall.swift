// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI

/// `amaru._native.ServerCall`: a call that came to a listener.
final class ServerCall: CallObject {
  private let head: CallHead
  private unowned let listener: Listener
  private var isCancelled = false
  private var isOver = false
  nonisolated(unsafe) private(set) static var type: NativeType?

  init(
    _ head: CallHead, _ stream: SharedMemoryStream, _ connection: Connection, _ listener: Listener
  ) {
    self.head = head
    self.listener = listener
    super.init(connection)
    self.stream = stream
    listener.active += 1
  }

  /// A new object for Python.
  func object() throws(Raised) -> Object {
    guard let type = Self.type else { throw Raised() }
    return try type.make(self)
  }

  override func cancelled() { endEarly() }
  override func lost(_ error: SharedMemoryError) { endEarly() }

  private func endEarly() {
    isCancelled = true
    ended()
    changed(isLast: true)
  }

  private func ended() {
    guard !isOver else { return }
    isOver = true
    listener.active -= 1
  }

  private func finish(_ status: CallStatus) {
    guard !isOver else { return }
    ended()
    stream.finish(status)
    setOnChange(nil)
  }

  static func register(in module: Object) throws(Raised) {
    let type = try NativeType(
      "amaru._native.ServerCall", doc: "A call that came to a listener.",
      methods: methods + [
        method(
          "write_head",
          oneArgument: { object, metadata in
            let call = NativeType.value(object, as: ServerCall.self)
            return result { () throws(Raised) in
              let metadata = try Metadata(metadata)
              do throws(SharedMemoryError) {
                try call.stream.writeHead(metadata)
              } catch {
                throw NativeError.raise(error)
              }
              return Python.none
            }
          }),
        method(
          "finish",
          { object, positional, named in
            let call = NativeType.value(object, as: ServerCall.self)
            return result { () throws(Raised) in
              let arguments = try Arguments(
                positional, named, ["code", "message", "details", "trailers"])
              let number = try arguments[0].map { code throws(Raised) in
                try Python.integer(code, "code")
              }
              guard let code = StatusCode(rawValue: number ?? 0) else {
                throw Python.raise(amaru_py_value_error(), "code must be 0 to 16")
              }
              var status = CallStatus(code: code)
              if let message = arguments[1] {
                status.message = try Python.text(of: message, "message")
              }
              if let details = arguments[2] {
                status.details = try Python.withBytes(of: details) { [UInt8]($0) }
              }
              status.trailers = try Metadata(arguments[3])
              call.finish(status)
              return Python.none
            }
          }),
      ],
      properties: properties + [
        property(
          "method",
          { object, _ in
            Python.text(NativeType.value(object, as: ServerCall.self).head.method)
          }),
        property(
          "metadata",
          { object, _ in
            let call = NativeType.value(object, as: ServerCall.self)
            return result { () throws(Raised) in try call.head.metadata.tuple() }
          }),
        property(
          "deadline",
          { object, _ in
            guard let deadline = NativeType.value(object, as: ServerCall.self).head.deadline else {
              return Python.none
            }
            return PyFloat_FromDouble(deadline.timeRemaining / .seconds(1))
          }),
        property(
          "peer",
          { object, _ in
            Python.text(NativeType.value(object, as: ServerCall.self).connection.peerName)
          }),
        property(
          "is_cancelled",
          { object, _ in
            PyBool_FromLong(NativeType.value(object, as: ServerCall.self).isCancelled ? 1 : 0)
          }),
      ])
    try type.add(to: module, "ServerCall")
    self.type = type
  }
}
