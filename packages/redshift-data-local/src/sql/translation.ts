import { Names, quoteLiteral } from './identifier.ts';
import type { Scope } from './scope.ts';
import { SYSTEM_RELATIONS } from './system-relations.ts';
import { TokenReader } from './tokens/token-reader.ts';
import { tokenize } from './tokens/tokenizer.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** A relation as a statement names it, folded; `schema` is absent if omitted. */
export interface RelationName {
  schema?: string;
  name: string;
}

/** What the translator must know about its warehouse. */
export interface Warehouse {
  database: string;
  /** Definitions of the late-binding views, by `schema.name`: queries inline them. */
  lateBindingViews: ReadonlyMap<string, string>;
  /** The PostgreSQL role behind a Redshift user, group or role. */
  roleOf(kind: 'user' | 'group' | 'role', name: string): string;
}

/** One statement being translated: its tokens, names, parameters, and what the translation found out. */
export class Translation {
  readonly reader: TokenReader;
  /** The statement's text, for the parts that stay as written. */
  readonly source: string;
  readonly names: Names;
  readonly warehouse: Warehouse;
  readonly parameters: ReadonlyMap<string, string>;
  /** Users' tables and views that the statement reads. */
  readonly read: RelationName[] = [];
  readonly functionsUsed = new Set<string>();
  readonly systemRelations = new Set<string>();
  /** Names of common table expressions in scope. */
  readonly commonTables: string[] = [];
  /** What FROM names in the current query; absent where names cannot be resolved (UPDATE, DELETE, MERGE). */
  scope: Scope | undefined;
  /** The number of paths into SUPER values so far. */
  superNavigations = 0;
  /** The text of the last of them. */
  lastNavigation: string | undefined;
  /** TOP of the SELECT just read: its LIMIT comes after ORDER BY. */
  top: string | undefined;
  /** Late-binding views being inlined, to detect one that names itself. */
  readonly expanding: string[] = [];
  /** A whole query at the reader's position; set by the query grammar, which expressions may not import. */
  readonly query: (translation: Translation) => string;

  constructor(
    source: string,
    warehouse: Warehouse,
    parameters: ReadonlyMap<string, string>,
    query: (translation: Translation) => string,
    names = new Names(),
  ) {
    this.source = source;
    this.reader = new TokenReader(tokenize(source));
    this.warehouse = warehouse;
    this.parameters = parameters;
    this.query = query;
    this.names = names;
  }

  parameter(name: string): string {
    const value = this.parameters.get(name);
    if (value === undefined) throw new RedshiftError(`Parameter ${name} is missing`, '42P02');
    return quoteLiteral(value);
  }

  /** `[database.][schema.]name` */
  relationName(): RelationName {
    const parts = [this.reader.name()];
    while (this.reader.acceptOperator('.')) parts.push(this.reader.identifier());
    if (parts.length === 3) {
      if (parts[0] !== this.warehouse.database) throw new NotSupported('names of other databases');
      parts.shift();
    }
    if (parts.length > 2) throw this.reader.syntaxError();
    const name = parts.pop()!;
    const schema = parts.pop();
    if (schema?.startsWith('_redshift'))
      throw new RedshiftError(`schema "${schema}" does not exist`, '3F000');
    return schema === undefined ? { name } : { schema, name };
  }

  /**
   * A user's table or view to be created, changed or written. Without a schema PostgreSQL resolves it as
   * Redshift does: a temporary table first, then the search path. A new one is created in the path's first schema.
   */
  target(relation: RelationName): string {
    if (SYSTEM_RELATIONS.has(relation.name) && (relation.schema ?? 'pg_catalog') === 'pg_catalog') {
      throw new RedshiftError(`permission denied: "${relation.name}" is a system catalog`, '42501');
    }
    const name = this.names.quote(relation.name);
    return relation.schema === undefined ? name : `${this.names.quote(relation.schema)}.${name}`;
  }
}
