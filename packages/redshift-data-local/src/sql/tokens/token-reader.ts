import { NotSupported, RedshiftError } from '../unsupported.ts';
import { RESERVED_WORDS } from './reserved-words.ts';
import type { Token } from './tokenizer.ts';

/** Reads a token list from left to right; every grammar rule of the dialect uses these methods. */
export class TokenReader {
  readonly tokens: Token[];
  position = 0;

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.position++;
    return token;
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  /** True when the next tokens are these unquoted words. Consumes nothing. */
  isWords(...words: string[]): boolean {
    return words.every((word, index) => {
      const token = this.peek(index);
      return token.kind === 'word' && token.value === word;
    });
  }

  /** Consumes these unquoted words if they come next. */
  acceptWords(...words: string[]): boolean {
    if (!this.isWords(...words)) return false;
    this.position += words.length;
    return true;
  }

  expectWords(...words: string[]): void {
    for (const word of words) if (!this.acceptWords(word)) throw this.syntaxError();
  }

  /** Consumes and returns the first of `words` that comes next. */
  acceptOneOf(...words: string[]): string | undefined {
    return words.find((word) => this.acceptWords(word));
  }

  isOperator(operator: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'operator' && token.value === operator;
  }

  acceptOperator(operator: string): boolean {
    if (!this.isOperator(operator)) return false;
    this.position++;
    return true;
  }

  expectOperator(operator: string): void {
    if (!this.acceptOperator(operator)) throw this.syntaxError();
  }

  isIdentifier(ahead = 0): boolean {
    const kind = this.peek(ahead).kind;
    return kind === 'word' || kind === 'quoted';
  }

  /** The next identifier, folded to lower case. */
  identifier(): string {
    if (!this.isIdentifier()) throw this.syntaxError();
    return this.next().value;
  }

  /**
   * The name of a user, which keeps its case in double quotes, unlike any other name (AWS:
   * `enable_case_sensitive_identifier`); or of a group or role.
   */
  identity(kind: 'user' | 'group' | 'role'): string {
    const token = this.peek();
    const name = this.identifier();
    return kind === 'user' && token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : name;
  }

  /** An identifier for a new name: a reserved word needs quotes. */
  name(): string {
    const token = this.peek();
    if (token.kind === 'word' && RESERVED_WORDS.has(token.value)) throw this.syntaxError();
    return this.identifier();
  }

  string(): string {
    if (this.peek().kind !== 'string') throw this.syntaxError();
    return this.next().value;
  }

  integer(): number {
    const token = this.peek();
    if (token.kind !== 'number' || !/^\d+$/.test(token.value)) throw this.syntaxError();
    this.next();
    return Number(token.value);
  }

  /** `item, item, …` */
  list<Item>(item: () => Item): Item[] {
    const items = [item()];
    while (this.acceptOperator(',')) items.push(item());
    return items;
  }

  /** `(item, item, …)` */
  parenthesized<Item>(item: () => Item): Item[] {
    this.expectOperator('(');
    const items = this.list(item);
    this.expectOperator(')');
    return items;
  }

  expectEnd(): void {
    this.acceptOperator(';');
    if (!this.atEnd) throw this.syntaxError();
  }

  syntaxError(): RedshiftError {
    const token = this.peek();
    if (token.kind === 'end') return new RedshiftError('syntax error at end of input');
    return new RedshiftError(`syntax error at or near "${token.text}"`);
  }

  notSupported(what: string): NotSupported {
    const token = this.peek();
    return new NotSupported(token.kind === 'end' ? what : `${what} (at "${token.text}")`);
  }
}
