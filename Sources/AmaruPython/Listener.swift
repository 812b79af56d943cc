// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI
import Glibc

/// `amaru._native.Listener`: serves a name for any number of clients. Needs the GIL.
final class Listener {
  /// The marks of the poller below the connections' own.
  private static let listenerMark: UInt64 = 0

  private var socket: SharedMemoryListener?
  let poller: Poller
  private let limits: FrameLimits
  private let maxConcurrentCalls: Int
  private var connections: [UInt64: Connection] = [:]
  private var pending: [UInt64: PendingPeer] = [:]
  private var nextNumber: UInt64 = 1
  /// Functions by method, of which this object holds a reference each.
  private var functions: [String: Object] = [:]
  private var onError: Object?
  private var began: [ServerCall] = []
  private var isDraining = false
  /// An exception that leaves ``poll(nanoseconds:)``.
  private var hasRaised = false
  /// Calls that have not ended.
  var active = 0
  nonisolated(unsafe) private(set) static var type: NativeType?

  private init(
    _ name: ServiceName, maxMessageBytes: Int, maxConcurrentCalls: Int
  ) throws(SharedMemoryError) {
    poller = try Poller()
    var limits = FrameLimits()
    limits.maxMessageBytes = maxMessageBytes
    self.limits = limits
    self.maxConcurrentCalls = maxConcurrentCalls
    let socket = try SharedMemoryListener(
      name,
      limits: PeerLimits(
        maxMessageBytes: UInt64(maxMessageBytes), maxConcurrentCalls: UInt32(maxConcurrentCalls)))
    self.socket = socket
    poller.add(socket.descriptor.number, Self.listenerMark)
  }

  deinit {
    close()
    for function in functions.values { Py_DecRef(function) }
    if let onError { Py_DecRef(onError) }
  }

  // MARK: Work

  /// Waits for something, at most that long, and does it; the calls that began.
  private func poll(nanoseconds: UInt64?) throws(Raised) -> [ServerCall] {
    for connection in connections.values {
      _ = connection.takeHasTold()
      connection.work()
    }
    var isIdle = began.isEmpty && !hasRaised
    for connection in connections.values where !connection.park() || connection.takeHasTold() {
      isIdle = false
    }
    for mark in try poller.wait(nanoseconds: isIdle ? nanoseconds : 0) { woke(mark) }
    for connection in connections.values { connection.work() }
    connections = connections.filter { $0.value.isAlive }
    if nanoseconds == 0 { for connection in connections.values { connection.rest() } }
    if poller.hasOthers { poller.wake() }
    if hasRaised {
      hasRaised = false
      throw Raised()
    }
    defer { began = [] }
    return began
  }

  private func woke(_ mark: UInt64) {
    if mark == Self.listenerMark { return accept() }
    let number = mark >> 2
    if let peer = pending[number] { return greet(number, peer) }
    connections[number]?.woke(mark)
  }

  private func accept() {
    while let peer = try? socket?.accept() {
      pending[nextNumber] = peer
      poller.add(peer.socket.descriptor.number, nextNumber << 2)
      nextNumber += 1
    }
  }

  private func greet(_ number: UInt64, _ peer: PendingPeer) {
    let made: SharedMemoryConnection?
    do throws(SharedMemoryError) {
      made = try peer.receive()
      if made == nil { return }
    } catch {
      // It was told why.
      made = nil
    }
    poller.remove(peer.socket.descriptor.number)
    pending[number] = nil
    guard let made else { return }
    let connection = Connection(
      made, poller, number: number, limits: limits, maxConcurrentCalls: maxConcurrentCalls)
    connection.onCall = { [unowned self, unowned connection] head, stream in
      begin(head, stream, connection)
    }
    connections[number] = connection
  }

  private func begin(
    _ head: CallHead, _ stream: SharedMemoryStream, _ connection: Connection
  ) -> any SharedMemoryStreamHandler {
    if isDraining { return RefusedCall(stream) }
    if let function = functions[head.method] {
      return UnaryCall(stream, function, connection, self)
    }
    let call = ServerCall(head, stream, connection, self)
    began.append(call)
    return call
  }

  /// Ends a call with the exception that is set, as ``onError`` says.
  func fail(_ stream: SharedMemoryStream) {
    guard PyErr_GivenExceptionMatches(PyErr_Occurred(), amaru_py_exception()) != 0 else {
      // KeyboardInterrupt and the like end the poll.
      hasRaised = true
      return stream.finish(CallStatus(code: .unavailable, message: "the server shuts down"))
    }
    var (type, value, traceback): (Object?, Object?, Object?)
    PyErr_Fetch(&type, &value, &traceback)
    PyErr_NormalizeException(&type, &value, &traceback)
    if let value, let traceback { PyException_SetTraceback(value, traceback) }
    defer { for object in [type, value, traceback] { if let object { Py_DecRef(object) } } }
    guard let onError, let value, let answer = amaru_py_call(onError, value) else {
      PyErr_Clear()
      return stream.finish(CallStatus(code: .unknown, message: "the method failed"))
    }
    defer { Py_DecRef(answer) }
    let status: CallStatus
    do throws(Raised) {
      guard let tuple = PySequence_Tuple(answer) else { throw Raised() }
      defer { Py_DecRef(tuple) }
      let number = try Python.integer(PyTuple_GetItem(tuple, 0), "code")
      status = CallStatus(
        code: StatusCode(rawValue: number) ?? .unknown,
        message: try Python.text(of: PyTuple_GetItem(tuple, 1), "message"),
        details: try Python.withBytes(of: PyTuple_GetItem(tuple, 2)) { [UInt8]($0) })
    } catch {
      PyErr_Clear()
      status = CallStatus(code: .unknown, message: "the method failed, and so did on_error")
    }
    stream.finish(status)
  }

