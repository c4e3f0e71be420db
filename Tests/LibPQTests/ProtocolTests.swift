import TestSupport
import Testing

@testable import LibPQ

/// A connection made of a script: what each call finds, without any I/O.
private final class ScriptedWire: Wire {
  enum Arrival {
    case answer(String)
    case end, notification
  }

  /// Bytes the socket takes before it would block, at each flush.
  var room: [Int] = []
  /// What each read brings.
  var reads: [[Arrival]] = []
  private(set) var outgoing = 0
  private(set) var sent = 0
  private(set) var readCount = 0
  private(set) var notifications = 0
  private var arrived: [Arrival] = []
  private var pendingNotifications = 0
  var isAlive = true

  func queue(_ bytes: Int) { outgoing += bytes }

  func flush() throws -> Bool {
    let space = room.isEmpty ? Int.max : room.removeFirst()
    let count = min(space, outgoing)
    outgoing -= count
    sent += count
    return outgoing == 0
  }

  func consumeInput() throws {
    readCount += 1
    if !reads.isEmpty { arrived += reads.removeFirst() }
  }

  var isBusy: Bool {
    while case .notification? = arrived.first {
      arrived.removeFirst()
      pendingNotifications += 1
    }
    return arrived.isEmpty
  }

  func nextAnswer() -> String? {
    guard !arrived.isEmpty, case .answer(let text) = arrived.removeFirst() else { return nil }
    return text
  }

  func collectNotifications() {
    _ = isBusy
    notifications += pendingNotifications
    pendingNotifications = 0
  }
}

struct ProtocolTests {
  private func interest<T>(_ step: Step<T>) -> Interest? {
    if case .wait(let interest) = step { interest } else { nil }
  }

  @Test func sendingWaitsForReadOrWriteUntilAllHasLeft() throws {
    let wire = ScriptedWire()
    wire.queue(100)
    wire.room = [40, 0, 40, 20]
    var exchange = SendExchange<ScriptedWire>()
    #expect(interest(try exchange.advance(wire, ready: [])) == [.read, .write])
    #expect(interest(try exchange.advance(wire, ready: .write)) == [.read, .write])
    #expect(wire.readCount == 0)
    #expect(interest(try exchange.advance(wire, ready: .read)) == [.read, .write])
    #expect(wire.readCount == 1, "a server that writes must be read, or it never reads")
    #expect(interest(try exchange.advance(wire, ready: .write)) == nil)
    #expect(wire.sent == 100)
  }

  @Test func fetchingWaitsForReadWhileTheAnswerIsIncomplete() throws {
    let wire = ScriptedWire()
    wire.reads = [[], [.answer("row"), .end]]
    var first = FetchExchange<ScriptedWire>()
    #expect(interest(try first.advance(wire, ready: [])) == .read)
    #expect(wire.readCount == 0, "nothing is read before the socket is ready")
    #expect(interest(try first.advance(wire, ready: .read)) == .read)
    guard case .done(let answer) = try first.advance(wire, ready: .read) else { throw Unexpected() }
    #expect(answer == "row")
    var second = FetchExchange<ScriptedWire>()
    guard case .done(let end) = try second.advance(wire, ready: []) else { throw Unexpected() }
    #expect(end == nil)
    #expect(wire.readCount == 2, "what has arrived is taken without another read")
  }

  @Test func notificationsAreCollectedWithEveryAnswer() throws {
    let wire = ScriptedWire()
    wire.reads = [[.notification, .answer("row"), .notification, .end]]
    for expected in 1...2 {
      var exchange = FetchExchange<ScriptedWire>()
      if expected == 1 { _ = try exchange.advance(wire, ready: []) }
      guard case .done = try exchange.advance(wire, ready: expected == 1 ? .read : []) else { throw Unexpected() }
    }
    #expect(wire.notifications == 2)
  }

