/** The share that a percentage means: `5%` → 0.05. Undefined unless it is above 0% and up to 100%. */
export function shareOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  const share = match === null ? 0 : Number(match[1]) / 100;
  return share > 0 && share <= 1 ? share : undefined;
}
