// SPDX-License-Identifier: Apache-2.0

import AmaruCodegen
import Foundation

/// Runs protoc for the build plugin, and prints its errors the way build tools understand.
struct ProtocRun {
  /// The path of protoc.
  let protoc: String
  /// Its arguments.
  let arguments: [String]

  /// Returns the exit status.
  func run() -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: protoc)
    process.arguments = arguments
    let errors = Pipe()
    process.standardError = errors
    do {
      try process.run()
    } catch {
      let isChosen = ProcessInfo.processInfo.environment["PROTOC_PATH"] == protoc
      let origin = isChosen ? ", which PROTOC_PATH names" : ""
      report("error: protoc cannot be run at \(protoc)\(origin): \(error.localizedDescription)")
      return 69
    }
    let output = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let isError = process.terminationStatus != 0
    for line in ProtocOutput.rewrite(output, isError: isError, resolve: locate) { report(line) }
    return process.terminationStatus
  }

  /// The path of a file in the first import folder that has it.
  private func locate(_ file: String) -> String {
    let roots = zip(arguments, arguments.dropFirst()).filter { $0.0 == "-I" }.map(\.1)
    return roots.map { "\($0)/\(file)" }.first { FileManager.default.fileExists(atPath: $0) }
      ?? file
  }

  private func report(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }
}
