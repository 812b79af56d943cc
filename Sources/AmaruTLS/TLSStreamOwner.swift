// SPDX-License-Identifier: Apache-2.0

/// Who is told what becomes of a ``TLSStream``. Called on the stream's loop, from within the stream's functions.
package protocol TLSStreamOwner: AnyObject {
  /// The handshake is done. Nothing was handed to the inner handler before.
  func handshakeFinished(_ handshake: TLSHandshake)
  /// The stream cannot go on; what is left to send tells the peer why. Called once at most.
  func tlsFailed(_ error: TLSError)
  /// There are bytes to send: ask ``TLSStream/produce(into:)``.
  func tlsHasOutput()
}
