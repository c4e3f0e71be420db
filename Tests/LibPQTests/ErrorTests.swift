import Testing

@testable import LibPQ

struct ErrorTests {
  @Test func sqlStatesKeepTheirText() {
    for text in ["23505", "0A000", "TR401", "XX000", ""] { #expect(SQLState(rawValue: text).rawValue == text) }
    #expect(SQLState(rawValue: "234567") == "23456")
  }

  @Test(arguments: [
    ("TR", "TR401", true), ("TR4", "TR401", true), ("TR40", "TR401", true), ("TR401", "TR401", true),
    ("TR", "TQ401", false), ("TR5", "TR401", false), ("TR401", "TR402", false), ("", "TR401", false),
    ("23", "23505", true), ("2", "23505", true), ("00", "00000", true), ("00", "01000", false), ("", "", true),
    ("TR", "", false), ("40001", "40", false),
  ])
  func aClassMatchesTheStatesThatBeginWithIt(_ prefix: String, _ state: String, _ expected: Bool) {
    #expect((SQLState.class(prefix) ~= SQLState(rawValue: state)) == expected)
  }

  @Test func statesAndClassesWorkInASwitch() {
    func kind(_ state: SQLState) -> String {
      switch state {
      case .uniqueViolation: "unique"
      case .class("23"): "integrity"
      case .class("TR3"): "risk"
      case .none: "none"
      default: "other"
      }
    }
    #expect(
      ["23505", "23503", "TR301", "", "TR401"].map { kind(SQLState(rawValue: $0)) } == [
        "unique", "integrity", "risk", "none", "other",
      ])
  }

