import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// What the system says of this process, under the names that Prometheus' own clients use. Nothing where there is no /proc.
package enum ProcessFigures {
  package static func write(to text: inout ExpositionText) {
    #if canImport(Glibc)
      guard let stat = contents("/proc/self/stat"), let name = stat.lastIndex(of: ")") else { return }
      // The process's name may contain anything; the fields behind it begin with the third.
      let fields = stat[name...].split(separator: " ").dropFirst().map { Double($0) ?? 0 }
      guard fields.count > 21 else { return }
      let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
      text.single(
        "process_cpu_seconds_total", .counter, help: "Processor time of this process.",
        (fields[11] + fields[12]) / ticks)
      text.single(
        "process_resident_memory_bytes", .gauge, help: "Memory that this process occupies.",
        fields[21] * Double(sysconf(Int32(_SC_PAGESIZE))))
      text.single("process_virtual_memory_bytes", .gauge, help: "Addresses that this process has.", fields[20])
      text.single("process_threads", .gauge, help: "Threads of this process.", fields[17])
      if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
        text.single("process_open_fds", .gauge, help: "Files and sockets that this process has open.", Double(files))
      }
      if let boot = contents("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
        let seconds = Double(boot.dropFirst(6))
      {
        text.single(
          "process_start_time_seconds", .gauge, help: "When this process began, in seconds since 1970.",
          seconds + fields[19] / ticks)
      }
    #endif
  }

  private static func contents(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
