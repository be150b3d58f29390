/** Events for tests, written as text, so that spellings that a parser would not give back are in them. */

export const CONSENTS = '"consents":{"purposes":[{"id":"newsletter","enabled":true}]}';
export const DATE = '"created_at":"2024-03-01T08:00:00Z"';

/** The id of the n-th event. */
export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

export function userOf(name: string): string {
  return `"user":{"organization_user_id":"${name}@example.com"}`;
}

/** The n-th event, of a person of its own unless one is named. `more`: members behind the others. */
export function event(n: number, person = `person-${n}`, more = ''): string {
  return `{"id":"${idOf(n)}",${DATE},${userOf(person)},${CONSENTS}${more}}`;
}

/** The events `from` to `from + count - 1`. */
export function events(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, i) => event(from + i));
}

const ODDITIES = [
  '"crm":9223372036854775807',
  '"crm":-1234567890123456789,"ratio":1.0,"tiny":1E-7',
  '"note":"\\u00e9t\\u00e9 \\ud83c\\udf1e \\/ \\\\ \\" \\t"',
  '"note":"ｗｉｄｅ – “quotes” 🍪"',
  ' "spaced" : [ 1 , 2,3 ] , "empty" : { } ',
  '"twice":1,"twice":2',
  '"lone":"\\ud800","control":"\\u0000"',
];

/**
 * Events that are odd to look at: long numbers, escapes, keys in another order, spaces inside, several per person. In
 * the order of their dates.
 */
export function oddEvents(count: number, people: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const id = `"id":"${idOf(i + 1)}"`;
    const date = `"created_at":"${new Date(Date.UTC(2024, 0, 1) + i * 1000).toISOString()}"`;
    const person = userOf(`p${(i * 7919) % people}`);
    const metadata = `"metadata":{"n":${i},${ODDITIES[i % ODDITIES.length]}}`;
    switch (i % 3) {
      case 0:
        return `{${id},${date},${person},${CONSENTS},${metadata}}`;
      case 1:
        return `{${metadata},${CONSENTS},${person},${id},${date}}`;
      default:
        return `{ ${person} ,\t${metadata}, ${CONSENTS},${date} , ${id} }`;
    }
  });
}

/** Who an event of `oddEvents` or `event` is about. */
export function personIn(line: string): string {
  return /"organization_user_id":"([^"]*)"/.exec(line)?.[1] ?? '';
}
