/** SQL without a semicolon at its end, and without the comments around it, so that it can stand in parentheses. */
export function withoutEnd(sql: string): string {
  let end = 0;
  let semicolon: number | undefined;
  for (const { index, 0: token } of sql.matchAll(TOKEN)) {
    if (/^(?:\s|--|\/\*)/.test(token)) continue;
    semicolon = token === ';' ? (semicolon ?? index) : undefined;
    end = index + token.length;
  }
  return sql.slice(0, semicolon ?? end);
}

/** White space, comments, texts, names, and any other character. */
const TOKEN = /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|[\s\S]/g;
