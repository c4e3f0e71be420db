CREATE OR REPLACE FUNCTION internal.metric_code(p_metric risk.metric)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE p_metric
    WHEN 'restricted' THEN 'TR323' WHEN 'market_hours' THEN 'TR324' WHEN 'quote_age' THEN 'TR311'
    WHEN 'price_collar' THEN 'TR310' WHEN 'order_rate' THEN 'TR309' WHEN 'open_orders' THEN 'TR329'
    WHEN 'order_value' THEN 'TR302' WHEN 'position_quantity' THEN 'TR303' WHEN 'position_value' THEN 'TR304'
    WHEN 'position_share' THEN 'TR312' WHEN 'sector_value' THEN 'TR315' WHEN 'sector_share' THEN 'TR315'
    WHEN 'gross_value' THEN 'TR313' WHEN 'gross_share' THEN 'TR313' WHEN 'net_value' THEN 'TR314'
    WHEN 'net_share' THEN 'TR314' WHEN 'open_positions' THEN 'TR316' WHEN 'trade_risk' THEN 'TR318'
    WHEN 'portfolio_heat' THEN 'TR317' WHEN 'correlation' THEN 'TR319' WHEN 'daily_loss' THEN 'TR320'
    WHEN 'daily_loss_share' THEN 'TR320' WHEN 'weekly_loss' THEN 'TR321' WHEN 'weekly_loss_share' THEN 'TR321'
    WHEN 'drawdown' THEN 'TR322' END;
END
$$;
COMMENT ON FUNCTION internal.metric_code(risk.metric) IS 'Code with which a limit of this metric refuses an order.';
