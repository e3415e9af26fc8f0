/** Bytes that mean something in a CSV file or a field. */
export const NUL = 0x00;
export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTATION_MARK = 0x22;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;

export const isDigit = (byte: number): boolean => (byte - 0x30) >>> 0 < 10;