  @Test func descriptionsMaskWhatMayBeData() {
    let error = PostgresError(
      .server, "invalid input syntax for type integer: \"4711\"", sqlState: "22P02",
      server: ServerFields(severity: "ERROR", detail: "Key (a)=(secret)", hint: "try", constraint: "c_key"))
    #expect(
      error.at(file: "F.swift", line: 3).description
        == "server 22P02: invalid input syntax for type integer: \"…\" [constraint c_key] (F.swift:3)")
    #expect(error.fullDescription.contains("DETAIL: Key (a)=(secret)"))
    #expect(PostgresError(.server, "relation \"t\" does not exist", sqlState: "42P01").description.contains("\"t\""))
  }

  @Test func aCutQuoteIsMaskedToItsEnd() {
    #expect(maskingQuotes("a \"b\" c \"d") == "a \"…\" c \"…")
    #expect(maskingQuotes("\"\"") == "\"…\"")
    #expect(maskingQuotes("plain") == "plain")
  }

  @Test func theFirstCallSiteIsKept() {
    let error = PostgresError(.closed, "x").at(file: "A.swift", line: 1).at(file: "B.swift", line: 2)
    #expect(error.callSite?.description == "A.swift:1")
  }

  @Test func theStateOfAConnectionErrorIsFoundInVerboseMessages() {
    func parse(_ text: String) -> PostgresError { Session.connectionError(text, needsPassword: false) }
    let starting = parse(
      "connection to server on socket \"/x\" failed: FATAL:  57P03: the database system is starting up\n"
        + "LOCATION:  ProcessStartupPacket, postmaster.c:2388")
    #expect(starting.sqlState == .cannotConnectNow)
    #expect(
      starting.message
        == "connection to server on socket \"/x\" failed: FATAL:  the database system is starting up")
    #expect(starting.mayPassByWaiting)
    #expect(parse("… FATAL:  53300: sorry, too many clients already").mayPassByWaiting)
    #expect(!parse("… FATAL:  28P01: password authentication failed for user \"u\"").mayPassByWaiting)
    #expect(!parse("… FATAL:  3D000: database \"d\" does not exist").mayPassByWaiting)
    let refused = parse("connection to server on socket \"/x\" failed: No such file or directory\n\tIs it running?")
    #expect(refused.sqlState == .none)
    #expect(refused.mayPassByWaiting)
    let twoHosts = parse("a failed: FATAL:  57P03: starting\nb failed: FATAL:  28000: no entry")
    #expect(twoHosts.sqlState == .invalidAuthorizationSpecification)
    #expect(parse("FATAL:  not a state").sqlState == .none)
    #expect(!Session.connectionError("x", needsPassword: true).mayPassByWaiting)
  }

  @Test(arguments: [
    "host=h password=topsecret dbname=d user=u", "postgresql://u:topsecret@h/d", "host=h password='topsecret' broken",
    "postgresql://u:topsecret@[::1/d", "password=topsecret topsecret",
  ])
  func passwordsNeverShow(_ conninfo: String) {
    var options = ConnectionOptions(conninfo, applicationName: "a")
    options.keywords["password"] = "topsecret"
    var shown = "\(options)" + String(reflecting: options)
    dump(options, to: &shown)
    do {
      _ = try options.resolvedKeywords()
    } catch {
      shown += "\(error)" + ((error as? PostgresError)?.fullDescription ?? "")
    }
    #expect(!shown.contains("topsecret"))
  }

  @Test func keywordsWinOverTheConnectionString() throws {
    let options = ConnectionOptions("host=a dbname=d", keywords: ["host": "b"], applicationName: "app").database(
      "e=f g")
    let resolved = Dictionary(try options.resolvedKeywords(), uniquingKeysWith: { $1 })
    #expect(resolved == ["host": "b", "dbname": "e=f g", "application_name": "app", "client_encoding": "UTF8"])
    #expect(throws: PostgresError.self) { try ConnectionOptions("", keywords: ["user": "a\0b"]).resolvedKeywords() }
  }

  @Test func theTimeToConnectIsThatOfTheKeywordUnlessSet() {
    var options = ConnectionOptions()
    #expect(options.timeout([]) == .seconds(10))
    #expect(options.timeout([("connect_timeout", "3")]) == .seconds(3))
    #expect(options.timeout([("connect_timeout", "0")]) > .seconds(1_000_000))
    options.connectTimeout = .milliseconds(5)
    #expect(options.timeout([("connect_timeout", "3")]) == .milliseconds(5))
  }

  @Test func pausesDoubleUpToTheirBoundWithJitter() {
    let policy = RetryPolicy(firstDelay: .milliseconds(100), maximumDelay: .seconds(1))
    #expect(
      (1...6).map { policy.delayBound(afterAttempt: $0) } == [
        .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1), .seconds(1),
      ])
    #expect(policy.delayBound(afterAttempt: 1_000_000) == .seconds(1))
    for _ in 0..<100 {
      #expect((Duration.milliseconds(50)...Duration.milliseconds(100)).contains(policy.delay(afterAttempt: 1)))
    }
  }

  @Test(arguments: [
    ("a", "\"a\"", "'a'"), ("", "\"\"", "''"), ("a\"b'c", "\"a\"\"b'c\"", "'a\"b''c'"),
    ("\\'", "\"\\'\"", " E'\\\\'''"),
  ])
  func quotingDoublesQuotes(_ text: String, _ identifier: String, _ literal: String) {
    #expect(quotedIdentifier(text) == identifier)
    #expect(quotedLiteral(text) == literal)
  }

  @Test func aClosedGateTurnsEverybodyAway() async {
    let gate = Gate(onContention: {})
    #expect(gate.tryEnter() == .entered)
    #expect(gate.tryEnter() == nil)
    async let waiting = gate.enter()
    while !gate.hasWaiters { await Task.yield() }
    gate.close()
    #expect(await waiting == .closed)
    #expect(await gate.enter() == .closed)
  }

  @Test func aCancelledWaiterLeavesTheGateToTheNext() async {
    let gate = Gate(onContention: {})
    _ = gate.tryEnter()
    let first = Task { await gate.enter() }
    while !gate.hasWaiters { await Task.yield() }
    let second = Task { await gate.enter() }
    first.cancel()
    #expect(await first.value == .cancelled)
    gate.leave()
    #expect(await second.value == .entered)
    let deaf = Task { await gate.enter(cancellable: false) }
    while !gate.hasWaiters { await Task.yield() }
    deaf.cancel()
    gate.leave()
    #expect(await deaf.value == .entered)
  }
}
