import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct DecodingTests {
  private func cell(_ expression: String, _ format: Format, on connection: Connection) async throws -> Cell {
    try await connection.query("SELECT \(expression)", format: format).only()[0]
  }

  @Test(arguments: [Format.text, .binary])
  func integersOfEachWidth(_ format: Format) async throws {
    try await withConnection { connection in
      for (sql, expected) in [
        ("'-32768'::int2", Int64(Int16.min)), ("2147483647::int4", Int64(Int32.max)),
        ("'-9223372036854775808'::int8", .min), ("9223372036854775807", .max), ("0::oid", 0), ("'42'::xid8", 42),
        ("4294967295::oid", 4_294_967_295), ("17::numeric", 17),
      ] {
        #expect(try await cell(sql, format, on: connection).int64 == expected, "\(sql)")
      }
      let large = try await cell("2147483648", format, on: connection)
      #expect(throws: PostgresError.self) { try large.int32 }
      #expect(try large.int == 2_147_483_648)
    }
  }

  @Test(arguments: [Format.text, .binary])
  func floatingPointNumbersAreExact(_ format: Format) async throws {
    try await withConnection { connection in
      for value in [0.1, -0.0, 1e-300, .infinity, -.infinity, .pi, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
        let row = try await connection.query("SELECT $1::float8", [.float8(value)], format: format).only()
        #expect(try row[0].double.bitPattern == value.bitPattern)
      }
      #expect(try await cell("'NaN'::float8", format, on: connection).double.isNaN)
      #expect(try await cell("1.5::float4", format, on: connection).double == 1.5)
      #expect(try await cell("1.25::numeric", format, on: connection).double == 1.25)
      #expect(try await cell("7", format, on: connection).double == 7)
    }
  }

  @Test(arguments: [
    "0", "0.00", "1", "-1", "10000", "9999", "0.0001", "0.00010000", "123456789.987654321", "-0.5", "1e30", "1e-30",
    "100000000000000000000", "12345.6700", "NaN", "Infinity", "-Infinity", "99999999999999999999.99999999",
  ])
  func binaryNumericReadsAsTheServerWritesIt(_ number: String) async throws {
    try await withConnection { connection in
      let text = try await cell("'\(number)'::numeric", .text, on: connection).string
      #expect(try await cell("'\(number)'::numeric", .binary, on: connection).string == text)
    }
  }

  @Test(arguments: [
    ("0", 0), ("1", 100_000_000), ("-1", -100_000_000), ("0.00000001", 1), ("-0.00000001", -1), ("0.1", 10_000_000),
    ("12345.67891234", 1_234_567_891_234), ("10000", 1_000_000_000_000), ("0.0001", 10_000), ("0.00001", 1_000),
    ("1.500000000000", 150_000_000), ("92233720368.54775807", Int64.max), ("-92233720368.54775808", Int64.min),
    ("92233720368.54775808", nil), ("-92233720368.54775809", nil), ("0.000000001", nil), ("1e-12", nil), ("1e30", nil),
    ("1e300", nil), ("NaN", nil), ("Infinity", nil), ("100000000", 10_000_000_000_000_000),
  ])
  func decimalNumbersAreReadExactlyOrNotAtAll(_ number: String, _ units: Int64?) async throws {
    try await withConnection { connection in
      for format in [Format.text, .binary] {
        let cell = try await cell("'\(number)'::numeric", format, on: connection)
        if let units {
          #expect(try cell.numericE8 == units)
          let row = try await connection.query(
            "SELECT $1 = $3::numeric, $2 = ARRAY[$3::numeric, NULL]",
            [.numericE8(units), .numericE8s([units, nil]), .numeric(number)])
          #expect(try row[0][0].bool && row[0][1].bool)
        } else {
          #expect(throws: PostgresError.self) { try cell.numericE8 }
        }
      }
    }
  }

  @Test func integersReadAsDecimalNumbers() async throws {
    try await withConnection { connection in
      for format in [Format.text, .binary] {
        let row = try await connection.query("SELECT 5::int2, -5::int8, 9223372036854775807, 'x'", format: format)
          .only()
        #expect(try row[0].numericE8 == 500_000_000)
        #expect(try row[1].numericE8 == -500_000_000)
        #expect(throws: PostgresError.self) { try row[2].numericE8 }
        #expect(throws: PostgresError.self) { try row[3].numericE8 }
      }
    }
  }

  @Test(arguments: [
    "2000-01-01 00:00:00+00", "1970-01-01 00:00:00+00", "2013-10-07 14:30:00.123456+00", "1999-12-31 23:59:59.9+00",
    "2024-02-29 12:00:00+05:30", "1883-11-18 12:00:00-04:56:02", "0001-01-01 00:00:00+00",
    "0044-03-15 10:00:00+00 BC", "4713-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "infinity",
    "-infinity",
  ])
  func timestampsReadTheSameInBothFormats(_ time: String) async throws {
    try await withConnection { connection in
      for zone in ["UTC", "America/New_York", "Asia/Kolkata", "Europe/Amsterdam"] {
        try await connection.query("SET TimeZone = '\(zone)'")
        let text = try await cell("'\(time)'::timestamptz", .text, on: connection).timestamp
        let binary = try await cell("'\(time)'::timestamptz", .binary, on: connection).timestamp
        #expect(text == binary, "\(zone)")
      }
      let plain = try await cell("timestamp '2000-01-02'", .text, on: connection).timestamp
      #expect(plain == 86_400_000_000)
      for format in [Format.text, .binary] {
        #expect(try await cell("date '1999-12-31'", format, on: connection).timestamp == -86_400_000_000)
        #expect(try await cell("date 'infinity'", format, on: connection).timestamp == .max)
      }
    }
  }

  @Test func aTimestampInAnotherDateStyleIsAnErrorAndNotAGuess() async throws {
    try await withConnection { connection in
      try await connection.query("SET DateStyle = 'SQL, DMY'")
      let german = try await cell("timestamptz '2013-10-07'", .text, on: connection)
      #expect(throws: PostgresError.self) { try german.timestamp }
    }
  }

  @Test(arguments: [Format.text, .binary])
  func textualTypesReadAsText(_ format: Format) async throws {
    try await withConnection { connection in
      try await connection.script(
        "CREATE TYPE side AS ENUM ('buy', 'sell'); CREATE DOMAIN symbol AS text CHECK (VALUE <> '')")
      for (sql, expected) in [
        ("'Grüße'", "Grüße"), ("'buy'::side", "buy"), ("'IBM'::symbol", "IBM"), ("'{\"a\": 1}'::json", "{\"a\": 1}"),
        ("'{\"a\": 1}'::jsonb", "{\"a\": 1}"), ("'n'::name", "n"), ("'v'::varchar(3)", "v"), ("'p'::char(3)", "p  "),
        ("'12345678-9abc-def0-1234-56789abcdef0'::uuid", "12345678-9abc-def0-1234-56789abcdef0"), ("true", "t"),
        ("''", ""), ("-5::int2", "-5"),
      ] {
        #expect(try await cell(sql, format, on: connection).string == expected, "\(sql)")
      }
    }
  }

  @Test(arguments: [Format.text, .binary])
  func byteaGivesItsContents(_ format: Format) async throws {
    try await withConnection { connection in
      let bytes = (0...255).map { UInt8($0) }
      let row = try await connection.query("SELECT $1::bytea", [.bytea(bytes)], format: format).only()
      #expect(try row[0].bytes == bytes)
    }
  }

  @Test func nullAndWrongTypesAreClearErrors() async throws {
    try await withConnection { connection in
      let row = try await connection.query("SELECT NULL::int AS gone, 'abc' AS word, 1.5 AS part, 't' AS b").only()
      let null = try await postgresError { _ = try row["gone"].int }
      #expect(null.code == .unexpectedNull)
      #expect(null.message.contains("\"gone\""))
      #expect(try row["gone"].ifPresent?.int == nil)
      let word = try await postgresError { _ = try row["word"].int }
      #expect(word.code == .typeMismatch)
      #expect(!word.description.contains("abc"))
      #expect(throws: PostgresError.self) { try row["part"].int }
      let missing = try await postgresError { _ = try row["nowhere"].int }
      #expect(missing.code == .noSuchColumn)
      let beyond = try await postgresError { _ = try row[4].int }
      #expect(beyond.code == .noSuchColumn)
      #expect(throws: PostgresError.self) { try row[-1] }
      let binary = try await cell("now()", .binary, on: connection)
      #expect(throws: PostgresError.self) { try binary.int }
      #expect(throws: PostgresError.self) { try binary.bool }
    }
  }

  @Test(arguments: ["9223372036854775808", "-9223372036854775809", "", "-", "+", "1x", " 1", "1.0"])
  func textThatIsNoIntegerIsRefused(_ text: String) async throws {
    try await withConnection { connection in
      let row = try await connection.query("SELECT $1::text", [.text(text)]).only()
      #expect(throws: PostgresError.self) { try row[0].int64 }
    }
  }

  @Test func bytesAreReadWithoutACopy() async throws {
    try await withConnection { connection in
      let row = try await connection.query("SELECT 'abc', NULL").only()
      #expect(try row[0].withUnsafeBytes { $0.map { Array($0) } } == Array("abc".utf8))
      #expect(try row[1].withUnsafeBytes { $0 == nil })
    }
  }

  @Test func rowsOutliveTheirConnection() async throws {
    let rows = try await withConnection { try await $0.query("SELECT 'kept' FROM generate_series(1, 100)") }
    #expect(try rows[99][0].string == "kept")
  }
}
