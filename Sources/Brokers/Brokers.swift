// Brokers
