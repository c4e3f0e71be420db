-- An exit that waits for its entry, and an order that waits for approval, may be given other terms meanwhile.
INSERT INTO trading.order_transitions (from_status, to_status) VALUES ('held', 'replaced'), ('pending_approval', 'replaced');
