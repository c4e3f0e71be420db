// EngineStore
