SELECT
  account,
  coalesce(sum(amount) FILTER (WHERE kind = 'credit'), 0) AS credits,
  coalesce(sum(amount) FILTER (WHERE kind = 'debit'), 0) AS debits,
  count(*) AS transactions
FROM transactions
GROUP BY account
