/** Takes an answer's body. What it throws is the call's failure, and with `$retryable` the SDK tries again. */
type TakeBody = (body: Buffer, headers: Readonly<Record<string, string>>) => void;

/** The part used of a command's middleware stack; the SDK's own type of it is another for every command. */
interface Stack {
  addRelativeTo(step: Step, where: { name: string; relation: 'after'; toMiddleware: string }): void;
}
type Step = (next: (args: unknown) => Promise<Answered>) => (args: unknown) => Promise<Answered>;
interface Answered {
  readonly response: HttpAnswer;
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Buffer> | undefined;
}

/**
 * Takes the body of a command's 200 answer as bytes, before the SDK parses it; the SDK still builds, signs and
 * retries the request, and still reads every other answer. The SDK then sees an empty answer, so what
 * `client.send` returns has no output members.
 */
export function takeRawAnswer(command: { readonly middlewareStack: object }, take: TakeBody): void {
  (command.middlewareStack as Stack).addRelativeTo(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (response.statusCode === 200) {
        take(await collect(response.body), response.headers);
        response.body = undefined;
      }
      return result;
    },
    { name: 'takeRawAnswer', relation: 'after', toMiddleware: 'deserializerMiddleware' },
  );
}

async function collect(body: AsyncIterable<Buffer> = empty()): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* empty(): AsyncIterable<Buffer> {}
