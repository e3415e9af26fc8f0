-- One line per day and one for the month.
SELECT account, day::VARCHAR AS line, credits, debits, transactions FROM daily_stats
UNION ALL
SELECT account, 'total' AS line, credits, debits, transactions FROM monthly_stats
