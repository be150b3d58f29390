import type { InputDamage } from '../core/input.js';
import type { Layout } from './layout.js';
import type { Shape } from './shape.js';

const NOTHING_SENT = 'Nothing of it was sent.';

/** A text whose objects lie so that no line holds one record. */
export function refusedShape(path: string, shape: Shape): InputDamage {
  const [what, next] = SHAPES[shape];
  return {
    code: 'not_importable',
    message: `${path} seems to hold ${what}. ${NOTHING_SENT} ${next}, and import that.`,
  };
}

const ONE_PER_LINE =
  'Write each object on a line of its own (jq -c . old.json > new.jsonl), or all of them into a JSON array';
const SHAPES: Readonly<Record<Shape, readonly [what: string, next: string]>> = {
  spread: ['JSON objects that are spread over several lines', ONE_PER_LINE],
  concatenated: ['JSON objects one behind the other, without line breaks between them', ONE_PER_LINE],
  commas: ['an array without its brackets', 'Put [ in front of the first object and ] behind the last'],
};

/** A text of which the first records are all no JSON. `firstLine`: its first record, which is not shown. */
export function notJson(path: string, records: number, layout: Layout, firstLine: string): InputDamage {
  const unit = layout === 'lines' ? 'lines' : 'elements';
  const seems = isTable(firstLine)
    ? 'seems to be a table (CSV)'
    : `does not look like JSON ${layout === 'lines' ? 'lines' : 'records'}`;
  const next = isTable(firstLine)
    ? 'Export it as JSON lines, one event per line, and import that'
    : 'Each line must hold one JSON object; check that this is the right file';
  return {
    code: 'not_importable',
    message: `${path} ${seems}: none of its first ${records} ${unit} is valid JSON. ${NOTHING_SENT} ${next}.`,
  };
}

/** A header of a table: several names between separators, and nothing of JSON. */
export function isTable(line: string): boolean {
  return /^"?[\w .-]+"?(?:[,;\t|]"?[\w .-]*"?)+$/.test(line.trim());
}

/** An array whose closing bracket is missing. */
export function unclosedArray(path: string, elements: number): InputDamage {
  const where =
    elements === 0 ? 'before the end of its first element' : `after element ${elements.toLocaleString('en-US')}`;
  return {
    code: 'cut_off',
    message: `${path} is cut off ${where}: the JSON array in it is never closed. Get the file again and run the same command; what was delivered is not sent twice.`,
  };
}
