// SPDX-License-Identifier: Apache-2.0

/// What a reader refuses, whatever the bytes say.
///
/// A declared length or count is also never more than the bytes that are left could hold: that is
/// checked first, before memory is taken for it.
@frozen
public struct MessagePackLimits: Sendable, Hashable {
  /// How many arrays and maps may be nested in each other; 64 by default.
  ///
  /// Reading is recursive, so what is over 256 counts as 256, and what is under zero as zero.
  public var maxDepth: Int

  /// How many bytes one string, binary or extension may have; 1 GiB by default.
  public var maxBytes: Int

  /// How many elements one array, or entries one map, may have; 2^24 by default.
  public var maxCount: Int

  /// Makes limits.
  @inlinable
  public init(maxDepth: Int = 64, maxBytes: Int = 1 << 30, maxCount: Int = 1 << 24) {
    self.maxDepth = maxDepth
    self.maxBytes = maxBytes
    self.maxCount = maxCount
  }

  /// The depth that is in force.
  @inlinable
  var effectiveDepth: Int { min(max(maxDepth, 0), 256) }
}
