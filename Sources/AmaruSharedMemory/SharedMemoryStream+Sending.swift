// SPDX-License-Identifier: Apache-2.0

extension SharedMemoryStream {
  /// What came of an attempt to send one frame.
  enum Sending {
    /// One was sent, and there may be more.
    case sent
    /// There is nothing, or nothing for which there is credit.
    case nothing
    case ringIsFull
  }

  /// Sends the next frame of what waits here: credit for the peer first, which must not wait for credit.
  func sendNext() throws(SharedMemoryError) -> Sending {
    let grant = takeGrant()
    if grant > 0 {
      guard try peer.appendCredit(grant, of: id) else {
        giveBackGrant(grant)
        return .ringIsFull
      }
      return .sent
    }
    guard let item = outbox.first, credit > 0 || !item.isMessage else { return .nothing }
    switch item {
    case .frame(let frame):
      guard try peer.append(frame, of: self) else { return .ringIsFull }
      outbox.removeFirst()
      if isBeginning {
        isBeginning = false
        peer.sentCall()
      }
    case .slot(let slot, let count):
      guard try peer.append(slot.reference(count), of: id, more: false) else {
        return .ringIsFull
      }
      slot.markSent()
      credit -= SharedMemoryPeer.cost(of: count)
      outbox.removeFirst()
    case .message(let bytes, let sent):
      let frame = try bytes.span.bytes.withUnsafeBytes { bytes throws(SharedMemoryError) in
        try peer.append(bytes, from: sent, of: id)
      }
      guard let frame else { return .ringIsFull }
      credit -= SharedMemoryPeer.cost(of: frame.count)
      if frame.isLast {
        outbox.removeFirst()
      } else {
        outbox.replaceFirst(.message(bytes, sent: sent + frame.count))
      }
    }
    if outbox.isEmpty { outboxIsEmpty() }
    return .sent
  }
}
