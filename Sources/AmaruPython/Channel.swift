// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI
import Glibc

/// `amaru._native.Channel`: a connection to a name. Needs the GIL.
final class Channel {
  let connection: Connection
  private var poller: Poller { connection.poller }
  nonisolated(unsafe) private(set) static var type: NativeType?

  private init(_ connection: Connection) { self.connection = connection }

  deinit { connection.lose(.peerGone) }

  /// Waits for something, at most that long, and does it.
  private func poll(nanoseconds: UInt64?) throws(Raised) {
    _ = connection.takeHasTold()
    connection.work()
    let isIdle = connection.park() && !connection.takeHasTold()
    for mark in try poller.wait(nanoseconds: isIdle ? nanoseconds : 0) { connection.woke(mark) }
    connection.work()
    // Other threads sleep on, and have to be rung.
    if nanoseconds == 0 || poller.hasOthers { connection.rest() }
  }

  private func start(
    _ method: String, _ timeout: UInt64?, _ metadata: Metadata
  ) throws(Raised) -> ClientCall {
    let call = ClientCall(connection)
    let deadline = timeout.map { Deadline.after(.nanoseconds(Int64(clamping: $0))) }
    do throws(SharedMemoryError) {
      call.stream = try connection.peer.open(
        CallHead(method: method, deadline: deadline, metadata: metadata), handler: call)
    } catch {
      throw NativeError.raise(error)
    }
    return call
  }

  /// A call with one message each way.
  private func call(
    _ method: String, _ message: Object, _ timeout: UInt64?, _ metadata: Metadata
  ) throws(Raised) -> Object {
    let call = try start(method, timeout, metadata)
    let end = timeout.map { Self.now() + $0 }
    do throws(Raised) {
      try call.stream.write(message)
      do throws(SharedMemoryError) {
        try call.stream.halfClose()
      } catch {
        throw NativeError.raise(error)
      }
      while call.status == nil {
        let left = end.map { $0 - min($0, Self.now()) }
        if left == 0 {
          call.cancel(CallStatus(code: .deadlineExceeded, message: "the deadline has passed"))
          break
        }
        try poll(nanoseconds: left)
      }
    } catch {
      call.cancel(CallStatus(code: .cancelled))
      throw error
    }
    guard let status = call.status, status.code == .ok else {
      throw NativeError.raise(call.status ?? CallStatus(code: .internal))
    }
    guard let response = try call.take() else {
      throw NativeError.raise(.internal, "the call ended without a response")
    }
    return response
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  // MARK: The type

  static func register(in module: Object) throws(Raised) {
    let type = try NativeType(
      "amaru._native.Channel", doc: "A connection to a name on shared memory.",
      new: { _, positional, named in
        result { () throws(Raised) in try Channel.make(positional, named) }
      },
      methods: [
        method(
          "fileno",
          noArguments: { object, _ in
            PyLong_FromLongLong(Int64(NativeType.value(object, as: Channel.self).poller.descriptor))
          }),
        method(
          "poll",
          { object, positional, named in
            let channel = NativeType.value(object, as: Channel.self)
            return result { () throws(Raised) in
              let arguments = try Arguments(positional, named, ["timeout"])
              if let timeout = arguments[0] {
                try channel.poll(nanoseconds: Python.nanoseconds(timeout))
              } else {
                try channel.poll(nanoseconds: 0)
              }
              return Python.none
            }
          }),
        method(
          "flush",
          noArguments: { object, _ in
            NativeType.value(object, as: Channel.self).connection.flush()
            return Python.none
          }),
        method(
          "wake",
          noArguments: { object, _ in
            NativeType.value(object, as: Channel.self).poller.wake()
            return Python.none
          }),
        method(
          "close",
          noArguments: { object, _ in
            NativeType.value(object, as: Channel.self).connection.close()
            return Python.none
          }),
        method(
          "call",
          { object, positional, named in
            let channel = NativeType.value(object, as: Channel.self)
            return result { () throws(Raised) in
              let arguments = try Arguments(
                positional, named, ["method", "message", "deadline", "metadata"])
              return try channel.call(
                Python.text(of: arguments.required(0), "method"), arguments.required(1),
                Python.nanoseconds(arguments[2]), Metadata(arguments[3]))
            }
          }),
        method(
          "start",
          { object, positional, named in
            let channel = NativeType.value(object, as: Channel.self)
            return result { () throws(Raised) in
              let arguments = try Arguments(positional, named, ["method", "deadline", "metadata"])
              let call = try channel.start(
                Python.text(of: arguments.required(0), "method"),
                Python.nanoseconds(arguments[1]), Metadata(arguments[2]))
              return try call.object()
            }
          }),
      ],
      properties: [
        property(
          "is_alive",
          { object, _ in
            PyBool_FromLong(NativeType.value(object, as: Channel.self).connection.isAlive ? 1 : 0)
          })
      ])
    try type.add(to: module, "Channel")
    self.type = type
  }

  private static func make(_ positional: Object?, _ named: Object?) throws(Raised) -> Object {
    let arguments = try Arguments(positional, named, ["name", "timeout", "max_message_bytes"])
    let name = try Python.text(of: arguments.required(0), "name")
    let timeout =
      arguments[1] == nil ? 5_000_000_000 : try Python.nanoseconds(arguments[1]) ?? .max / 2
    let bytes = try Listener.size(arguments[2], "max_message_bytes", or: 4 << 20)
    guard let type else { throw Raised() }
    var limits = FrameLimits()
    limits.maxMessageBytes = bytes
    let pending: PendingConnection
    do throws(SharedMemoryError) {
      pending = try PendingConnection(
        ServiceName(name), layout: .usual,
        limits: PeerLimits(maxMessageBytes: UInt64(bytes), maxConcurrentCalls: 0))
    } catch {
      throw NativeError.raise(error)
    }
    let made = try wait(for: pending, until: now() + timeout)
    do throws(SharedMemoryError) {
      let connection = Connection(
        made, try Poller(), number: 1, limits: limits, maxConcurrentCalls: 0)
      if let object = try? type.make(Channel(connection)) { return object }
    } catch {
      throw NativeError.raise(error)
    }
    throw Raised()
  }

  /// Waits for the server's answer.
  private static func wait(
    for pending: PendingConnection, until end: UInt64
  ) throws(Raised) -> SharedMemoryConnection {
    while true {
      do throws(SharedMemoryError) {
        if let made = try pending.receive() { return made }
      } catch {
        throw NativeError.raise(error)
      }
      let left = end - min(end, now())
      guard left > 0 else {
        throw NativeError.raise(.unavailable, "the server did not answer in time")
      }
      let descriptor = pending.socket.descriptor.number
      let error = Python.waiting {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&entry, 1, Int32(min(left / 1_000_000 + 1, 1_000_000_000))) < 0
          ? errno : 0
      }
      if error == EINTR, PyErr_CheckSignals() != 0 { throw Raised() }
    }
  }
}
