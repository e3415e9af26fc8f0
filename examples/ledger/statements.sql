-- avg and / give floats, so they are refused: avg_exact and div_exact are exact to the last digit.
SELECT
  account,
  owner,
  credits,
  debits,
  credits - debits AS net,
  div_exact(credits + debits, transactions, 4) AS mean_amount
FROM monthly_stats
JOIN accounts USING (account)
