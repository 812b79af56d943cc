// SPDX-License-Identifier: Apache-2.0

/// The options of the generator, from the `--amaru_opt` arguments of protoc.
///
/// | option | meaning |
/// |---|---|
/// | `visibility=public` | access level of what is generated: `public` (default), `package`, `internal` |
/// | `prefix=Acme` | put in front of top-level Swift names; `option swift_prefix` of a file wins |
/// | `module=Inventory` | the Swift module that the generated files belong to |
/// | `module_mapping=a.proto=Common` | the module, and after a second `=` the prefix, of an imported file |
/// | `file_naming=path` | `path` (default) keeps folders, `underscores` joins them, `flat` drops them |
/// | `services=all` | `none` for a module without the RPC runtime: a service is an error then |
/// | `imports=runtime` | `none` for files that are part of the runtime itself |
public struct GeneratorOptions: Sendable {
  /// An access level of generated declarations.
  enum Visibility: String, CaseIterable {
    case `public`, package, `internal`

    /// The modifier with a trailing space; empty for the language's default.
    var modifier: String { self == .internal ? "" : rawValue + " " }
  }

  /// How the path of a `.proto` file becomes the path of a Swift file.
  enum FileNaming: String, CaseIterable {
    case path, underscores, flat
  }

  /// Where an imported file's types are.
  struct Module: Hashable {
    var name: String
    var prefix: String
  }

  var visibility = Visibility.public
  var prefix = ""
  var module: String?
  var modules: [String: Module] = [:]
  var fileNaming = FileNaming.path
  var isRuntime = false
  var hasServices = true

  /// Parses options that are separated by commas, each `key=value`.
  init(parsing text: String) throws(GenerationError) {
    for option in text.split(separator: ",") {
      let parts = option.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count >= 2 else {
        throw GenerationError(option: String(option), "has no value; write key=value")
      }
      let (key, value) = (parts[0], parts[1])
      switch key {
      case "visibility": visibility = try Self.choice(key, value)
      case "file_naming": fileNaming = try Self.choice(key, value)
      case "prefix":
        guard Naming.isPrefix(value) else { throw Self.wrongPrefix(key, value) }
        prefix = value
      case "module": module = value
      case "imports":
        guard value == "runtime" || value == "none" else {
          throw GenerationError(option: key, "has the value \(value); write runtime or none")
        }
        isRuntime = value == "none"
      case "services":
        guard value == "all" || value == "none" else {
          throw GenerationError(option: key, "has the value \(value); write all or none")
        }
        hasServices = value == "all"
      case "module_mapping":
        guard parts.count == 3 || parts.count == 4 else {
          throw GenerationError(option: key, "is malformed; write module_mapping=file.proto=Module")
        }
        guard parts.count == 3 || Naming.isPrefix(parts[3]) else {
          throw Self.wrongPrefix(key, parts[3])
        }
        modules[value] = Module(name: parts[2], prefix: parts.count == 4 ? parts[3] : "")
      default:
        throw GenerationError(
          option: key,
          "does not exist; there are visibility, prefix, module, module_mapping, file_naming, "
            + "services, imports")
      }
    }
  }

  private static func wrongPrefix(_ key: String, _ prefix: String) -> GenerationError {
    GenerationError(
      option: key,
      "has the prefix \(prefix), with which no Swift name can begin; use letters, digits and "
        + "underscores, and no digit at the start")
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ value: String
  ) throws(GenerationError) -> Choice where Choice.RawValue == String {
    if let choice = Choice(rawValue: value) { return choice }
    let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw GenerationError(option: key, "has the value \(value); write one of \(choices)")
  }
}
