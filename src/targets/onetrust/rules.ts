import { createDuplicateKeyFinder } from '../../core/duplicate-keys.js';
import { memberWithComma } from '../../core/json-members.js';
import type { Finding, Rejection } from '../../core/rejection.js';
import type { Examination, RecordRules } from '../../core/target.js';
import { isObject } from '../answer-body.js';
import { instantOf } from '../date-time.js';
import { createGeneralPath } from '../general-path.js';
import { pointerTokens } from '../json-pointer.js';
import { compileSchema, compileUserSchema } from '../json-schema.js';
import { checkAgainstPoint } from './check-against-point.js';
import { createNameCheck } from './field-names.js';
import { createIdReader, pointKey, receiptHash, subjectOf } from './identify.js';
import { createPointReader } from './point-reader.js';
import type { Receipt } from './receipt.js';
import { limitFindings } from './receipt-limits.js';
import { ONETRUST_SCHEMA, ONETRUST_WORDINGS } from './schema.js';
import { createStamper } from './stamp.js';
import { NO_WARNINGS, warningsOf } from './warnings.js';

/** Plain data, so that rules can be made in any thread. */
export interface OneTrustRulesOptions {
  /** The collection point's token, for all records; undefined: each record brings its own. */
  readonly token: string | undefined;
  /** With no token configured, may records lack theirs (`validate`)? */
  readonly tokenMayLack?: boolean;
  /** Take receipts with `test: true`. */
  readonly allowTest?: boolean;
  /** JSON Pointer of the event id; undefined: a hash of the record. */
  readonly idPointer?: string | undefined;
  /** Name in `customPayload` under which the event id is sent. */
  readonly stamp?: string | undefined;
  /** The identifiers that `--authorization-file` has a signed token for; undefined where there is no such file. */
  readonly authorized?: ReadonlySet<string> | undefined;
  /** The records were sent before, and are only to be recognised: nothing is asked but what makes their ids. */
  readonly wereSent?: boolean;
  /** Every warning rejects the record. */
  readonly strict?: boolean;
  /** A JSON Schema (2020-12), as parsed JSON, that records must satisfy besides the built-in one. */
  readonly userSchema?: unknown;
}

/**
 * What makes a record a OneTrust receipt. The first that fails rejects it:
 * 1. `schema_violation`: the schema, keys (none twice, none misspelt), the user's schema; and if the schema holds, what
 *    OneTrust limits, what the token of the collection point allows, and who needs to be authorized: all findings together.
 * 2. `no_identity`: nothing stands at `--id-pointer`; or without that option, no `interactionDate`, so two equal records
 *    may be one receipt read twice, or two.
 * 3. `schema_violation` again: no room for the stamp; with `strict`, any warning.
 * @throws {UserSchemaError} when `userSchema` is no schema
 * @throws {RangeError} when `idPointer` is no JSON Pointer to a field
 */
