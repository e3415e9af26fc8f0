/** Receives a response's body. If it throws, the call fails with that error. With `$retryable`, the SDK retries. */
type TakeBody = (body: Buffer, headers: Readonly<Record<string, string>>) => void;

/** The methods used of a command's middleware stack. The SDK's own type of the stack differs for every command. */
interface Stack {
  addRelativeTo(step: Step, where: { name: string; relation: 'after'; toMiddleware: string }): void;
}
type Step = (next: (args: unknown) => Promise<Result>) => (args: unknown) => Promise<Result>;
interface Result {
  readonly response: HttpResponse;
}

interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Buffer> | undefined;
}

/**
 * Passes the body of a command's 200 response to `take` as bytes, before the SDK parses it. The SDK still builds, signs
 * and retries the request, and still reads every other response. It sees an empty body instead, so the result of
 * `client.send` has no output members.
 * @param join makes one buffer of the body's chunks
 */
export function takeRawResponse(
  command: { readonly middlewareStack: object },
  take: TakeBody,
  join: (chunks: Buffer[]) => Buffer = (chunks) => Buffer.concat(chunks),
): void {
  (command.middlewareStack as Stack).addRelativeTo(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (response.statusCode === 200) {
        take(join(await collect(response.body)), response.headers);
        response.body = undefined;
      }
      return result;
    },
    { name: 'takeRawResponse', relation: 'after', toMiddleware: 'deserializerMiddleware' },
  );
}

async function collect(body: AsyncIterable<Buffer> = empty()): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

async function* empty(): AsyncIterable<Buffer> {}
