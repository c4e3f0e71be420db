// Where orders go. The paper broker's matching is PaperBook in TradingCore.
