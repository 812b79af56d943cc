// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// A request that was answered already: what still comes is dropped.
class DroppedRequest: HTTPRequestHandler {
  func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {}
  func roomAvailable() {}
  func overflow() {}
  func closed(_ reason: HTTPStreamClosure?) {}
}
