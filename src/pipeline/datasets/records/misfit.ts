import type { ColumnType } from './column-type.ts';

/** What a record has that its column cannot hold, such as `a text`. The message never quotes a value. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  /** Of a member of a list or struct: where it is in the column, such as `[0].amount`, and its type. */
  readonly member: { readonly path: string; readonly type: ColumnType } | undefined;

  constructor(message: string, member?: Misfit['member']) {
    super(message);
    this.member = member;
  }

  /** The same, in a list or struct. */
  within(step: string, type: ColumnType): Misfit {
    return new Misfit(this.message, {
      path: `${step}${this.member?.path ?? ''}`,
      type: this.member?.type ?? type,
    });
  }
}
