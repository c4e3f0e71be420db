CREATE TYPE trading.fee_component AS ENUM ('brokerage', 'stt', 'exchange', 'sebi', 'gst', 'stamp_duty', 'sec_fee', 'taf', 'other');
COMMENT ON TYPE trading.fee_component IS 'Part of a fee: brokerage; India: stt (securities transaction tax), exchange (transaction charge), sebi (turnover charge), gst (tax on services), stamp_duty; United States: sec_fee (Section 31), taf (FINRA''s trading activity fee); other. Orders keep fees by place: new words go to the end.';

CREATE TYPE trading.fee_line AS (
  component smallint, side trading.order_side, product trading.product, per_share numeric, per_order numeric, percent numeric, maker_percent numeric,
  minimum numeric, maximum numeric, maximum_percent numeric, decimals smallint, percent_of smallint[]);
COMMENT ON TYPE trading.fee_line IS 'One part of a fee as trading.order_fees reads it: the columns of trading.fee_components, with each component as its place in trading.fee_component.';

-- What exists stays: a row of trading.fee_schedules is the brokerage on any side and product, and a whole schedule for whom that is enough.
ALTER TABLE trading.fee_schedules
  ADD COLUMN maker_percent   numeric(18, 8) CONSTRAINT fee_schedules_maker_percent_check CHECK (maker_percent BETWEEN 0 AND 100),
  ADD COLUMN maximum_percent numeric(18, 8) CONSTRAINT fee_schedules_maximum_percent_check CHECK (maximum_percent BETWEEN 0 AND 100),
  ADD COLUMN decimals        smallint NOT NULL DEFAULT 8 CONSTRAINT fee_schedules_decimals_check CHECK (decimals BETWEEN 0 AND 8),
  ADD COLUMN lines           trading.fee_line[] NOT NULL DEFAULT '{}';
UPDATE trading.fee_schedules
   SET lines = ARRAY[ROW(1, NULL, NULL, per_share, per_order, percent, NULL, minimum, maximum, NULL, decimals, NULL)::trading.fee_line];
COMMENT ON TABLE  trading.fee_schedules IS 'What a broker charges for an order, dated: the row with the latest valid_from on or before the order''s day counts. Its figures are the brokerage; further parts are in trading.fee_components.';
COMMENT ON COLUMN trading.fee_schedules.maker_percent IS 'The same for value that rested in the book when it filled; NULL: percent.';
COMMENT ON COLUMN trading.fee_schedules.maximum IS 'Highest charge per order, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_schedules.maximum_percent IS 'Highest charge in percent of the traded value, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_schedules.decimals IS 'Decimals to which the charge is rounded, half away from zero.';
COMMENT ON COLUMN trading.fee_schedules.lines IS 'The brokerage and the rows of trading.fee_components in the order of their components, so that a fee takes one look; kept by trigger.';

CREATE TABLE trading.fee_components (
  fee_component_id int    GENERATED ALWAYS AS IDENTITY CONSTRAINT fee_components_pkey PRIMARY KEY,
  name             text   NOT NULL,
  valid_from       date   NOT NULL,
  component        trading.fee_component NOT NULL,
  side             trading.order_side,
  product          trading.product,
  per_share        ledger.money   NOT NULL DEFAULT 0 CONSTRAINT fee_components_per_share_check CHECK (per_share >= 0),
  per_order        ledger.money   NOT NULL DEFAULT 0 CONSTRAINT fee_components_per_order_check CHECK (per_order >= 0),
  percent          numeric(18, 8) NOT NULL DEFAULT 0 CONSTRAINT fee_components_percent_check CHECK (percent BETWEEN 0 AND 100),
  maker_percent    numeric(18, 8) CONSTRAINT fee_components_maker_percent_check CHECK (maker_percent BETWEEN 0 AND 100),
  minimum          ledger.money   NOT NULL DEFAULT 0 CONSTRAINT fee_components_minimum_check CHECK (minimum >= 0),
  maximum          ledger.money,
  maximum_percent  numeric(18, 8) CONSTRAINT fee_components_maximum_percent_check CHECK (maximum_percent BETWEEN 0 AND 100),
  decimals         smallint       NOT NULL DEFAULT 8 CONSTRAINT fee_components_decimals_check CHECK (decimals BETWEEN 0 AND 8),
  percent_of       trading.fee_component[] CONSTRAINT fee_components_percent_of_check
                   CHECK (percent_of <> '{}' AND array_position(percent_of, NULL) IS NULL AND component > ALL (percent_of)),
  CONSTRAINT fee_components_maximum_check CHECK (maximum >= minimum),
  CONSTRAINT fee_components_maker_percent_of_check CHECK (maker_percent IS NULL OR percent_of IS NULL),
  CONSTRAINT fee_components_schedule_fkey FOREIGN KEY (name, valid_from) REFERENCES trading.fee_schedules ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT fee_components_terms_key UNIQUE NULLS NOT DISTINCT (name, valid_from, component, side, product)
);
COMMENT ON TABLE  trading.fee_components IS 'Parts of a dated fee schedule besides the figures of its row in trading.fee_schedules. All rows that fit an order add up; rows of one component are one line of its fee.';
COMMENT ON COLUMN trading.fee_components.fee_component_id IS 'Identifier.';
COMMENT ON COLUMN trading.fee_components.name IS 'Name of the schedule.';
COMMENT ON COLUMN trading.fee_components.valid_from IS 'First day (UTC) of the schedule''s terms that it belongs to.';
COMMENT ON COLUMN trading.fee_components.component IS 'Which part of the fee it is.';
COMMENT ON COLUMN trading.fee_components.side IS 'Side of the orders that pay it; NULL: both.';
COMMENT ON COLUMN trading.fee_components.product IS 'Product of the orders that pay it; NULL: any.';
COMMENT ON COLUMN trading.fee_components.per_share IS 'Charge per unit of quantity.';
COMMENT ON COLUMN trading.fee_components.per_order IS 'Charge per order that fills at all.';
COMMENT ON COLUMN trading.fee_components.percent IS 'Charge in percent of the traded value, or of the components in percent_of.';
COMMENT ON COLUMN trading.fee_components.maker_percent IS 'The same for value that rested in the book when it filled; NULL: percent.';
COMMENT ON COLUMN trading.fee_components.minimum IS 'Least charge per order.';
COMMENT ON COLUMN trading.fee_components.maximum IS 'Highest charge per order, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_components.maximum_percent IS 'Highest charge in percent of the traded value, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_components.decimals IS 'Decimals to which the charge is rounded, half away from zero: 0 for whole rupees.';
COMMENT ON COLUMN trading.fee_components.percent_of IS 'Components of whose sum percent is taken, all of them earlier in trading.fee_component; NULL: of the traded value.';
