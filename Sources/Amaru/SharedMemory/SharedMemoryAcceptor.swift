// SPDX-License-Identifier: Apache-2.0
import AmaruIO
import AmaruSharedMemory

/// Accepts the processes that connect to a name on shared memory, on one loop. Several loops share a listener.
final class SharedMemoryAcceptor: LoopListener {
  /// The name is free when the last loop has closed.
  private var listener: SharedMemoryListener?
  private let accept: (PendingPeer) -> Void
  private var watch: DescriptorWatch?
  private var isPaused = false

  init(
    _ listener: SharedMemoryListener, on loop: EventLoop, isShared: Bool,
    accept: @escaping (PendingPeer) -> Void
  ) throws(IOError) {
    self.listener = listener
    self.accept = accept
    watch = try DescriptorWatch.start(
      listener.descriptor.number, isShared ? .exclusive : .level, on: loop
    ) { [unowned self] in acceptWaiting() }
  }

  func setPaused(_ paused: Bool) {
    isPaused = paused
    watch?.setPaused(paused)
  }

  func acceptWaiting() {
    // Without descriptors or memory the rest waits in the system's queue.
    while !isPaused, let pending = try? listener?.accept() { accept(pending) }
  }

  func close() {
    watch?.stop()
    watch = nil
    listener = nil
  }
}
