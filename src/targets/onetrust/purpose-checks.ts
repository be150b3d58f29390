import type { Finding } from '../../core/rejection.js';
import type { AllowedPreference, CollectionPoint } from './collection-point.js';
import type { CustomPreference, Purpose, Receipt } from './receipt.js';

/** What a check found: nothing (an empty list), findings, or undefined when the token lacks what it takes to tell. */
export type Checked = readonly Finding[] | undefined;

/** One question that a receipt is asked, of what the collection point's token says. Pure. */
export type PointCheck = (receipt: Receipt, point: CollectionPoint) => Checked;

export const FINE: readonly Finding[] = [];

/** Transactions by which a person takes part: with these a required custom preference has to be chosen. Our reading. */
const TAKES_PART = new Set<string | undefined>([undefined, 'CONFIRMED', 'PENDING', 'IMPLICIT']);

/** Purposes and versions are those of the collection point. One with dynamic configuration takes any. */
export const purposesAllowed: PointCheck = ({ purposes }, point) => {
  if (purposes === undefined || purposes.length === 0 || point.dynamic === true) return FINE;
  const known = point.purposes;
  if (known === undefined) return undefined;
  return each(
    purposes,
    ({ Id, Version }, path) => {
      const allowed = known.get(Id.toLowerCase());
      if (allowed === undefined) {
        return [
          { path: `${path}/Id`, message: `is no purpose of the collection point, which has ${listed(known.keys())}` },
        ];
      }
      if (Version === undefined || allowed.versions.has(Version)) return FINE;
      if (allowed.versions.size === 0) return undefined;
      const message = `must be ${listed(allowed.versions)}, the version that the collection point's token names`;
      return [{ path: `${path}/Version`, message }];
    },
    '/purposes',
  );
};

/** Custom preferences are those of their purpose, and options those of their custom preference. */
export const preferencesAllowed: PointCheck = ({ purposes }, point) => {
  if (purposes === undefined || point.dynamic === true) return FINE;
  return each(
    purposes,
    (purpose, path) => {
      const given = purpose.CustomPreferences ?? [];
      if (given.length === 0) return FINE;
      const known = preferencesOf(purpose, point);
      if (known === undefined || known === NO_SUCH_PURPOSE) return known && FINE;
      return each(given, (preference, at) => preferenceFindings(preference, known, at), `${path}/CustomPreferences`);
    },
    '/purposes',
  );
};

function preferenceFindings(
  preference: CustomPreference,
  known: ReadonlyMap<string, AllowedPreference>,
  path: string,
): Checked {
  const allowed = known.get(preference.Id.toLowerCase());
  if (allowed === undefined) {
    const message = `is no custom preference of this purpose, which has ${listed(known.keys())}`;
    return [{ path: `${path}/Id`, message }];
  }
  const { options } = allowed;
  const { Options = [], Choices = [] } = preference;
  if (options === undefined) return Options.length + Choices.length === 0 ? FINE : undefined;
  const message = `is no option of this custom preference, which has ${listed(options)}`;
  const check = (id: string, at: string): Checked =>
    options.has(id.toLowerCase()) ? FINE : [{ path: `${path}${at}`, message }];
  const chosen = each(Options, (id, at) => check(id, `/Options${at}`)) ?? FINE;
  const listedChoices = each(Choices, ({ OptionId }, at) => check(OptionId, `/Choices${at}/OptionId`)) ?? FINE;
  return chosen.length + listedChoices.length === 0 ? FINE : [...chosen, ...listedChoices];
}

/** Who takes part in a purpose chooses an option of each custom preference that the collection point requires. */
export const requiredPreferencesChosen: PointCheck = ({ purposes }, point) => {
  if (purposes === undefined || point.dynamic === true) return FINE;
  return each(
    purposes,
    (purpose, path) => {
      if (!TAKES_PART.has(purpose.TransactionType)) return FINE;
      const known = preferencesOf(purpose, point);
      if (known === undefined) return undefined;
      const findings: Finding[] = [];
      for (const [id, { isRequired }] of known) {
        if (!isRequired || isChosen(purpose, id)) continue;
        const message = `must choose an option of the custom preference ${id}, which the collection point requires`;
        findings.push({ path: `${path}/CustomPreferences`, message });
      }
      return findings.length === 0 ? FINE : findings;
    },
    '/purposes',
  );
};

function isChosen({ CustomPreferences = [] }: Purpose, id: string): boolean {
  return CustomPreferences.some(
    ({ Id, Options = [], Choices = [] }) => Id.toLowerCase() === id && Options.length + Choices.length > 0,
  );
}

/** Topics (`Preferences`) are those of their purpose. */
export const topicsAllowed: PointCheck = ({ purposes }, point) => {
  if (purposes === undefined || point.dynamic === true) return FINE;
  return each(
    purposes,
    ({ Id, Preferences = [] }, path) => {
      if (Preferences.length === 0) return FINE;
      if (point.purposes === undefined) return undefined;
      const allowed = point.purposes.get(Id.toLowerCase());
      if (allowed === undefined) return FINE;
      const { topics } = allowed;
      if (topics === undefined) return undefined;
      const message = `is no topic of this purpose, which has ${listed(topics)}`;
      return each(Preferences, ({ TopicId }, at) =>
        topics.has(TopicId.toLowerCase()) ? FINE : [{ path: `${path}/Preferences${at}/TopicId`, message }],
      );
    },
    '/purposes',
  );
};

/** `NOTGIVEN` is a transaction only where the collection point keeps withheld consent. */
export const notGivenAllowed: PointCheck = ({ purposes }, point) => {
  if (purposes === undefined || point.allowNotGivenConsents === true) return FINE;
  return each(
    purposes,
    ({ TransactionType }, path) => {
      if (TransactionType !== 'NOTGIVEN') return FINE;
      if (point.allowNotGivenConsents === undefined) return undefined;
      const message = 'must be another than NOTGIVEN: the collection point does not keep consent that was not given';
      return [{ path: `${path}/TransactionType`, message }];
    },
    '/purposes',
  );
};

const NO_SUCH_PURPOSE: ReadonlyMap<string, AllowedPreference> = new Map();

/** The custom preferences of a purpose; undefined where the token does not tell them. */
function preferencesOf({ Id }: Purpose, { purposes }: CollectionPoint): typeof NO_SUCH_PURPOSE | undefined {
  if (purposes === undefined) return undefined;
  const allowed = purposes.get(Id.toLowerCase());
  return allowed === undefined ? NO_SUCH_PURPOSE : allowed.customPreferences;
}

/** The findings of all items; undefined when there are none and one of the items could not be checked. */
export function each<T>(items: readonly T[], check: (item: T, path: string) => Checked, base = ''): Checked {
  let findings: Finding[] | undefined;
  let unchecked = false;
  for (let i = 0; i < items.length; i++) {
    const found = check(items[i]!, `${base}/${i}`);
    if (found === undefined) unchecked = true;
    else if (found.length > 0) findings = [...(findings ?? []), ...found];
  }
  return findings ?? (unchecked ? undefined : FINE);
}

const MOST_LISTED = 10;

/** What is allowed, for a message; it comes from the token only, so it is the same for all records. */
export function listed(values: Iterable<string | number>): string {
  const all = [...values];
  if (all.length === 0) return 'none';
  const first = all.slice(0, MOST_LISTED).join(', ');
  return all.length > MOST_LISTED ? `${first} and ${all.length - MOST_LISTED} more` : first;
}
