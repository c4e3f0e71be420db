-- What models outside of the database foresee: numbers that rules read by prediction('name', 1h).
CREATE TABLE research.models (
  model_id    int         GENERATED ALWAYS AS IDENTITY CONSTRAINT models_pkey PRIMARY KEY,
  owner       text        DEFAULT ops.actor()
              CONSTRAINT models_owner_check CHECK (length(owner) BETWEEN 1 AND 256),
  name        text        NOT NULL
              CONSTRAINT models_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  description text,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT models_owner_name_key UNIQUE NULLS NOT DISTINCT (owner, name)
);
COMMENT ON TABLE  research.models IS 'Models whose predictions are recorded. Where and how they compute is theirs.';
COMMENT ON COLUMN research.models.model_id IS 'Identifier.';
COMMENT ON COLUMN research.models.owner IS
  'Whose it is; NULL: the house''s, whose predictions the rules of everybody may read. What administrators and runners '
  'record is the house''s.';
COMMENT ON COLUMN research.models.name IS
  'Name that rules and calls use, unique among the owner''s. For an agent the models of its portfolio''s owner count '
  'before the house''s.';
COMMENT ON COLUMN research.models.description IS 'Free text; NULL when there is none.';
COMMENT ON COLUMN research.models.created_at IS 'Clock time.';

CREATE TABLE research.predictions (
  model_id      int         NOT NULL CONSTRAINT predictions_model_id_fkey REFERENCES research.models,
  instrument_id int         NOT NULL CONSTRAINT predictions_instrument_id_fkey REFERENCES market.instruments,
  at            timestamptz NOT NULL CONSTRAINT predictions_at_check CHECK (isfinite(at)),
  value         float8      NOT NULL
                CONSTRAINT predictions_value_check CHECK (value > '-Infinity' AND value < 'Infinity'),
  confidence    float8      CONSTRAINT predictions_confidence_check CHECK (confidence BETWEEN 0 AND 1),
  actor         text        NOT NULL DEFAULT ops.actor(),
  recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT predictions_pkey PRIMARY KEY (model_id, instrument_id, at)
);
COMMENT ON TABLE  research.predictions IS
  'What a model said of an instrument at a time, append-only: a rule sees the latest one of its time and before.';
COMMENT ON COLUMN research.predictions.model_id IS 'The model.';
COMMENT ON COLUMN research.predictions.instrument_id IS 'The instrument.';
COMMENT ON COLUMN research.predictions.at IS 'Event time from which on it is known.';
COMMENT ON COLUMN research.predictions.value IS 'The number, in the model''s own unit.';
COMMENT ON COLUMN research.predictions.confidence IS 'How sure the model is, 0 to 1; NULL when it does not say.';
COMMENT ON COLUMN research.predictions.actor IS 'Database role that recorded it.';
COMMENT ON COLUMN research.predictions.recorded_at IS 'Clock time.';
