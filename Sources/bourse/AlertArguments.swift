import Alerts
import ArgumentParser
import FoundationEssentials
import LibPQ
import Logging
import Runner
import Secrets

/// How the service tells people.
struct AlertArguments: ParsableArguments {
  @Flag(help: "Evaluate no rules of alerts, and deliver nothing: another program does.")
  var noAlerts = false

  @Option(
    help: ArgumentHelp(
      "Server that takes letters; $BOURSE_MAIL_USER and $BOURSE_MAIL_PASSWORD log in to it.",
      valueName: "smtps://host|smtp://host"))
  var mail: String?

  @Option(help: ArgumentHelp("Address that letters come from.", valueName: "address"))
  var mailFrom: String?

  @OptionGroup var key: KeyOptions

  func validate() throws { _ = try server() }

  private func server() throws -> MailServer? {
    guard (mail == nil) == (mailFrom == nil) else { throw ValidationError("--mail and --mail-from go together") }
    guard let mail, let mailFrom else { return nil }
    let environment = ProcessInfo.processInfo.environment
    do {
      return try MailServer(
        url: mail, from: mailFrom, user: environment["BOURSE_MAIL_USER"],
        password: environment["BOURSE_MAIL_PASSWORD"].map { Secret($0.utf8) })
    } catch let error as DeliveryError {
      throw ValidationError(error.description)
    }
  }

  func service(_ database: String, _ logger: Logger) throws -> AlertService? {
    if noAlerts { return nil }
    let key = key
    return AlertService(
      database: ConnectionOptions(database, applicationName: "bourse alerts"), key: { try key.key() },
      mail: try server(), logger: logger)
  }
}
