/** What OpenLineage identifies a dataset by: https://openlineage.io/docs/spec/naming */
export interface LineageName {
  readonly namespace: string;
  readonly name: string;
}

/** `redshift://{cluster_identifier}.{region_name}:{port}`. A workgroup takes the cluster's place. */
export function redshiftTable(
  {
    workgroup,
    cluster,
    database,
    schema,
    table,
  }: {
    readonly workgroup?: string | undefined;
    readonly cluster?: string | undefined;
    readonly database: string;
    readonly schema: string;
    readonly table: string;
  },
  region: string | undefined,
): LineageName {
  const host = workgroup?.split('/').at(-1) ?? cluster ?? 'redshift';
  return {
    namespace: `redshift://${host}.${region ?? 'aws'}:5439`,
    name: `${database}.${schema}.${table}`,
  };
}

/** `s3://{bucket}`, and a key prefix; `/` is the whole bucket. */
export const s3Prefix = (bucket: string, prefix: string): LineageName => ({
  namespace: `s3://${bucket}`,
  name: prefix.replace(/\/$/, '') || '/',
});
