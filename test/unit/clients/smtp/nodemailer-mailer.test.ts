import { afterEach, expect, test } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { createNodemailerMailer } from '../../../../src/clients/smtp/nodemailer-mailer.ts';
import { SmtpReceiver } from './smtp-receiver.ts';

const mailer = createNodemailerMailer();
const mail = {
  from: 'tributary@example.com',
  to: ['a@example.com', 'b@example.com'],
  subject: 'orders failed ✗',
  text: 'It failed.\n.\nThe dot above is text.\n',
  messageId: '0c5f@example.com',
  headers: { 'Tributary-Alert-Id': '0c5f' },
};

const open: SmtpReceiver[] = [];

async function receiving(options?: SMTPServerOptions): Promise<SmtpReceiver> {
  const receiver = new SmtpReceiver(options);
  await receiver.open();
  open.push(receiver);
  return receiver;
}

const at = ({ port }: SmtpReceiver) => ({ host: '127.0.0.1', port, tls: 'none' as const });

afterEach(async () => {
  await Promise.all(open.splice(0).map((receiver) => receiver.close()));
});

test('a mail arrives whole, with its id in two headers', async () => {
  const receiver = await receiving();
  expect(await mailer.send(at(receiver), mail)).toEqual([]);
  const [received] = receiver.received;
  expect(received?.to).toEqual(mail.to);
  expect(received?.source).toMatch(/\r\n\r\nIt failed\.\r\n\.\r\nThe dot above is text\.\r\n$/);
  expect(receiver.headers('Message-ID')).toEqual(['<0c5f@example.com>']);
  expect(receiver.headers('Tributary-Alert-Id')).toEqual(['0c5f']);
});

test('a login is refused with the reason, never with the password', async () => {
  const receiver = await receiving({
    authOptional: false,
    onAuth: ({ password }, _session, done) => done(new Error(`wrong: ${password}`)),
  });
  const login = { user: 'tributary', password: 'hunter2' };
  const failure = mailer.send({ ...at(receiver), login }, mail);
  await expect(failure).rejects.toMatchObject({
    code: 'DeliveryFailed',
    message: expect.stringMatching(
      /^127\.0\.0\.1:\d+ did not accept the message: Invalid login.*wrong: \*\*\*/,
    ),
  });
});

test('a mail that is refused for now is a failure to retry', async () => {
  const receiver = await receiving();
  receiver.refusal = () => 451;
  await expect(mailer.send(at(receiver), mail)).rejects.toMatchObject({
    name: 'Transient',
    message: expect.stringMatching(/451.*not now/),
  });
});

test('a recipient that the server refuses does not keep the mail from the others', async () => {
  const receiver = await receiving({
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('b') ? Object.assign(new Error('unknown'), { responseCode: 550 }) : null),
  });
  expect(await mailer.send(at(receiver), mail)).toEqual(['b@example.com']);
  expect(receiver.received.map(({ to }) => to)).toEqual([['a@example.com']]);
});

test('a server without STARTTLS gets no mail unless the configuration says tls: none', async () => {
  const receiver = await receiving();
  await expect(mailer.send({ ...at(receiver), tls: 'starttls' }, mail)).rejects.toMatchObject({
    code: 'DeliveryFailed',
  });
  expect(receiver.received).toEqual([]);
});

test('a server that does not exist is named', async () => {
  const receiver = await receiving();
  const server = at(receiver);
  await receiver.close();
  open.splice(0);
  await expect(mailer.send(server, mail)).rejects.toMatchObject({
    message: expect.stringMatching(/^127\.0\.0\.1:\d+ did not accept the message: .*ECONNREFUSED/),
  });
});
