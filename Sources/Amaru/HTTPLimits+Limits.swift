// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

extension HTTPLimits {
  /// What of the server's limits an HTTP connection keeps.
  init(_ limits: Limits) {
    self.init(
      maxHeaderListBytes: limits.maxHeaderListBytes, maxHeaderFields: limits.maxHeaderFields,
      maxConcurrentStreams: limits.maxConcurrentStreams,
      streamWindowBytes: limits.streamWindowBytes,
      maxBufferedBytes: limits.maxBufferedBytesPerConnection,
      sendBufferBytes: limits.sendBufferBytes, abuseBudget: limits.abuseBudget,
      abuseRefillNanoseconds: limits.abuseRefill.clampedNanoseconds,
      minPingNanoseconds: limits.minPingInterval.clampedNanoseconds,
      allowsPingsWithoutCalls: limits.allowsPingsWithoutCalls)
  }
}