export function createOneTrustRules(options: OneTrustRulesOptions): RecordRules {
  const { token, tokenMayLack = false, allowTest = false, idPointer, stamp, authorized, strict = false } = options;
  const { userSchema, wereSent = false } = options;
  const check = compileSchema(ONETRUST_SCHEMA, ONETRUST_WORDINGS);
  const checkUser = userSchema === undefined ? undefined : compileUserSchema(userSchema);
  const checkNames = createNameCheck(ONETRUST_SCHEMA);
  const findDuplicateKey = createDuplicateKeyFinder(watched(idPointer, stamp));
  const readId = idPointer === undefined ? undefined : createIdReader(idPointer);
  const stampInto = stamp === undefined ? undefined : createStamper(stamp);
  const pointOf = createPointReader();
  const splice =
    token === undefined ? undefined : new TextEncoder().encode(`"requestInformation":${JSON.stringify(token)},`);

  /** What the schema can't say, of a receipt that satisfies it. */
  function receiptFindings(receipt: Receipt): Finding[] {
    const findings = limitFindings(receipt, allowTest);
    const own = receipt.requestInformation;
    if (own !== undefined && token !== undefined && own !== token) {
      const message = 'must be the collection point token that is configured, or be left out';
      findings.push({ path: '/requestInformation', message });
    }
    if (own === undefined && token === undefined && !tokenMayLack) {
      const message = 'must have requestInformation, for no collection point token is configured';
      findings.push({ path: '', message });
    }
    if (authorized !== undefined && !authorized.has(receipt.identifier)) {
      findings.push({ path: '/identifier', message: 'must have a signed token in the file of --authorization-file' });
    }
    return findings;
  }

  return {
    generalPath: createGeneralPath(userSchema === undefined ? [ONETRUST_SCHEMA] : [ONETRUST_SCHEMA, userSchema]),
    examine(value, bytes, start, end, into: Examination) {
      const reject = (reason: Rejection['reason'], errors: readonly Finding[]): void => {
        into.rejection = { reason, errors };
      };
      into.rejection = undefined;
      into.warnings.length = 0;
      into.id = '';
      into.subjectA = '';
      into.subjectB = '';
      into.date = undefined;
      into.splice = undefined;
      into.stamp = undefined;
      into.leftOut = undefined;

      const schemaFindings = check(value, end - start);
      if (!isObject(value)) return reject('schema_violation', schemaFindings ?? []);
      const names = checkNames(value);
      const duplicate = findDuplicateKey(bytes, start, end);
      const findings = [
        ...(schemaFindings ?? []),
        ...names.misspelt,
        ...(duplicate === undefined ? [] : [{ path: duplicate, message: 'duplicate key' }]),
        ...(checkUser?.(value, end - start) ?? []),
      ];
      if (schemaFindings !== undefined) return reject('schema_violation', findings);

      const receipt = value as unknown as Receipt;
      const own = receipt.requestInformation;
      const pointToken = token ?? own;
      const point = pointToken === undefined ? undefined : pointOf(pointToken);
      const against = wereSent ? NOTHING_ASKED : checkAgainstPoint(receipt, point);
      if (!wereSent) {
        findings.push(...receiptFindings(receipt), ...against.findings);
        if (point?.authenticationRequired === true && authorized === undefined) findings.push(NEEDS_AUTHORIZATION);
      }
      const member = own === undefined ? undefined : memberWithComma(bytes, start, end, 'requestInformation');
      if (own !== undefined && member === undefined) findings.push(ESCAPED_NAME);
      if (findings.length > 0) return reject('schema_violation', findings);

      if (readId === undefined && receipt.interactionDate === undefined) return reject('no_identity', NO_DATE);
      const read = readId?.(value);
      if (readId !== undefined && read === undefined) {
        return reject('no_identity', [{ path: idPointer ?? '', message: NO_ID }]);
      }
      const within = token === undefined ? pointKey(point) : '';
      const id = read ?? receiptHash(bytes, start, end, member, within);
      const stamped = stampInto?.(receipt, id, bytes, start, end);
      if (stamped?.kind === 'finding') return reject('schema_violation', [stamped.finding]);
      const warnings = warningsOf(receipt, names, against.unchecked);
      if (strict && warnings !== NO_WARNINGS) {
        return reject(
          'schema_violation',
          warnings.flatMap(({ findings }) => findings),
        );
      }

      for (let i = 0; i < warnings.length; i++) into.warnings.push(warnings[i]!.name);
      into.id = read === undefined || within === '' ? id : `${within}/${id}`;
      into.subjectA = subjectOf(receipt.identifier);
      if (receipt.interactionDate !== undefined) into.date = instantOf(receipt.interactionDate);
      if (own === undefined) into.splice = splice;
      // Where nothing tells whose token it is, it counts as content: then another one is a conflict, not a repeat.
      else if (token !== undefined || within !== '') into.leftOut = member;
      if (stamped?.kind === 'stamp') into.stamp = stamped.stamp;
    },
  };
}

const NOTHING_ASKED: ReturnType<typeof checkAgainstPoint> = { findings: [], unchecked: false };
const NEEDS_AUTHORIZATION: Finding = {
  path: '',
  message: 'must be authenticated consent: the collection point takes no other; give --authorization-file',
};
const ESCAPED_NAME: Finding = { path: '/requestInformation', message: 'must have its name written without escapes' };
const NO_DATE: readonly Finding[] = [{ path: '', message: 'must have interactionDate, or an id at --id-pointer' }];
const NO_ID = 'must be a text that is not empty, or a whole number: it is the event id (--id-pointer)';

/** The objects in which no key may stand twice: those that OneTrust reads, and those that the options read or change. */
function watched(idPointer: string | undefined, stamp: string | undefined): string[] {
  const places = ['', '/purposes/*', '/purposes/*/CustomPreferences/*'];
  if (stamp !== undefined) places.push('/customPayload');
  const tokens = pointerTokens(idPointer ?? '') ?? [];
  for (let i = 1; i < tokens.length; i++) places.push(`/${tokens.slice(0, i).join('/')}`);
  return places;
}
