// SPDX-License-Identifier: Apache-2.0

/// The limits of one HTTP connection. The values are the server's; each is explained at `Limits`.
package struct HTTPLimits: Sendable {
  package var maxHeaderListBytes: Int
  package var maxHeaderFields: Int
  package var maxConcurrentStreams: Int
  package var streamWindowBytes: Int
  package var connectionWindowBytes: Int
  package var maxBufferedBytes: Int
  package var sendBufferBytes: Int
  package var abuseBudget: Int
  package var abuseRefillNanoseconds: UInt64
  package var minPingNanoseconds: UInt64
  package var allowsPingsWithoutCalls: Bool

  package init(
    maxHeaderListBytes: Int = 16 << 10, maxHeaderFields: Int = 100,
    maxConcurrentStreams: Int = 100, streamWindowBytes: Int = 256 << 10,
    connectionWindowBytes: Int = 1 << 20, maxBufferedBytes: Int = 32 << 20,
    sendBufferBytes: Int = 64 << 10, abuseBudget: Int = 200,
    abuseRefillNanoseconds: UInt64 = 10_000_000, minPingNanoseconds: UInt64 = 0,
    allowsPingsWithoutCalls: Bool = true
  ) {
    self.maxHeaderListBytes = maxHeaderListBytes
    self.maxHeaderFields = maxHeaderFields
    self.maxConcurrentStreams = maxConcurrentStreams
    self.streamWindowBytes = streamWindowBytes
    self.connectionWindowBytes = connectionWindowBytes
    self.maxBufferedBytes = maxBufferedBytes
    self.sendBufferBytes = sendBufferBytes
    self.abuseBudget = abuseBudget
    self.abuseRefillNanoseconds = abuseRefillNanoseconds
    self.minPingNanoseconds = minPingNanoseconds
    self.allowsPingsWithoutCalls = allowsPingsWithoutCalls
  }
}
