import { messageOf } from '../../pipeline/failure/message-of.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { Transient } from '../errors.ts';
import type { Mailer } from '../mailer.ts';

/** For the connection and its greeting each, and for silence afterwards. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;

/** `Mailer` by nodemailer, with one connection per message. */
export function createNodemailerMailer(): Mailer {
  return {
    async send({ host, port, tls, login }, mail, { signal } = {}) {
      // Loaded here: few workers send email.
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        ...{ host, port },
        secure: tls === 'implicit',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'none',
        ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
        connectionTimeout: CONNECT_MS,
        greetingTimeout: CONNECT_MS,
        socketTimeout: SILENCE_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const { from, to, subject, text, messageId, headers } = mail;
      try {
        const { rejected } = await transport.sendMail({
          ...{ from, to: [...to], subject, text, headers: { ...headers } },
          messageId: `<${messageId}>`,
        });
        return rejected;
      } catch (error) {
        signal?.throwIfAborted();
        const why = onOneLine(messageOf(error));
        const shown = login === undefined ? why : why.replaceAll(login.password, '***');
        throw new Transient('DeliveryFailed', `${host}:${port} did not accept the message: ${shown}`);
      } finally {
        transport.close();
      }
    },
  };
}
