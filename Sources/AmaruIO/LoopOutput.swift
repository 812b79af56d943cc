// SPDX-License-Identifier: Apache-2.0

/// Something that collects what it has to send, and sends it once a turn (``EventLoop/markDirty(_:)``).
package protocol LoopOutput: AnyObject {
  /// Sends what there is. Called on the loop, before it waits.
  func flush()
}
