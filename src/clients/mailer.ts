import type { CallOptions } from './object-store.ts';

/** Exactly what Tributary needs of SMTP. */
export interface Mailer {
  /**
   * Submits a message and waits until the server has accepted it for at least one recipient.
   * @returns the recipients that the server refused
   * @throws Transient `DeliveryFailed`
   */
  send(server: MailServer, mail: Mail, options?: CallOptions): Promise<readonly string[]>;
}

interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `starttls` refuses a server without it; `implicit`: from the first byte. */
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly login?: { readonly user: string; readonly password: string };
}

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}
