// SPDX-License-Identifier: Apache-2.0

// What a user of `import Amaru` and the generated code see.
@_exported import AmaruCore
@_exported import AmaruProtobuf
@_exported import enum AmaruIO.SocketAddress
