import type { CallOptions } from './object-store.ts';

/** Exactly what Tributary needs of HTTP: to send a document to an address that may be a secret. */
export interface HttpPost {
  /**
   * Sends a POST request and waits until it is accepted (2xx).
   * @throws Transient `DeliveryFailed` if it is not. The message names only the host: the path and the headers of a
   *   webhook are secrets.
   */
  post(request: PostRequest, options?: CallOptions): Promise<void>;
}

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
