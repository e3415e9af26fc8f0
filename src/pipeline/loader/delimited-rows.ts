/** A row of a delimited file. */
export interface DelimitedRow {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** How fields are separated. */
export interface Delimiters {
  readonly delimiter: string;
  /** The character around quoted fields, doubled inside them. Absent in text without CSV's quotes. */
  readonly quote?: string | undefined;
  /** A backslash escapes the next character, also a line end. */
  readonly escape?: boolean | undefined;
}

/** COPY accepts rows of at most 4 MB. https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes.html */
const MAX_ROW_CHARACTERS = 4 * 1024 * 1024;

/** A row that is longer than COPY accepts. */
export class RowTooLong extends Error {
  override readonly name = 'RowTooLong';
  readonly line: number;

  constructor(line: number) {
    super(`the row in line ${line} is longer than 4 MB`);
    this.line = line;
  }
}

/**
 * Reads rows from text that arrives in pieces, in memory bounded by one piece and one row. LF and CR LF end a line; a CR
 * alone does not, as in COPY.
 */
export class DelimitedRows {
  readonly #delimiter: string;
  readonly #quote: string | undefined;
  readonly #escape: boolean;
  #line = 1;
  #rowLine = 1;
  #fields: string[] = [];
  #field = '';
  #length = 0;
  #isBegun = false;
  #state: 'plain' | 'quoted' | 'quote in quoted' | 'escaped' | 'after CR' = 'plain';

  constructor({ delimiter, quote, ...rules }: Delimiters) {
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#escape = rules.escape ?? false;
  }

  /** The rows that end in this piece. @throws RowTooLong */
  push(text: string): DelimitedRow[] {
    const rows: DelimitedRow[] = [];
    for (let at = 0; at < text.length; at++) {
      const character = text[at] as string;
      if (character === '\n') this.#line++;
      const row = this.#take(character);
      if (row !== undefined) rows.push(row);
    }
    if (this.#length > MAX_ROW_CHARACTERS) throw new RowTooLong(this.#rowLine);
    return rows;
  }

  /** The last row, if no line end follows it. */
  end(): DelimitedRow[] {
    if (this.#state === 'after CR') this.#add('\r');
    return this.#isBegun ? [this.#endRow()] : [];
  }

  #take(character: string): DelimitedRow | undefined {
    switch (this.#state) {
      case 'escaped':
        this.#state = 'plain';
        this.#add(character);
        return undefined;
      case 'quoted':
        if (character === this.#quote) this.#state = 'quote in quoted';
        else this.#add(character);
        return undefined;
      case 'quote in quoted':
        this.#state = 'plain';
        if (character !== this.#quote) return this.#plain(character);
        this.#state = 'quoted';
        this.#add(character);
        return undefined;
      case 'after CR':
        this.#state = 'plain';
        if (character !== '\n') this.#add('\r');
        return this.#plain(character);
      case 'plain':
        return this.#plain(character);
    }
  }

  #plain(character: string): DelimitedRow | undefined {
    if (character === '\n') return this.#endRow();
    this.#isBegun = true;
    if (character === '\r') this.#state = 'after CR';
    else if (character === this.#delimiter) {
      this.#fields.push(this.#field);
      this.#field = '';
      this.#length++;
    } else if (character === this.#quote && this.#field === '') this.#state = 'quoted';
    else if (character === '\\' && this.#escape) this.#state = 'escaped';
    else this.#add(character);
    return undefined;
  }

  #add(character: string): void {
    this.#isBegun = true;
    this.#field += character;
    this.#length++;
  }

  #endRow(): DelimitedRow {
    const row = { line: this.#rowLine, fields: [...this.#fields, this.#field] };
    this.#fields = [];
    this.#field = '';
    this.#length = 0;
    this.#isBegun = false;
    this.#state = 'plain';
    this.#rowLine = this.#line;
    return row;
  }
}
