// SPDX-License-Identifier: Apache-2.0

import AmaruCodegen
import Foundation
import Glibc

// A protoc plugin: a request on standard input, a response on standard output. With `--build` and the
// arguments of the build plugin behind it, runs protoc.

func readAll() -> [UInt8] {
  var bytes: [UInt8] = []
  while true {
    let chunk = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      // SAFETY: `read` fills at most the buffer's size.
      count = max(0, unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count))
    }
    if chunk.isEmpty { return bytes }
    bytes += chunk
  }
}

func writeAll(_ bytes: [UInt8]) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { buffer in
      // SAFETY: `write` reads at most the buffer's size.
      unsafe write(STDOUT_FILENO, buffer.baseAddress, buffer.count)
    }
    if written <= 0 { return false }
    rest = rest.dropFirst(written)
  }
  return true
}

func build() -> Int32 {
  do {
    return try BuildCommand(Array(CommandLine.arguments.dropFirst(2))).run()
  } catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    return 65
  }
}

func run() -> Int32 {
  if CommandLine.arguments.dropFirst().first == "--build" { return build() }
  if CommandLine.arguments.count > 1 {
    print("protoc-gen-amaru is run by protoc: protoc --amaru_out=FOLDER --plugin=PATH FILE.proto")
    return 64
  }
  do {
    let request = readAll()
    return writeAll(try CodeGenerator.respond(to: request.span.bytes)) ? 0 : 74
  } catch {
    print("protoc-gen-amaru: \(error)")
    return 65
  }
}

exit(run())
