/** Cron expressions, for our check and for Temporal's own. */

export const CRON_TAKEN = [
  '0 2 * * *',
  '  0   2 * * *  ',
  '0 2 * * * # at night',
  '*/15 0-6,18-23/2 1 JAN-mar mon-FRI',
  '5/20 * * * 7',
  '0 0 * september tu,thursday',
  '0 0 29 2 *',
  '0 0 31 1-6 *',
  '0 2 * * * 2027',
  '0 2 * * * *',
  '30 0 2 * * * 2026-2030',
  '@daily',
  '@midnight',
  '@hourly',
  '@weekly',
  '@monthly',
  '@yearly',
  '@annually',
];

export const CRON_WRONG: [string, RegExp][] = [
  ['61 2 * * *', /a minute from 0 to 59.*"61"/],
  ['-1 2 * * *', /minute.*"-1"/],
  ['0 24 * * *', /an? hour from 0 to 23.*"24"/],
  ['0 2 0 * *', /day of the month from 1 to 31.*"0"/],
  ['0 2 32 * *', /day of the month.*"32"/],
  ['0 2 * 13 *', /month from 1 to 12.*"13"/],
  ['0 2 * ja *', /month.*"ja"/],
  ['0 2 * * 8', /day of the week from 0 to 7.*"8"/],
  ['0 2 * * m', /day of the week.*"m"/],
  ['0 2 * * ?', /day of the week.*"\?"/],
  ['0 2 L * *', /day of the month.*"L"/],
  ['0 2 * * * 1999', /year from 2000 to 2100.*"1999"/],
  ['60 0 2 * * * *', /second.*"60"/],
  ['30-10 2 * * *', /minute.*"30-10"/],
  ['1-2-3 2 * * *', /minute.*"1-2-3"/],
  ['1- 2 * * *', /minute.*"1-"/],
  ['*/0 2 * * *', /minute.*"\*\/0"/],
  ['*/ 2 * * *', /minute.*"\*\/"/],
  ['*/5/5 2 * * *', /minute.*"\*\/5\/5"/],
  ['1,,2 2 * * *', /minute.*""/],
  ['0 2 * *', /five fields/],
  ['0 0 2 * * * * *', /five fields/],
  ['nightly', /five fields/],
  ['@nightly', /one of @yearly/],
  ['@daily 5', /one of @yearly/],
];

/** Settings of our own say it, or it would never start anything. */
export const CRON_REFUSED_HERE_ALONE: [string, RegExp][] = [
  ['CRON_TZ=Europe/Berlin 0 2 * * *', /under timezone/],
  ['TZ=Europe/Berlin 0 2 * * *', /under timezone/],
  ['@every 12h', /under every/],
  ['0 0 30 2 *', /no month of "2" has a day 30/],
  ['0 0 31 4,jun-JUN,9/2 *', /no month of "4,jun-JUN,9\/2" has a day 31/],
];
