/** What a record has that its column cannot hold, such as `a text`. The message never quotes a value. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
}