  private func close() {
    for connection in connections.values { connection.lose(.peerGone) }
    connections = [:]
    pending = [:]
    if let socket { poller.remove(socket.descriptor.number) }
    socket = nil
  }

  // MARK: The type

  static func register(in module: Object) throws(Raised) {
    let type = try NativeType(
      "amaru._native.Listener", doc: "Serves a name on shared memory, for any number of clients.",
      new: { _, positional, named in
        result { () throws(Raised) in try Listener.make(positional, named) }
      },
      methods: [
        method(
          "fileno",
          noArguments: { object, _ in
            PyLong_FromLongLong(
              Int64(NativeType.value(object, as: Listener.self).poller.descriptor))
          }),
        method(
          "register",
          { object, positional, named in
            let listener = NativeType.value(object, as: Listener.self)
            return result { () throws(Raised) in
              let arguments = try Arguments(positional, named, ["method", "function"])
              let name = try Python.text(of: arguments.required(0), "method")
              let function = try arguments.required(1)
              guard PyCallable_Check(function) != 0 else {
                throw Python.raise(amaru_py_type_error(), "function must be callable")
              }
              Py_IncRef(function)
              if let old = listener.functions.updateValue(function, forKey: name) { Py_DecRef(old) }
              return Python.none
            }
          }),
        method(
          "poll",
          { object, positional, named in
            let listener = NativeType.value(object, as: Listener.self)
            return result { () throws(Raised) in
              let arguments = try Arguments(positional, named, ["timeout"])
              let timeout = try arguments[0].map { time throws(Raised) in
                try Python.nanoseconds(time)
              }
              let calls = try listener.poll(nanoseconds: timeout ?? 0)
              guard let list = PyList_New(0) else { throw Raised() }
              for call in calls {
                let object = try call.object()
                PyList_Append(list, object)
                Py_DecRef(object)
              }
              return list
            }
          }),
        method(
          "flush",
          noArguments: { object, _ in
            for connection in NativeType.value(object, as: Listener.self).connections.values {
              connection.flush()
            }
            return Python.none
          }),
        method(
          "wake",
          noArguments: { object, _ in
            NativeType.value(object, as: Listener.self).poller.wake()
            return Python.none
          }),
        method(
          "drain",
          noArguments: { object, _ in
            let listener = NativeType.value(object, as: Listener.self)
            listener.isDraining = true
            if let socket = listener.socket { listener.poller.remove(socket.descriptor.number) }
            listener.socket = nil
            return Python.none
          }),
        method(
          "close",
          noArguments: { object, _ in
            NativeType.value(object, as: Listener.self).close()
            return Python.none
          }),
      ],
      properties: [
        property(
          "active",
          { object, _ in
            PyLong_FromLongLong(Int64(NativeType.value(object, as: Listener.self).active))
          }),
        property(
          "on_error",
          { object, _ in
            guard let function = NativeType.value(object, as: Listener.self).onError else {
              return Python.none
            }
            Py_IncRef(function)
            return function
          },
          set: { object, function, _ in
            guard let function, PyCallable_Check(function) != 0 else {
              _ = Python.raise(amaru_py_type_error(), "on_error must be callable")
              return -1
            }
            let listener = NativeType.value(object, as: Listener.self)
            Py_IncRef(function)
            let old = listener.onError
            listener.onError = function
            if let old { Py_DecRef(old) }
            return 0
          }),
      ])
    try type.add(to: module, "Listener")
    self.type = type
  }

  private static func make(_ positional: Object?, _ named: Object?) throws(Raised) -> Object {
    let arguments = try Arguments(
      positional, named, ["name", "max_message_bytes", "max_concurrent_calls"])
    let name = try Python.text(of: arguments.required(0), "name")
    let bytes = try size(arguments[1], "max_message_bytes", or: 4 << 20)
    let calls = try size(arguments[2], "max_concurrent_calls", or: 1000)
    guard let type else { throw Raised() }
    do throws(SharedMemoryError) {
      let listener = try Listener(
        ServiceName(name), maxMessageBytes: bytes, maxConcurrentCalls: calls)
      if let object = try? type.make(listener) { return object }
    } catch {
      switch error {
      case .nameInUse: throw raise(EADDRINUSE, error)
      case .system(_, let code): throw raise(code, error)
      default: throw Python.raise(amaru_py_value_error(), "\(error)")
      }
    }
    throw Raised()
  }

  /// A positive number that fits into 31 bits.
  static func size(_ object: Object?, _ name: String, or usual: Int) throws(Raised) -> Int {
    guard let object, !Python.isNone(object) else { return usual }
    let number = try Python.integer(object, name)
    guard number > 0, number <= Int(Int32.max) else {
      throw Python.raise(amaru_py_value_error(), "\(name) must be 1 to \(Int32.max)")
    }
    return number
  }

  /// Sets an `OSError`.
  private static func raise(_ code: Int32, _ error: SharedMemoryError) -> Raised {
    let number = PyLong_FromLongLong(Int64(code))
    let text = Python.text("\(error)")
    if let number, let text,
      let exception = amaru_py_call2(amaru_py_os_error(), number, text)
    {
      PyErr_SetObject(amaru_py_os_error(), exception)
      Py_DecRef(exception)
    }
    for object in [number, text] { if let object { Py_DecRef(object) } }
    return Raised()
  }

  /// A slot of the connection of a call that is being answered, or of any one.
  var someConnection: Connection? { connections.values.first { $0.isAlive } }
}
