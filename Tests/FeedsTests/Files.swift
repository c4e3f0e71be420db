import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder of one test's own.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    var template = Array("/tmp/feeds-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(folder)
    }
    rmdir(path)
  }

  /// Writes a file and returns its path.
  func file(_ text: String, _ name: String = "ticks.csv") throws -> String { try file(Array(text.utf8), name) }

  func file(_ bytes: [UInt8], _ name: String = "ticks.csv") throws -> String {
    let file = try #require(fopen("\(path)/\(name)", "wb"))
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    fclose(file)
    return "\(path)/\(name)"
  }
}

/// Real files that may be used in tests but not shipped.
enum RealFile: String, CaseIterable {
  case ticksOfMonday = "us_equity_ticks_2013-10-07.csv.gz"
  case ticksOfTuesday = "us_equity_ticks_2013-10-08.csv.gz"
  case minuteBars = "nse_yesbank_1m_2019-07-09_11.csv.gz"
  case dayBars = "us_daily_2000_2013.csv.gz"

  static let folder = checkout + "/../shared/data"
  static let reason: Comment = "the files of ../shared/data are not there"
  static let areThere = allCases.allSatisfy { access($0.path, R_OK) == 0 }

  var path: String { "\(Self.folder)/\(rawValue)" }
}

/// The checkout: this file lies in Tests/FeedsTests.
let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

func fixture(_ name: String) -> String { "\(checkout)/fixtures/\(name)" }

func contents(_ path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "rb"))
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
  return bytes
}
