// SPDX-License-Identifier: Apache-2.0

/// A call of which Python is to hear.
protocol NewsBearer: AnyObject {
  /// Runs Python's code. Needs the GIL, and no step of a peer under way.
  func tell()
}
