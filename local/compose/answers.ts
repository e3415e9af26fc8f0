/** A health check: `node local/compose/answers.ts <url>` succeeds if a server answers, with any status. */
const [url] = process.argv.slice(2);
if (!url) throw new Error('usage: answers.ts <url>');
await fetch(url, { signal: AbortSignal.timeout(3000) });
