-- One row, its own commit.
\set k :k + 1
INSERT INTO bare_row (id, at) VALUES (:k, now());
