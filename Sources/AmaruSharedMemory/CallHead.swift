// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What begins a call.
package struct CallHead: Hashable, Sendable {
  /// The method, such as `/greet.v1.Greeter/Hello`, or a plain name.
  package var method: String
  /// When the call ends at the latest; nil when it has all the time. Both ends share the clock.
  package var deadline: Deadline?
  /// What the caller sends beside its messages.
  package var metadata: Metadata

  /// The beginning of a call.
  package init(method: String, deadline: Deadline? = nil, metadata: Metadata = Metadata()) {
    self.method = method
    self.deadline = deadline
    self.metadata = metadata
  }
}
