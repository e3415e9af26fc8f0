import { defineRecords } from '@tributary-data/tributary';

/** One movement of money. No step reads `id`, `counterparty` and `reference`. */
export default defineRecords({
  id: { type: 'bigint', from: 'id' },
  account: { type: 'bigint', from: 'account' },
  day: { type: 'date', from: 'day' },
  kind: { type: 'string', from: 'kind' },
  amount: { type: 'decimal(18,2)', from: 'amount' },
  counterparty: { type: 'string', from: 'counterparty' },
  reference: { type: 'string', from: 'reference' },
});
