import FoundationEssentials
import TestSupport
import Testing

@testable import Cluster
@testable import bourse

/// What `bourse doctor --security` reads from the disk, and what `bourse up --listen` is asked for.
struct SecurityFilesTests {
  /// A tree like that of /sys: a volume on a device of dm-crypt, and one on a plain disk.
  @Test func anEncryptedVolumeIsTold() throws {
    let folder = try TemporaryFolder()
    try folder.file("LVM-abc\n", "253:1/dm/uuid")
    try folder.file("CRYPT-LUKS2-0123-data\n", "253:1/slaves/dm-0/dm/uuid")
    try folder.file("8", "253:1/slaves/dm-0/slaves/sda2/size")
    try folder.file("LVM-def\n", "253:2/dm/uuid")
    try folder.file("8", "253:2/slaves/sdb1/size")
    #expect(SecurityFiles.encryption(ofBlock: "\(folder.path)/253:1") == .encrypted("dm-0"))
    #expect(SecurityFiles.encryption(ofBlock: "\(folder.path)/253:2") == .plain("sdb1"))
    #expect(SecurityFiles.encryption(ofBlock: "\(folder.path)/0:45") == .unknown)
    #expect(SecurityFiles.encryption(of: "\(folder.path)/nowhere") == .unknown)
  }

  @Test func foldersOfAnArchiveAreFound() {
    #expect(SecurityFiles.folders(in: "test ! -f /backup/wal/%f && cp %p /backup/wal/%f") == ["/backup/wal"])
    #expect(SecurityFiles.folders(in: "cp \"%p\" '/a/b/%f'") == ["/a/b"])
    #expect(SecurityFiles.folders(in: "wal-g wal-push %p").isEmpty)
  }

  @Test func modesOfFoldersAreRead() throws {
    let folder = try TemporaryFolder()
    #expect(SecurityFiles.mode(folder.path) == 0o755)
    #expect(SecurityFiles.mode("\(folder.path)/nowhere") == nil)
  }

  @Test(arguments: [
    (["a b"], 5432, []), (["'; x"], 5432, []), ([], 5432, []), (["::/0"], 5432, []), (["*"], 0, []),
    (["*"], 65_536, []),
    (["*"], 5432, ["10.0.0.0"]), (["*"], 5432, ["all"]), (["*"], 5432, ["10.0.0.0/8\ntrust"]),
  ])
  func whatCannotBeListenedToIsRefused(_ addresses: [String], _ port: Int, _ clients: [String]) {
    #expect(throws: ClusterError.self) { try Listening(addresses: addresses, port: port, clients: clients) }
  }

  @Test func onlyTLSAndScramAreOffered() throws {
    let listening = try Listening(addresses: ["10.1.2.3"], port: 6000, clients: ["10.1.0.0/16"])
    let rules = listening.access.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
    #expect(
      rules.map { $0.joined(separator: " ") } == [
        "local all all trust", "host all bourse all reject", "hostssl all all 10.1.0.0/16 scram-sha-256",
        "host all all all reject",
      ])
    let settings = listening.settings(in: "/home/o'brien")
    #expect(settings.contains("listen_addresses = '10.1.2.3'") && settings.contains("ssl = on"))
    #expect(settings.contains("hba_file = '/home/o''brien/access.conf'"))
  }
}
