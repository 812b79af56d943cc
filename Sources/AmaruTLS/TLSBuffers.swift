// SPDX-License-Identifier: Apache-2.0

/// The memory in which the streams of one loop decrypt and encrypt, one after another. Confined to the loop.
package final class TLSBuffers {
  /// Plaintext that came in. A record is 16 KiB at most.
  let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  /// Plaintext to send.
  let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

  package init() {}

  deinit {
    input.deallocate()
    output.deallocate()
  }
}
