// SPDX-License-Identifier: Apache-2.0

// What a user of `import Amaru` and the generated code see.
@_exported import AmaruCore
@_exported import AmaruProtobuf
@_exported import enum AmaruIO.SocketAddress
@_exported import enum AmaruTLS.PEM
@_exported import enum AmaruTLS.TLSVersion
@_exported import struct AmaruTLS.ClientTLS
@_exported import struct AmaruTLS.ServerTLS
@_exported import struct AmaruTLS.TLSError
