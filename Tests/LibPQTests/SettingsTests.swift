import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct SettingsTests {
  /// What the settings of a database would make of values and statements.
  private static let hostile = [
    "datestyle = 'German, DMY'", "intervalstyle = 'sql_standard'", "timezone = 'Asia/Kolkata'",
    "extra_float_digits = -15", "bytea_output = 'escape'", "standard_conforming_strings = off", "array_nulls = off",
    "transform_null_equals = on", "quote_all_identifiers = on", "search_path = 'pg_temp'",
    "default_transaction_isolation = 'serializable'", "client_min_messages = 'error'", "client_encoding = 'LATIN1'",
  ]

  @Test(arguments: ["correct horse", "pässword ﬁ"])
  func aVerifierTakesThePlaceOfAPassword(password: String) async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let role = "verifier_\(UInt32.random(in: 0 ... .max))"
      let verifier = try await connection.scramVerifier(of: password, for: role)
      #expect(try await connection.scramVerifier(of: password, for: role) != verifier)
      try await connection.script("CREATE ROLE \(role) LOGIN PASSWORD '\(verifier)'")
      let kept = try await connection.query("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [.text(role)])
      #expect(try kept.only()[0].string == verifier)
      try await connection.script("DROP ROLE \(role)")
      await connection.close()
    }
  }

  @Test func settingsOfADatabaseChangeNothing() async throws {
    try await TestDatabase.with { database in
      let admin = try await database.connect()
      let name = try await admin.query("SELECT current_database()").only()[0].string
      for setting in Self.hostile { try await admin.script("ALTER DATABASE \"\(name)\" SET \(setting)") }
      await admin.close()
      let connection = try await database.connect()
      let row = try await connection.query(
        """
        SELECT timestamptz '2024-02-01 10:00Z', interval '1 day 2 hours'::text, 0.1::float8 + 0.2::float8, '\\x61'::bytea::text,
               'a\\b', ('{NULL,1}'::int[])[1] IS NULL, (date '2024-02-01')::text, current_setting('transaction_isolation'), 'ä'
        """
      ).only()
      #expect(try row[0].timestamp == 760_096_800_000_000)
      #expect(try row[1].string == "1 day 02:00:00")
      #expect(try row[2].double == 0.1 + 0.2)
      #expect(try row[3].string == "\\x61")
      #expect(try row[4].string == "a\\b")
      #expect(try row[5].bool)
      #expect(try row[6].string == "2024-02-01")
      #expect(try row[7].string == "read committed")
      #expect(try row[8].string == "ä")
      await connection.close()
    }
  }

  @Test func whoConnectsMayChooseSettingsOfTheirOwn() async throws {
    try await TestDatabase.with { database in
      var options = database.options
      options.settings["TimeZone"] = "Asia/Kolkata"
      let connection = try await Connection.connect(options)
      #expect(try await connection.query("SHOW timezone").only()[0].string == "Asia/Kolkata")
      await connection.close()
      options.settings = ["no_such_setting": "x"]
      let refused = options
      await #expect(throws: PostgresError.self) { _ = try await Connection.connect(refused) }
    }
  }
}
