// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Generates Swift from the `.proto` files of a target, at every build that changes one of them, one that
/// they import, or a setting.
///
/// SwiftPM runs the plugin itself only when it plans a build: it says which files go in and come out.
/// protoc is looked for, and `amaru.json` read, by the generator when it runs.
@main
struct AmaruPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) async throws -> [Command] {
    guard let module = target as? any SourceModuleTarget else { return [] }
    let sources = ProtoTarget(module)
    if sources.files.isEmpty {
      if let configuration = sources.configuration {
        Diagnostics.error(
          "\(configuration.path): there is no .proto file in the target's folder or in protoPath")
      }
      return []
    }
    let generator = try context.tool(named: "protoc-gen-amaru").url
    let output = context.pluginWorkDirectoryURL

    var inputs = sources.inputs + [generator]
    var arguments = ["--build", context.package.directoryURL.path, "--output", output.path]
    arguments += ["--module", module.moduleName, sources.folder.path]
    if let path = sources.protoPath { arguments += ["--proto-path", path] }
    for dependency in module.recursiveTargetDependencies {
      guard let module = dependency as? any SourceModuleTarget else { continue }
      let other = ProtoTarget(module)
      if other.files.isEmpty { continue }
      inputs += other.inputs
      arguments += ["--import", module.moduleName, other.folder.path]
    }
    if !module.recursiveTargetDependencies.contains(where: { $0.name == "Amaru" }) {
      arguments.append("--no-services")
    }
    if let root = WellKnown.root(context) { arguments += ["--root", root.path] }
    for path in sources.skipped { arguments += ["--skip", path] }
    arguments += sources.files.map(\.path)
    return [
      .buildCommand(
        displayName: "Generating Swift from the .proto files of \(target.name)",
        executable: generator, arguments: arguments, inputFiles: inputs,
        outputFiles: sources.outputNames.map { output.appending(path: $0) })
    ]
  }
}
