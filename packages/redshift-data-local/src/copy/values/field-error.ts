/** Why a field cannot be loaded; the codes are those of AWS's "Load error reference". */
export class FieldError extends Error {
  readonly code: number;
  /** Where in the field, from 0. */
  readonly position: number;
  constructor(code: number, message: string, position = 0) {
    super(message);
    this.name = 'FieldError';
    this.code = code;
    this.position = position;
  }
}
