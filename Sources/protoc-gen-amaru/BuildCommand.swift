// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the build plugin runs: makes protoc's arguments of a target's files and settings, and runs it.
///
/// The plugin's own arguments are
///
/// ```
/// PACKAGE --output FOLDER --module NAME FOLDER [--proto-path PATH] [--import NAME FOLDER]...
///   [--root FOLDER] [--no-services] [--skip FILE]... FILE...
/// ```
///
/// where the first is the package's folder, each file is named by the path that it is imported by, no
/// code is made for those to skip, `--no-services` says that the target does not depend on `Amaru`, and `--proto-path` is what `amaru.json` said when the build was planned.
struct BuildCommand {
  private let package: URL
  private var output = ""
  private var module: ProtoModule
  private var plannedProtoPath: String?
  private var imports: [ProtoModule] = []
  private var extraRoots: [URL] = []
  private var skipped: [String] = []
  private var servicesAreRefused = false
  private var files: [String] = []

  /// - Throws: ``BuildError`` for arguments that are none, and for settings that are wrong.
  init(_ arguments: [String]) throws(BuildError) {
    var words = arguments[...]
    package = URL(filePath: words.popFirst() ?? "")
    var module: ProtoModule?
    while let word = words.popFirst() {
      switch word {
      case "--output": output = words.popFirst() ?? ""
      case "--proto-path": plannedProtoPath = words.popFirst()
      case "--no-services": servicesAreRefused = true
      case "--skip": skipped.append(words.popFirst() ?? "")
      case "--root": extraRoots.append(URL(filePath: words.popFirst() ?? ""))
      case "--module":
        module = try ProtoModule(name: words.popFirst() ?? "", folder: words.popFirst() ?? "")
      case "--import":
        imports.append(
          try ProtoModule(name: words.popFirst() ?? "", folder: words.popFirst() ?? ""))
      default: files.append(word)
      }
    }
    guard let module else { throw BuildError("error: --build is the build plugin's; use protoc") }
    self.module = module
  }

  /// Returns the exit status.
  func run() throws(BuildError) -> Int32 {
    for module in [module] + imports { try module.checkProtoPath() }
    try checkPlan()
    let protoc = try Protoc.path(forPackageIn: package)
    return ProtocRun(protoc: protoc, arguments: protocArguments).run()
  }

  /// SwiftPM asks the plugin anew only when it sees files of a target come or go, and it does not look into
  /// `protoPath`.
  private func checkPlan() throws(BuildError) {
    let unplanned = module.outsidePaths.subtracting(files + skipped).min()
    guard module.settings.protoPath != plannedProtoPath || unplanned != nil else { return }
    let what =
      module.settings.protoPath == plannedProtoPath
      ? "\(unplanned ?? "") is new in protoPath" : "protoPath has changed"
    throw BuildError(
      "\(module.settings.file.path): error: \(what), which SwiftPM does not see by itself; "
        + "run `touch Package.swift` and build again")
  }

  private var protocArguments: [String] {
    var options = ["file_naming=underscores", "module=\(module.name)"]
    if servicesAreRefused { options.append("services=none") }
    if let visibility = module.settings.visibility { options.append("visibility=\(visibility)") }
    if let prefix = module.settings.prefix { options.append("prefix=\(prefix)") }
    for other in imports {
      let prefix = other.settings.prefix.map { "=\($0)" } ?? ""
      for path in other.paths.sorted() {
        options.append("module_mapping=\(path)=\(other.name)\(prefix)")
      }
    }
    var arguments = [
      // The generator is this program itself.
      "--plugin=protoc-gen-amaru=\(CommandLine.arguments.first ?? "")", "--amaru_out=\(output)",
      "--amaru_opt=\(options.joined(separator: ","))",
    ]
    var seen: Set<String> = []
    for root in module.roots + imports.flatMap(\.roots) + extraRoots
    where seen.insert(root.path).inserted {
      arguments += ["-I", root.path]
    }
    return arguments + files
  }
}
