// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI

/// `amaru._native.ClientCall`: a call of a channel.
final class ClientCall: CallObject {
  private var head: Metadata?
  private(set) var status: CallStatus?
  nonisolated(unsafe) private(set) static var type: NativeType?

  /// A new object for Python.
  func object() throws(Raised) -> Object {
    guard let type = Self.type else { throw Raised() }
    return try type.make(self)
  }

  override func headArrived(_ metadata: Metadata) {
    head = metadata
    changed()
  }
  override func statusArrived(_ status: CallStatus) { end(status) }
  override func lost(_ error: SharedMemoryError) {
    end(
      connection.isClosed
        ? CallStatus(code: .cancelled, message: "the channel was closed") : error.status)
  }

  /// Ends the call for this side.
  func cancel(_ status: CallStatus) {
    guard self.status == nil else { return }
    stream.cancel()
    end(status)
    connection.flush()
    connection.tell()
  }

  private func end(_ status: CallStatus) {
    guard self.status == nil else { return }
    self.status = status
    changed(isLast: true)
  }

  static func register(in module: Object) throws(Raised) {
    let type = try NativeType(
      "amaru._native.ClientCall", doc: "A call of a channel.",
      methods: methods + [
        method(
          "half_close",
          noArguments: { object, _ in
            let call = NativeType.value(object, as: ClientCall.self)
            return result { () throws(Raised) in
              do throws(SharedMemoryError) {
                try call.stream.halfClose()
              } catch {
                throw NativeError.raise(error)
              }
              return Python.none
            }
          }),
        method(
          "cancel",
          noArguments: { object, _ in
            NativeType.value(object, as: ClientCall.self).cancel(
              CallStatus(code: .cancelled, message: "the caller cancelled the call"))
            return Python.none
          }),
      ],
      properties: properties + [
        property(
          "initial_metadata",
          { object, _ in
            guard let head = NativeType.value(object, as: ClientCall.self).head else {
              return Python.none
            }
            return result { () throws(Raised) in try head.tuple() }
          }),
        property(
          "status",
          { object, _ in
            guard let status = NativeType.value(object, as: ClientCall.self).status else {
              return Python.none
            }
            return result { () throws(Raised) in try status.tuple() }
          }),
      ])
    try type.add(to: module, "ClientCall")
    self.type = type
  }
}

extension CallStatus {
  /// A new tuple of code, message, details and trailers.
  fileprivate func tuple() throws(Raised) -> Object {
    guard let tuple = PyTuple_New(4) else { throw Raised() }
    PyTuple_SetItem(tuple, 0, PyLong_FromLongLong(Int64(code.rawValue)))
    PyTuple_SetItem(tuple, 1, Python.text(message))
    PyTuple_SetItem(tuple, 2, details.withUnsafeBytes { Python.bytes($0) })
    PyTuple_SetItem(tuple, 3, try trailers.tuple())
    return tuple
  }
}
