SELECT account, sum(credits) AS credits, sum(debits) AS debits, sum(transactions) AS transactions
FROM daily_stats
GROUP BY account
