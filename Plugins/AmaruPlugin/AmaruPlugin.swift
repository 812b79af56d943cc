// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Generates Swift from the `.proto` files of a target, at every build that changes one of them.
///
/// All files of a target go through protoc in one command, so that the generator sees every name.
@main
struct AmaruPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) async throws -> [Command] {
    guard let module = target as? any SourceModuleTarget else { return [] }
    let sources: ProtoTarget
    do {
      sources = try ProtoTarget(module)
    } catch {
      Diagnostics.error("\(error)")
      return []
    }
    if sources.files.isEmpty { return [] }
    guard let protoc = Protoc.find(context) else {
      Diagnostics.error(Protoc.missing)
      return []
    }
    let generator = try context.tool(named: "protoc-gen-amaru").url
    let output = context.pluginWorkDirectoryURL

    var roots = sources.roots
    var inputs = sources.files.map(\.url) + sources.configuration + [generator]
    var options = ["file_naming=underscores", "module=\(module.moduleName)"]
    options += sources.settings.generatorOptions
    for dependency in module.recursiveTargetDependencies {
      guard let module = dependency as? any SourceModuleTarget,
        let other = try? ProtoTarget(module)
      else { continue }
      roots += other.roots
      inputs += other.files.map(\.url) + other.configuration
      for file in other.files {
        let prefix = other.settings.prefix.map { "=\($0)" } ?? ""
        options.append("module_mapping=\(file.path)=\(module.moduleName)\(prefix)")
      }
    }
    roots += [WellKnown.root(context)].compactMap { $0 }

    // The generator runs protoc, so that its errors come out one line each.
    var arguments = [
      "--protoc", protoc.path,
      "--plugin=protoc-gen-amaru=\(generator.path)", "--amaru_out=\(output.path)",
      "--amaru_opt=\(options.joined(separator: ","))",
    ]
    var seen: Set<String> = []
    for root in roots where seen.insert(root.path).inserted { arguments += ["-I", root.path] }
    arguments += sources.files.map(\.url.path)
    return [
      .buildCommand(
        displayName: "Generating Swift from the .proto files of \(target.name)",
        executable: generator, arguments: arguments, inputFiles: inputs,
        outputFiles: sources.files.map { output.appending(path: $0.outputName) })
    ]
  }
}
