import { defineRecords } from '@tributary-data/tributary';

/** An account as it was last written. */
export default defineRecords({
  account: { type: 'bigint', from: 'account' },
  owner: { type: 'string', from: 'owner' },
  changed: { type: 'date', comment: 'When it was written.', from: 'changed' },
});
