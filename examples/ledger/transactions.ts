import { defineRecords } from '@tributary-data/tributary';

/** One movement of money. Amounts are texts of two decimals, so they never pass through a float. */
export default defineRecords({
  id: { type: 'bigint', from: 'id' },
  account: { type: 'bigint', from: 'account' },
  day: { type: 'date', from: 'day' },
  kind: { type: 'string', comment: 'credit or debit.', from: 'kind' },
  amount: { type: 'decimal(18,2)', from: 'amount' },
});
