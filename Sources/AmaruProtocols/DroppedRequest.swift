// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// A request that was answered already: what still comes is dropped.
package class DroppedRequest: HTTPRequestHandler {
  package func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {}
  package func roomAvailable() {}
  package func overflow() {}
  package func closed(_ reason: HTTPStreamClosure?) {}
}
