// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A folder that is removed with its files at the end of a test.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() {
    var template = Array("/tmp/amaru-test-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      String(cString: mkdtemp(buffer.baseAddress!)!)
    }
  }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { unlink("\(path)/\(name)") }
      }
      closedir(folder)
    }
    rmdir(path)
  }

  /// Puts a file in place of one of the same name, all at once; gives its path.
  @discardableResult
  package func write(_ text: String, to name: String) -> String {
    let file = fopen("\(path)/\(name).new", "w")!
    fputs(text, file)
    fclose(file)
    rename("\(path)/\(name).new", "\(path)/\(name)")
    return "\(path)/\(name)"
  }
}
