-- Functions call each other across files, whatever the order: bodies are checked by plpgsql_check in the tests, not
-- while installing.
SET LOCAL check_function_bodies = off;
