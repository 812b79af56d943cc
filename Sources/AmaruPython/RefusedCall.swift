// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory

/// A call that nobody takes, as its end is about to close.
final class RefusedCall: SharedMemoryStreamHandler {
  init(_ stream: SharedMemoryStream) {
    stream.finish(CallStatus(code: .unavailable, message: "the server shuts down"))
  }

  func streamHasMessage() {}
  func halfClosed() {}
  func cancelled() {}
  func headArrived(_ metadata: Metadata) {}
  func statusArrived(_ status: CallStatus) {}
  func roomAvailable() {}
  func lost(_ error: SharedMemoryError) {}
}
