import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct ValueTests {
  /// Each value with the server's own text for it.
  static let values: [(Value, type: String, text: String?)] = [
    (.null, "text", nil),
    (.null(.int8), "int8", nil),
    (.int4(nil), "int4", nil),
    (.bool(true), "bool", "true"),
    (.bool(false), "bool", "false"),
    (.int2(.min), "int2", "-32768"),
    (.int2(.max), "int2", "32767"),
    (.int4(.min), "int4", "-2147483648"),
    (.int4(.max), "int4", "2147483647"),
    (.int8(.min), "int8", "-9223372036854775808"),
    (.int8(.max), "int8", "9223372036854775807"),
    (.int(-1), "int8", "-1"),
    (.float8(0.1), "float8", "0.1"),
    (.float8(-0.0), "float8", "-0"),
    (.float8(.nan), "float8", "NaN"),
    (.float8(-.infinity), "float8", "-Infinity"),
    (.float8(.greatestFiniteMagnitude), "float8", "1.7976931348623157e+308"),
    (.float8(.leastNonzeroMagnitude), "float8", "5e-324"),
    (.text(""), "text", ""),
    (.text("Grüße 🚀 \u{1}\\'\""), "text", "Grüße 🚀 \u{1}\\'\""),
    (.text("x").typed(.text), "text", "x"),
    (.text("2013-10-07"), "date", "2013-10-07"),
    (.bytea([]), "bytea", "\\x"),
    (.bytea([0, 255, 92]), "bytea", "\\x00ff5c"),
    (.timestamptz(0), "timestamptz", "2000-01-01 00:00:00+00"),
    (.timestamptz(-1), "timestamptz", "1999-12-31 23:59:59.999999+00"),
    (.timestamptz(.max), "timestamptz", "infinity"),
    (.numeric("-12345678901234567890.00000001"), "numeric", "-12345678901234567890.00000001"),
    (.numeric("NaN"), "numeric", "NaN"),
    (.jsonb("{\"a\": [1, null]}"), "jsonb", "{\"a\": [1, null]}"),
    (.bools([true, nil, false]), "bool[]", "{t,NULL,f}"),
    (.int4s([]), "int4[]", "{}"),
    (.int4s([1, nil, .min]), "int4[]", "{1,NULL,-2147483648}"),
    (.int8s([.max, nil]), "int8[]", "{9223372036854775807,NULL}"),
    (.float8s([1.5, nil, .infinity]), "float8[]", "{1.5,NULL,Infinity}"),
    (.texts(["a", nil, "", "NULL", "{,}", "q\"\\"]), "text[]", #"{a,NULL,"","NULL","{,}","q\"\\"}"#),
    (.texts(["2013-10-07", nil]).typed(.inferred), "date[]", "{2013-10-07,NULL}"),
    (.numerics(["1.50", nil, "NaN"]), "numeric[]", "{1.50,NULL,NaN}"),
    (.timestamptzs([0, nil]), "timestamptz[]", "{\"2000-01-01 00:00:00+00\",NULL}"),
    (.binary([0, 0, 0, 9], type: .int4), "int4", "9"),
    (.int4s(nil), "int4[]", nil),
  ]

  @Test func parametersArriveAsTheServerWouldWriteThem() async throws {
    try await withConnection { connection in
      try await connection.query("SET TimeZone = 'UTC'")
      for (value, type, text) in Self.values {
        let queried = try await connection.query("SELECT $1::\(type)::text", [value]).only()
        #expect(try queried[0].ifPresent?.string == text, "query \(type)")
        let executed = try await connection.execute("SELECT $1::\(type)::text", [value]).only()
        #expect(try executed[0].ifPresent?.string == text, "execute \(type)")
        let piped = try await connection.pipeline([Request("SELECT $1::\(type)::text", [value])])
        #expect(try piped[0].get().only()[0].ifPresent?.string == text, "pipeline \(type)")
      }
    }
  }

  @Test func allParametersOfOneStatementArrive() async throws {
    try await withConnection { connection in
      let columns = Self.values.indices.map { "$\($0 + 1)::\(Self.values[$0].type)::text" }
      try await connection.query("SET TimeZone = 'UTC'")
      let sql = "SELECT \(columns.joined(separator: ", "))"
      let row = try await connection.query(sql, Self.values.map(\.0)).only()
      for (index, value) in Self.values.enumerated() { #expect(try row[index].ifPresent?.string == value.text) }
    }
  }

  @Test func literalsBecomeParameters() async throws {
    try await withConnection { connection in
      let row = try await connection.query(
        "SELECT $1::int8, $2::float8, $3::bool, $4::text, $5", [1, 2.5, true, "x", nil]
      )
      .only()
      #expect(try row[0].int == 1)
      #expect(try row[1].double == 2.5)
      #expect(try row[2].bool)
      #expect(try row[3].string == "x")
      #expect(try row[4].isNull)
    }
  }

  @Test(arguments: [Value.text("a\0b"), .texts(["ok", "a\0"]), .numerics(["1\0"]), .numeric("\0"), .jsonb("\0")])
  func aNulByteInTextIsAnErrorBeforeAnythingIsSent(_ value: Value) async throws {
    try await withConnection { connection in
      for run in 0..<3 {
        let error = try await postgresError {
          switch run {
          case 0: try await connection.query("SELECT $1", [value])
          case 1: try await connection.execute("SELECT $1", [value])
          default: _ = try await connection.pipeline([Request("SELECT 1"), Request("SELECT $1", [value])])
          }
        }
        #expect(error.code == .invalidParameter)
        #expect(error.message.contains("$1"))
      }
      await expectUsable(connection)
    }
  }

  @Test func tooManyParametersAreRefused() async throws {
    try await withConnection { connection in
      let values = [Value](repeating: .int4(1), count: 65_536)
      let error = try await postgresError { try await connection.query("SELECT 1", values) }
      #expect(error.code == .invalidParameter)
      let list = (1...65_535).map { "$\($0)" }.joined(separator: "+")
      let fitting = try await connection.query(
        "SELECT cardinality(ARRAY[\(list.split(separator: "+").joined(separator: ","))])", values.dropLast())
      #expect(try fitting.only()[0].int == 65_535)
    }
  }
}
