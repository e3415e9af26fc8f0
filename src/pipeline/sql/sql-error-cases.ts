import { cancelled, final, type Groups, retried, type SqlErrorCase } from './sql-error-case.ts';

/** What to do is in the next step. */
const NO_EFFECT = 'Nothing of this transaction took effect.';

/** For every text that no row matches: it may pass, and if it does not, an operator sees Redshift's own words. */
export const UNKNOWN_SQL_ERROR: SqlErrorCase = {
  texts: [],
  ...retried('StatementFailed', { means: '', advice: NO_EFFECT }),
};

const OBJECT =
  '(?:relation|table|view|schema|database|column|type|function|procedure|operator|role|user|group|index|constraint|policy|datashare)';

/**
 * What errors of SQL mean. Sources, if not a row's own: PostgreSQL's message texts, which Redshift inherits, and
 * https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-troubleshooting.html. The first row that matches decides.
 */
export const SQL_ERROR_CASES: readonly SqlErrorCase[] = [
  // https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html (1023, 1018)
  {
    texts: [
      /^(?:1023|1018)\b/,
      /^Serializable isolation violation/i,
      /^could not serialize access/i,
      /^could not complete because of conflict with concurrent transaction/i,
      /^deadlock detected/i,
    ],
    codes: [1023, 1018],
    kind: 'serializable',
  },
  { texts: [/^divi(?:sion|de) by zero$/i], kind: 'guard' },
  // Another transaction dropped what this one was about to read: a new snapshot no longer has it.
  {
    texts: [/^could not open relation with OID \d+/i],
    ...retried('StatementFailed', {
      means: 'An object that the statement read was dropped while it ran.',
      advice: NO_EFFECT,
    }),
  },

  // Space and quotas.
  // https://repost.aws/knowledge-center/redshift-high-disk-usage
  {
    texts: [/^Disk Full\b/i],
    codes: [1016],
    ...retried('WarehouseFull', {
      means: 'The warehouse’s disk is full.',
      advice:
        'Backups and abandoned staging schemas may be what can be dropped (`tributary doctor` lists them). A load needs room for staging, live and the backups at the same time.',
    }),
  },
  // https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html (QUOTA)
  {
    texts: [/^Transaction \d+ is aborted due to exceeding the disk space quota in schema/i],
    ...final('WarehouseLimited', {
      means: 'A schema reached its disk quota.',
      advice: 'Raise it (ALTER SCHEMA … QUOTA), or free space in the schema.',
    }),
  },
  // https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-workgroup-max-rpu.html (usage limits)
  {
    texts: [/^Query reached usage limit/i],
    ...final('WarehouseLimited', {
      means:
        'The warehouse’s usage limit is reached, and its action is to turn off user queries until the next period.',
      advice: 'The limit is the workgroup’s or the cluster’s.',
    }),
  },
  // https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html; the wording is not documented.
  {
    texts: [
      /^(?:the )?(?:maximum|max|limit)(?: on| of)?(?: the)?(?: number of| count of)? (?:permanent |temporary |user )?(?:tables|schemas|databases|concurrent connections)\b/i,
      /^(?:exceeded|exceeds|reached|too many)(?: the)?(?: maximum| max| limit)*(?: on| of)?(?: the)?(?: number of)? ?(?:permanent |temporary |user )?(?:tables|schemas|databases)\b/i,
      /^cannot (?:create|have) more than \d+ (?:permanent |temporary |user )?(?:tables|schemas|databases)\b/i,
    ],
    ...final('WarehouseLimited', {
      means: 'The warehouse has as many tables or schemas as it allows.',
      advice: 'Drop backups and abandoned staging schemas (`keepBackups`, `tributary doctor`).',
    }),
  },
  {
    texts: [/^Out ?Of ?Memory\b/i, /^insufficient memory\b/i],
    codes: [1004],
    ...retried('StatementFailed', {
      means: 'The statement ran out of memory.',
      advice: `Give its WLM queue more memory, or the workgroup more capacity. ${NO_EFFECT}`,
    }),
  },
  // https://docs.aws.amazon.com/redshift/latest/dg/cm-c-wlm-query-monitoring-rules.html
  {
    texts: [
      /^Query (?:\(\d+\) )?(?:cancell?ed|aborted) by WLM\b/i,
      /^Query (?:\(\d+\) )?(?:cancell?ed|aborted) (?:due to|because of) (?:WLM|Query Monitoring Rule)\b/i,
    ],
    ...retried('StatementFailed', {
      means: 'A rule of the warehouse’s workload management ended the statement.',
      advice: 'Give the database user a queue without that rule, or raise the rule’s limit.',
    }),
  },
  // https://docs.aws.amazon.com/redshift/latest/dg/r_statement_timeout.html
  {
    texts: [
      /^canceling statement due to (?:statement|lock) timeout/i,
      /^canceling statement due to user request/i,
      /^Query (?:\(\d+\) )?cancell?ed on user.s request/i,
    ],
    ...cancelled('StatementFailed', {
      means: 'The statement was cancelled in Redshift, by a user or by a time limit.',
      advice:
        'If it happens again, check the database user’s statement_timeout (SHOW statement_timeout; ALTER USER … SET statement_timeout TO 0) and its WLM timeout.',
    }),
  },

  // The cluster is away.
  {
    texts: [
      /^(?:the )?(?:amazon )?(?:redshift )?(?:cluster|workgroup|namespace|endpoint|data ?warehouse)(?: is| has been)?(?: currently| being| in| the)* ['"]?(?:paused|pausing|resuming)\b/i,
    ],
    ...retried('WarehousePaused', {
      means: 'The cluster is paused.',
      advice: '',
    }),
  },
  // https://docs.aws.amazon.com/redshift/latest/mgmt/rs-resize-tutorial.html: a classic resize makes it read-only.
  {
    texts: [
      /^cannot execute [A-Z ]+ in a read-only transaction$/i,
      /^transaction is read-only$/i,
      /^(?:the )?(?:cluster|database)(?: is)?(?: currently)?(?: in)? read-?only\b/i,
    ],
    ...retried('WarehouseAway', {
      means: 'The warehouse is read-only, as during a resize.',
      advice:
        'This is retried until the resize ends. If there is none, check that the database user’s default_transaction_read_only is off.',
    }),
  },
  {
    texts: [
      /^terminating connection due to /i,
      /^(?:the )?cluster is being (?:restarted|rebooted|resized|upgraded|patched)/i,
      /^the database system is (?:starting up|shutting down|in recovery mode)/i,
      /^the local Redshift stopped while the statement ran/i,
      /^(?:connection (?:attempt )?(?:refused|timed out|reset|closed)|server closed the connection|could not connect to)/i,
      /^connection limit (?:"?\d+"? )?exceeded/i,
      /^(?:too many connections|sorry, too many clients|remaining connection slots)/i,
    ],
    ...retried('WarehouseAway', {
      means: 'The warehouse does not accept connections: it restarts, or has as many as it allows.',
      advice: 'This is retried.',
    }),
  },

  // Rights.
  {
    texts: [/^password authentication failed for user /i, /^no pg_hba\.conf entry for /i],
    ...final('GrantMissing', {
      means: 'The database rejects the user.',
      advice: 'Check `warehouse.dbUser` or the secret of `warehouse.secretArn`.',
    }),
  },
  {
    texts: [
      /^permission denied for (?<what>\w+(?: \w+)??) (?<name>(?:(?:pg_catalog|information_schema)\.)?"?(?:svv|svl|svcs|stl|stv|stcs|sys|pg)_\w+"?)$/i,
    ],
    ...final('GrantMissing', {
      means: ({ name }) => `The database user may not read the system view ${name}.`,
      advice: systemViewAdvice,
    }),
  },
  {
    texts: [/^permission denied to create temporary tables in database /i],
    ...final('GrantMissing', {
      means: 'The database user may not create temporary tables.',
      advice: 'GRANT TEMPORARY ON DATABASE … TO the user of the pipeline’s `warehouse`.',
    }),
  },
  {
    texts: [/^permission denied for database /i],
    ...final('GrantMissing', {
      means: 'The database user may not create schemas.',
      advice: 'GRANT CREATE ON DATABASE … TO the user of the pipeline’s `warehouse`.',
    }),
  },
  {
    texts: [/^must be (?:the )?owner of /i],
    ...final('GrantMissing', {
      means: 'Only the owner of the object, or a superuser, may change it.',
      advice: 'Make the user of the pipeline’s `warehouse` its owner (ALTER … OWNER TO …).',
    }),
  },
  {
    texts: [
      /^permission denied\b/i,
      /^must be (?:a )?superuser\b/i,
      /^insufficient privileges?\b/i,
      /^User .* does not have (?:the )?(?:required )?privileges?\b/is,
    ],
    ...final('GrantMissing', {
      means: 'The database user lacks a privilege.',
      advice: 'README, "Running on AWS", lists those it needs.',
    }),
  },
  {
    texts: [/^(?:AccessDeniedException:? ?)?Insufficient Lake Formation permission/i],
    ...final('GrantMissing', {
      means: 'Lake Formation denies access to a shared or external schema.',
      advice: 'Grant it in Lake Formation, or take that schema out of the user’s search.',
    }),
  },

  // The statement, or what it refers to, must change before it can succeed. Text that ends in a name could match here by
  // accident; it would need an operator at once instead of a quarter of an hour later.
  ...[
    new RegExp(`^${OBJECT} .* does(?: not|n.t) exist(?: in .*)?$`, 'is'),
    new RegExp(`^${OBJECT} .* already exists(?: in .*)?$`, 'is'),
    /^Cannot COPY into nonexistent table /i,
    /^syntax error\b/i,
    /^cannot alter (?:type|column)\b/i,
    /^cannot drop .* because other objects depend on (?:it|them)$/is,
    /^(?:.*\b)?(?:is|are) not (?:yet )?supported\.?$/is,
    /^(?:not supported|unsupported)\b/i,
    /^invalid (?!operation)/i,
    /^cannot (?:be )?cast\b/i,
    /^column reference .* is ambiguous$/is,
    /^.*\bout of range(?: for type [\w ]+)?$/is,
    /^value too long for /i,
    /^(?:numeric|integer|bigint|smallint|float|decimal)? ?(?:data |value )?overflow\b/i,
    /^(?:record|row|value|string|json|super|result)(?: \w+){0,3} (?:larger than|exceeds)\b/i,
    /^Found multiple matches to update the same tuple/i,
    /^(?:tables|target lists) can have at most /i,
  ].map(
    (pattern): SqlErrorCase => ({
      texts: [pattern],
      ...final('StatementFailed', { means: '', advice: NO_EFFECT }),
    }),
  ),
];

/**
 * What to grant for a system view. https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
 * (visibility of data), https://docs.aws.amazon.com/redshift/latest/dg/r_roles-default.html (sys:monitor)
 */
function systemViewAdvice({ name = 'it' }: Groups): string {
  return `As a superuser: GRANT ROLE sys:monitor TO the user of the pipeline’s \`warehouse\`, or GRANT SELECT ON ${name}; to show rows of other users as well, ALTER USER … SYSLOG ACCESS UNRESTRICTED.`;
}
