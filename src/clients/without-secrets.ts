/**
 * What a message must not contain, because it is written to workflow histories and logs: signatures, session tokens,
 * access keys, and passwords in URLs. The rest of the text stays readable.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/(:\/\/[^\s:/@]*:)[^\s@/]+@/g, '$1***@'],
  [/(x-amz-security-token\s*[:=]\s*)[^\s&,;"']+/gi, '$1***'],
  [/(x-amz-signature\s*=\s*|\bsignature\s*=\s*)[0-9a-f]{16,}/gi, '$1***'],
  [/((?:aws_)?secret_?access_?key\s*["']?\s*[:=]\s*["']?)[^\s"';,]+/gi, '$1***'],
  [/((?:aws_)?session_?token\s*["']?\s*[:=]\s*["']?)[^\s"';,]+/gi, '$1***'],
  [/(\bpassword\s*["']?\s*[:=]?\s*["'])[^"']+/gi, '$1***'],
  [/\b(A[KS]IA)[A-Z0-9]{12,}\b/g, '$1***'],
];

/** Replaces every secret in the text by `***`. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), text);
}
