// SPDX-License-Identifier: Apache-2.0

/// An implementation of a service: what a server is given to serve.
///
/// The generated protocol of a service refines this and supplies ``handlers``; an implementation
/// writes the methods alone. One value serves all calls, from several threads at once where the server
/// has several loops.
public protocol Service: Sendable {
  /// One handler for each method.
  var handlers: [Handler] { get }
}
