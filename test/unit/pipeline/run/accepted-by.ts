/** Whether Redshift's documented rules let COPY load this text into a column of the type, exactly. */
export function acceptedBy(type: string, text: string): boolean {
  const [, name = '', first, second] = /^([A-Z]+)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type) ?? [];
  const [n, scale] = [Number(first), Number(second)];
  switch (name) {
    case 'BOOLEAN':
      return text === 'true' || text === 'false';
    case 'INTEGER':
      return /^\d{1,9}$/.test(text);
    case 'BIGINT':
      return /^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
    case 'DECIMAL': {
      const [, whole = '', , fraction = ''] = /^-?(\d+)(\.(\d+))?$/.exec(text) ?? [];
      return whole !== '' && whole.replace(/^0+/, '').length <= n - scale && fraction.length <= scale;
    }
    case 'VARCHAR':
      return Buffer.byteLength(text) <= n && !text.includes('\0');
    case 'VARBYTE':
      return /^(?:[0-9a-f]{2})+$/.test(text) && text.length <= n * 2;
    case 'DATE':
      return /^\d{4}-\d{2}-\d{2}$/.test(text);
    case 'TIMESTAMPTZ':
      return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z$/.test(text);
    case 'SUPER':
      JSON.parse(text);
      return true;
    default:
      throw new Error(`an unknown type: ${type}`);
  }
}
