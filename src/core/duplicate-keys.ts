/**
 * Finds a key that stands twice in one object. RFC 8259 section 4 leaves open which of the two counts, so a parser here
 * and a parser at the target may read two different consents out of the same bytes.
 */

/**
 * Returns the JSON Pointer of the first member whose key stood before in the same object, or undefined.
 * The bytes [start, end) must be valid JSON. Keys are compared unescaped: `"a"` and `"\u0061"` are the same key.
 */
export type DuplicateKeyFinder = (bytes: Uint8Array, start: number, end: number) => string | undefined;

/** One place in the record that is looked at; what stands elsewhere is passed over. */
interface Place {
  watched: boolean;
  readonly members: { readonly name: string; readonly bytes: Uint8Array; readonly place: Place }[];
  item: Place | undefined;
}

/**
 * @param places JSON Pointers of the objects to look into, '' for the record itself, `*` for every item of an array:
 * `['', '/user', '/consents/purposes/*']`. The time taken grows with the bytes only, whatever stands in them.
 */
export function createDuplicateKeyFinder(places: readonly string[]): DuplicateKeyFinder {
  const root = plan(places);
  return (bytes, start, end) =>
    surelyNone(bytes, skipSpace(bytes, start, end), end, root, 0) > 0 ? undefined : findFirst(bytes, start, end, root);
}

function plan(places: readonly string[]): Place {
  const root: Place = { watched: false, members: [], item: undefined };
  for (const pointer of places) {
    let place = root;
    for (const token of pointer.split('/').slice(1)) place = token === '*' ? itemOf(place) : memberOf(place, token);
    place.watched = true;
  }
  return root;
}

function itemOf(place: Place): Place {
  place.item ??= { watched: false, members: [], item: undefined };
  return place.item;
}

function memberOf(place: Place, name: string): Place {
  const known = place.members.find((member) => member.name === name);
  if (known !== undefined) return known.place;
  const made: Place = { watched: false, members: [], item: undefined };
  place.members.push({ name, bytes: new TextEncoder().encode(name), place: made });
  return made;
}

/** Hashes of the keys of the watched objects that are open, one object's after the other's. */
const hashes = new Int32Array(64);

/**
 * The quick pass: the index after the value at `i` if there is surely no duplicate key in it, else -1. In doubt (equal
 * hashes, an escaped key, more keys than `hashes` holds) it is -1. Allocates nothing; recurses only as deep as the places.
 */
function surelyNone(bytes: Uint8Array, i: number, end: number, place: Place, open: number): number {
  const first = bytes[i];
  if (first === 0x5b && place.item !== undefined) {
    i = skipSpace(bytes, i + 1, end);
    while (i < end && bytes[i] !== 0x5d) {
      i = surelyNone(bytes, i, end, place.item, open);
      if (i < 0) return -1;
      i = nextMember(bytes, i, end);
    }
    return i + 1;
  }
  if (first !== 0x7b) return skipValue(bytes, i, end);
  i = skipSpace(bytes, i + 1, end);
  let top = open;
  while (i < end && bytes[i] !== 0x7d) {
    const key = i + 1;
    let hash = 0;
    let byte = 0;
    for (i = key; i < end; i++) {
      byte = bytes[i]!;
      if (byte === 0x22) break;
      if (byte === 0x5c) return -1;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (place.watched) {
      for (let k = open; k < top; k++) if (hashes[k] === hash) return -1;
      if (top === hashes.length) return -1;
      hashes[top++] = hash;
    }
    const inner = innerPlace(bytes, key, i, place);
    i = skipSpace(bytes, skipSpace(bytes, i + 1, end) + 1, end);
    i = inner === undefined ? skipValue(bytes, i, end) : surelyNone(bytes, i, end, inner, top);
    if (i < 0) return -1;
    i = nextMember(bytes, i, end);
  }
  return i + 1;
}

function innerPlace(bytes: Uint8Array, start: number, end: number, place: Place): Place | undefined {
  const { members } = place;
  next: for (let m = 0; m < members.length; m++) {
    const member = members[m]!;
    if (member.bytes.length !== end - start) continue;
    for (let k = 0; k < member.bytes.length; k++) if (member.bytes[k] !== bytes[start + k]) continue next;
    return member.place;
  }
  return undefined;
}

/** The exact pass, over keys as texts: for the few records that the quick one has doubts about. */
function findFirst(bytes: Uint8Array, start: number, end: number, root: Place): string | undefined {
  const decoder = new TextDecoder();
  let found: string | undefined;

  function look(i: number, place: Place, path: string): number {
    const first = bytes[i];
    if (first === 0x5b && place.item !== undefined) {
      i = skipSpace(bytes, i + 1, end);
      for (let index = 0; i < end && bytes[i] !== 0x5d && found === undefined; index++) {
        i = nextMember(bytes, look(i, place.item, `${path}/${index}`), end);
      }
      return i + 1;
    }
    if (first !== 0x7b) return skipValue(bytes, i, end);
    const seen = new Set<string>();
    i = skipSpace(bytes, i + 1, end);
    while (i < end && bytes[i] !== 0x7d && found === undefined) {
      const after = skipString(bytes, i, end);
      const key: string = JSON.parse(decoder.decode(bytes.subarray(i, after)));
      const memberPath = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (place.watched && seen.has(key)) {
        found = memberPath;
        return end;
      }
      seen.add(key);
      const inner = place.members.find((member) => member.name === key)?.place;
      i = skipSpace(bytes, skipSpace(bytes, after, end) + 1, end);
      i = nextMember(bytes, inner === undefined ? skipValue(bytes, i, end) : look(i, inner, memberPath), end);
    }
    return i + 1;
  }

  look(skipSpace(bytes, start, end), root, '');
  return found;
}

/** From behind a value to the next key, item, or closing bracket. */
function nextMember(bytes: Uint8Array, i: number, end: number): number {
  i = skipSpace(bytes, i, end);
  return bytes[i] === 0x2c ? skipSpace(bytes, i + 1, end) : i;
}

function skipSpace(bytes: Uint8Array, i: number, end: number): number {
  while (i < end && bytes[i]! <= 0x20) i++;
  return i;
}

/** The index after the string whose opening quote stands at `i`. */
function skipString(bytes: Uint8Array, i: number, end: number): number {
  for (i++; i < end; i++) {
    const byte = bytes[i];
    if (byte === 0x22) return i + 1;
    if (byte === 0x5c) i++;
  }
  return end;
}

/** The index after the value at `i`: brackets are counted, so no depth can overflow anything. */
function skipValue(bytes: Uint8Array, i: number, end: number): number {
  const first = bytes[i];
  if (first === 0x22) return skipString(bytes, i, end);
  if (first !== 0x7b && first !== 0x5b) {
    while (i < end && bytes[i] !== 0x2c && bytes[i] !== 0x7d && bytes[i] !== 0x5d) i++;
    return i;
  }
  let depth = 0;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte === 0x22) {
      i = skipString(bytes, i, end);
      continue;
    }
    i++;
    // '[' and '{' differ from each other in the bit 0x20 only, as ']' and '}' do.
    if ((byte | 0x20) === 0x7b) depth++;
    else if ((byte | 0x20) === 0x7d && --depth === 0) return i;
  }
  return end;
}
