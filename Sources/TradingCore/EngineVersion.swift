/// The version of Bourse, as the program says it and results keep it.
public let engineVersion = "0.1.0"
