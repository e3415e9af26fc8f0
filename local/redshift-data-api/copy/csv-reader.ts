/** One record of a CSV file. Text is latin1: one character for every byte, whatever the bytes mean. */
export type CsvRecord = {
  fields: string[];
  quoted: boolean[];
  /** The line of the file, from 1, the record begins on. */
  lineNumber: number;
  /** The record as it stands in the file, without its line end. */
  raw: string;
  /** A closing quote is followed by something else than a delimiter or a line end. */
  malformed: boolean;
};

/**
 * Reads CSV as COPY does: a field that begins with the quote character ends with it, the quote inside is
 * doubled, line ends inside quotes are data. Fed chunk by chunk; holds no more than one unfinished record.
 */
export class CsvReader {
  private rest = '';
  private lineNumber = 1;
  private readonly delimiter: string;
  private readonly quote: string;

  constructor(options: { delimiter: string; quote: string }) {
    this.delimiter = options.delimiter;
    this.quote = options.quote;
  }

  /** Bytes of the record that is not finished yet. */
  get heldBytes(): number {
    return this.rest.length;
  }

  /** The records this chunk completes. */
  *feed(chunk: string): Generator<CsvRecord> {
    const text = this.rest === '' ? chunk : this.rest + chunk;
    let at = 0;
    for (;;) {
      const record = this.record(text, at, false);
      if (record === undefined) break;
      at = record.next;
      yield record.record;
    }
    this.rest = text.slice(at);
  }

  /** The last record, where the file does not end with a line end. */
  *end(): Generator<CsvRecord> {
    const text = this.rest;
    this.rest = '';
    if (text !== '') yield this.record(text, 0, true)!.record;
  }

  /** The record that begins at `start`; nothing when its end is not in `text` yet. */
  private record(
    text: string,
    start: number,
    isLast: boolean,
  ): { record: CsvRecord; next: number } | undefined {
    const { quote, delimiter } = this;
    const fields: string[] = [];
    const quoted: boolean[] = [];
    let malformed = false;
    let at = start;
    let newline = -2;
    for (;;) {
      let value: string;
      const isQuoted = text[at] === quote;
      if (isQuoted) {
        const closing = this.closingQuote(text, at + 1);
        if (closing < 0) {
          if (!isLast) return undefined;
          malformed = true;
          value = text.slice(at + 1);
          at = text.length;
        } else {
          if (closing + 1 >= text.length && !isLast) return undefined;
          value = text.slice(at + 1, closing);
          if (value.includes(quote)) value = value.replaceAll(quote + quote, quote);
          at = closing + 1;
        }
      } else value = '';
      if (newline < at && newline !== -1) newline = text.indexOf('\n', at);
      if (newline < 0 && !isLast) return undefined;
      const lineEnd = newline < 0 ? text.length : newline;
      const found = text.indexOf(delimiter, at);
      const isLastField = found < 0 || found >= lineEnd;
      let end = isLastField ? lineEnd : found;
      if (isLastField && end > at && newline >= 0 && text[end - 1] === '\r') end--;
      if (isQuoted) malformed ||= end !== at;
      else value = text.slice(at, end);
      fields.push(value);
      quoted.push(isQuoted);
      if (!isLastField) {
        at = found + 1;
        continue;
      }
      const raw = text.slice(start, end);
      const lineNumber = this.lineNumber;
      for (let i = text.indexOf('\n', start); i >= 0 && i <= lineEnd; i = text.indexOf('\n', i + 1))
        this.lineNumber++;
      return { record: { fields, quoted, lineNumber, raw, malformed }, next: lineEnd + 1 };
    }
  }

  private closingQuote(text: string, from: number): number {
    for (let at = from; ; at += 2) {
      at = text.indexOf(this.quote, at);
      if (at < 0 || text[at + 1] !== this.quote) return at;
    }
  }
}
