import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail that an SMTP server has got, or refused after it had got it. */
interface ReceivedMail {
  readonly to: readonly string[];
  /** Headers and text, as they were sent. */
  readonly source: string;
  readonly isAccepted: boolean;
}

/** An SMTP server on this machine that keeps every mail it gets. */
export class SmtpReceiver {
  readonly received: ReceivedMail[] = [];
  /** The reply to a mail: a refusal with this code, or undefined to accept it. */
  refusal: () => number | undefined = () => undefined;
  readonly #server: SMTPServer;

  constructor(options: SMTPServerOptions = {}) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      ...options,
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const code = this.refusal();
          this.received.push({
            to: envelope.rcptTo.map(({ address }) => address),
            source: Buffer.concat(chunks).toString('utf8'),
            isAccepted: code === undefined,
          });
          done(code === undefined ? null : Object.assign(new Error('not now'), { responseCode: code }));
        });
      },
    });
    // A client that gives up is no error of the server.
    this.#server.on('error', () => {});
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server.server, 'listening');
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** The values of a header in the accepted mails, in order. */
  headers(name: string, isAccepted = true): string[] {
    const line = new RegExp(`^${name}: (.*)$`, 'im');
    return this.received
      .filter((mail) => mail.isAccepted === isAccepted)
      .map(({ source }) => line.exec(source)?.[1]?.trim() ?? '');
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
