import { Random } from './random.ts';

/** Words to make text from. It compresses about as well as real text. */
const SYLLABLES = [
  'ka',
  'ro',
  'mi',
  'ten',
  'lu',
  'sar',
  'de',
  'vo',
  'pel',
  'an',
  'ti',
  'shu',
  'gor',
  'ne',
  'bri',
  'os',
];
const VOCABULARY = vocabulary(4000);
const PHRASES = [
  'Zürich – Straße nach Süden',
  'château d’été, où naît l’œuvre',
  'Žluťoučký kůň úpěl ďábelské ódy',
  'съешь ещё этих мягких французских булок',
  'ξεσκεπάζω την ψυχοφθόρα βδελυγμία',
  'نص عربي من اليمين إلى اليسار',
  'いろはにほへと ちりぬるを',
  '天地玄黃,宇宙洪荒。日月盈昃',
  '키스의 고유조건은 입술끼리 만나야',
  'ส่วนบริการลูกค้า',
  '🚀🌍👩‍👩‍👧‍👦 👍🏽 𝒜𝓃𝒸𝒾𝑒𝓃𝓉',
];
/** What JSON writes with a backslash. */
const ESCAPED = ['"quoted"', 'C:\\path\\to', 'line\nbreak', 'tab\there', 'bell\u0007'];

function vocabulary(count: number): string[] {
  const random = new Random(1);
  return Array.from({ length: count }, () =>
    Array.from({ length: random.between(1, 4) }, () => random.pick(SYLLABLES)).join(''),
  );
}

/** Words of at least `length` characters, and not many more. */
export function words(random: Random, length: number): string {
  let text = random.pick(VOCABULARY);
  while (text.length < length) text += ` ${random.pick(VOCABULARY)}`;
  return text;
}

/** Few words in ASCII, and some that JSON escapes. */
export function unicodeText(random: Random, phrases: number): string {
  return Array.from({ length: phrases }, () =>
    random.chance(0.15)
      ? random.pick(ESCAPED)
      : random.chance(0.1)
        ? random.pick(VOCABULARY)
        : random.pick(PHRASES),
  ).join(' ');
}

/** Of at most `bytes` bytes, and not many fewer. Long texts are cut from one long text: that is faster. */
export function longText(random: Random, bytes: number): string {
  LONG ??= words(new Random(2), 400_000);
  const from = random.below(LONG.length - bytes);
  return LONG.slice(from, from + bytes);
}
let LONG: string | undefined;

/** A moment within two years, to the millisecond. */
export function timestamp(random: Random): string {
  return new Date(Date.UTC(2025, 0, 1) + random.below(63_072_000) * 1000 + random.below(1000)).toISOString();
}
