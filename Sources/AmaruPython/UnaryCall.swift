// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI

/// A call to a method that was registered with a function: answered as soon as its message is there. Needs the GIL.
final class UnaryCall: SharedMemoryStreamHandler, NewsBearer {
  private let stream: SharedMemoryStream
  private let function: Object
  private let connection: Connection
  private unowned let listener: Listener
  private var isDone = false

  init(
    _ stream: SharedMemoryStream, _ function: Object, _ connection: Connection,
    _ listener: Listener
  ) {
    self.stream = stream
    self.connection = connection
    self.function = function
    self.listener = listener
    Py_IncRef(function)
    listener.active += 1
  }

  deinit { Py_DecRef(function) }

  func streamHasMessage() { connection.tellLater(self) }

  func tell() {
    guard !isDone else { return }
    do throws(SharedMemoryError) {
      guard let message = try stream.takeMessage() else { return }
      done()
      answer(message)
    } catch {
      done()
      stream.finish(error.status)
    }
  }

  private func answer(_ message: consuming ReceivedMessage) {
    guard let argument = try? Payload.object(message) else { return listener.fail(stream) }
    let response = amaru_py_call(function, argument)
    Py_DecRef(argument)
    guard let response else { return listener.fail(stream) }
    defer { Py_DecRef(response) }
    do throws(Raised) {
      try stream.write(response)
      stream.finish(CallStatus(code: .ok))
    } catch {
      listener.fail(stream)
    }
  }

  private func done() {
    guard !isDone else { return }
    isDone = true
    listener.active -= 1
  }

  func halfClosed() {
    guard !isDone, !stream.hasMessage else { return }
    done()
    stream.finish(
      CallStatus(code: .invalidArgument, message: "the request ended before its message"))
  }

  func cancelled() { done() }
  func lost(_ error: SharedMemoryError) { done() }
  func headArrived(_ metadata: Metadata) {}
  func statusArrived(_ status: CallStatus) {}
  func roomAvailable() {}
}
