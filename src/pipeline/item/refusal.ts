/**
 * The domain says no, and trying again changes nothing: a person has to act. `code` is a short word that callers
 * and alerts can tell by; the message says what happened, to which object, and what to do.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