  /// Drives a pipeline of `count` commands over a socket that takes `room` bytes at a time and answers each command
  /// once it has been sent completely.
  private func drivePipeline(count: Int, size: Int, room: Int) throws -> (answers: [String], wire: ScriptedWire) {
    let wire = ScriptedWire()
    var queued = 0
    var answers: [String] = []
    var answered = 0
    var exchange = PipelineExchange<ScriptedWire>(
      .init(
        queueNext: { wire in
          guard queued < count else { return nil }
          queued += 1
          wire.queue(size)
          return size
        },
        take: { answer in
          answers.append(answer)
          answered += 1
          return false
        },
        isComplete: { answered == queued }))
    var answeredBySocket = 0
    var ready: Interest = []
    for _ in 0..<100_000 {
      wire.room = [room]
      switch try exchange.advance(wire, ready: ready) {
      case .done: return (answers, wire)
      case .wait(let interest):
        let complete = wire.sent / size
        if complete > answeredBySocket {
          wire.reads = [(answeredBySocket..<complete).flatMap { [.answer("\($0)"), .end] }]
          answeredBySocket = complete
          #expect(interest.contains(.read), "answers are always wanted")
          ready = .read
        } else {
          #expect(interest.contains(.write) || wire.outgoing == 0)
          ready = .write
        }
      }
    }
    throw Unexpected()
  }

  @Test(arguments: [(1, 10, 1_000), (100, 10, 3), (50, 100_000, 4_096), (1_000, 64, 70_000)])
  func aPipelineReadsWhileItWritesAndKeepsTheOrder(_ count: Int, _ size: Int, _ room: Int) throws {
    let (answers, wire) = try drivePipeline(count: count, size: size, room: room)
    expectEqual(answers, (0..<count).map { "\($0)" })
    #expect(wire.sent == count * size)
  }

  @Test func aPipelineQueuesOnlySoMuchBeforeItSends() throws {
    let wire = ScriptedWire()
    var queued = 0
    var exchange = PipelineExchange<ScriptedWire>(
      .init(
        queueNext: { wire in
          queued += 1
          wire.queue(1_000)
          return 1_000
        }, take: { _ in false }, isComplete: { false }))
    wire.room = [0]
    #expect(interest(try exchange.advance(wire, ready: [])) == [.read, .write])
    #expect(queued == 17, "libpq's buffer stays small however long the pipeline is")
  }

  @Test func aPipelineEndsWhenTheConnectionIsLost() throws {
    let wire = ScriptedWire()
    var answers: [String] = []
    var exchange = PipelineExchange<ScriptedWire>(
      .init(
        queueNext: { wire in
          wire.queue(1)
          return 1
        },
        take: {
          answers.append($0)
          return false
        }, isComplete: { false }))
    wire.room = [0]
    #expect(interest(try exchange.advance(wire, ready: [])) == [.read, .write])
    wire.reads = [[.answer("farewell"), .end]]
    wire.isAlive = false
    guard case .done = try exchange.advance(wire, ready: .read) else { throw Unexpected() }
    #expect(answers == ["farewell"], "what the server said last is taken")
  }

  private struct ConnectScript: ConnectingWire {
    let polls: [ConnectPoll]
    let position = Position()

    final class Position { var value = 0 }

    func pollConnect() -> ConnectPoll {
      defer { position.value += 1 }
      return polls[position.value]
    }
  }

  @Test func connectingWaitsForWriteFirstAndThenForWhatLibpqSays() {
    let wire = ConnectScript(polls: [.writing, .reading, .reading, .connected])
    var exchange = ConnectExchange()
    var waits: [Interest] = []
    loop: while true {
      switch exchange.advance(wire) {
      case .wait(let interest): waits.append(interest)
      case .done(let isConnected):
        #expect(isConnected)
        break loop
      }
    }
    #expect(waits == [.write, .write, .read, .read])
    var failing = ConnectExchange()
    _ = failing.advance(ConnectScript(polls: []))
    guard case .done(false) = failing.advance(ConnectScript(polls: [.failed])) else {
      Issue.record("a failed attempt must end")
      return
    }
  }

  private struct Unexpected: Error {}
}
