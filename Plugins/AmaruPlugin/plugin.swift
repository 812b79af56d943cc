import PackagePlugin
import Foundation

@main struct AmaruPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) async throws -> [Command] {
    guard let target = target as? SourceModuleTarget else { return [] }
    let protos = target.sourceFiles(withSuffix: ".proto").map(\.url)
    guard !protos.isEmpty else { return [] }
    let gen = try context.tool(named: "protoc-gen-amaru").url
    let protoc = try findProtoc(context)
    let out = context.pluginWorkDirectoryURL
    let root = target.directoryURL
    return protos.map { p in
      let rel = String(p.path.dropFirst(root.path.count + 1))
      let o = out.appending(path: String(rel.dropLast(6)) + ".pb.swift")
      return .buildCommand(
        displayName: "protoc \(rel)",
        executable: protoc,
        arguments: ["--plugin=protoc-gen-amaru=\(gen.path)", "--amaru_out=\(out.path)", "-I", root.path, p.path],
        inputFiles: protos + [gen],           // imports may change too
        outputFiles: [o])
    }
  }
  func findProtoc(_ context: PluginContext) throws -> URL {
    let env = ProcessInfo.processInfo.environment
    if let p = env["PROTOC_PATH"], !p.isEmpty { return URL(fileURLWithPath: p) }
    if let t = try? context.tool(named: "protoc") { Diagnostics.remark("protoc from tool(named:): \(t.url.path)"); return t.url }
    for d in (env["PATH"] ?? "").split(separator: ":") {
      let p = "\(d)/protoc"
      if FileManager.default.isExecutableFile(atPath: p) { return URL(fileURLWithPath: p) }
    }
    Diagnostics.error("protoc not found: set PROTOC_PATH or put it on PATH (apt install protobuf-compiler)")
    throw Missing()
  }
  struct Missing: Error {}
}
