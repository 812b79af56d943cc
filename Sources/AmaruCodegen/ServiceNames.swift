// SPDX-License-Identifier: Apache-2.0

/// The Swift names that a service becomes.
struct ServiceNames {
  /// The protocol of its implementations.
  let service: String
  /// The table of its methods.
  let methods: String
  let client: String

  /// Takes the names of a service that is called `name`.
  init(_ name: String, _ names: inout UniqueNames) {
    service = names.take(name)
    methods = names.take(service + "Methods")
    client = names.take(service + "Client")
  }
}
