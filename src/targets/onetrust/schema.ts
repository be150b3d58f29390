import type { Wording } from '../json-schema.js';

const TEXT = { type: 'string' };
const NAME = { type: 'string', minLength: 1 };
const FLAG = { type: 'boolean' };
const TEXTS = { type: 'object', additionalProperties: TEXT };
const UUID = { $ref: '#/$defs/uuid' };
const UUIDS = { type: 'array', items: UUID };
const DATE = { $ref: '#/$defs/date' };
const NOTICES = { $ref: '#/$defs/notices' };

/** OpenAPI, `DsPurpose.TransactionType`. The read API shows two more, which the receipts API does not take. */
export const TRANSACTION_TYPES = [
  'PENDING',
  'CONFIRMED',
  'WITHDRAWN',
  'EXPIRED',
  'NOTGIVEN',
  'EXTEND',
  'OPT_OUT',
  'HARD_OPT_OUT',
  'NO_CHOICE',
  'CHANGE_PREFERENCES',
  'CANCEL',
  'IMPLICIT',
] as const;

const PREFERENCE_TYPES = ['OPT_IN', 'OPT_OUT'];
const CONSENT_STRINGS = ['GPP', 'TCF_EU', 'TCF_CANADA'];
const SOURCES = ['WEB', 'MOBILE', 'CUSTOM', 'CTV'];

const PURPOSE = {
  type: 'object',
  required: ['Id'],
  properties: {
    Id: UUID,
    Version: { $ref: '#/$defs/version' },
    TransactionType: { type: 'string', enum: [...TRANSACTION_TYPES] },
    Preferences: {
      type: 'array',
      items: {
        type: 'object',
        required: ['TopicId'],
        properties: { TopicId: UUID, TransactionType: { $ref: '#/$defs/preferenceType' } },
      },
    },
    CustomPreferences: {
      type: 'array',
      items: {
        type: 'object',
        required: ['Id'],
        properties: {
          Id: UUID,
          Options: { ...UUIDS, description: 'Only the options that were opted in to.' },
          Choices: {
            type: 'array',
            items: {
              type: 'object',
              required: ['OptionId'],
              properties: { OptionId: UUID, TransactionType: { $ref: '#/$defs/preferenceType' } },
            },
          },
        },
      },
    },
    PrivacyNotices: NOTICES,
    ExpiryDate: {
      type: 'string',
      description: 'A date and time with a zone, as 2027-01-01T12:00:00-05:00; the seconds may be left out.',
    },
    PurposeAttachments: { type: 'array', items: { $ref: '#/$defs/attachment' } },
    PurposeNote: {
      type: 'object',
      properties: {
        noteId: UUID,
        noteType: { type: 'string', enum: ['UNSUBSCRIBE_REASON'] },
        noteLanguage: TEXT,
        noteText: TEXT,
      },
    },
    attributes: false,
  },
};

/**
 * A consent receipt, as `POST /consentreceipts/bulk` takes it. Printed by `consent-import schema onetrust`.
 *
 * Sources: OneTrust's OpenAPI "Consent & Preferences - Consent Receipts" (`RequestInformation`, `DsPurpose`; the casing of
 * the names is theirs), and the page "Create Consent Receipts in Bulk". `requestInformation` is required by OneTrust and
 * not here, for the importer puts it in. OneTrust checks no types: what breaks a rule of this schema would be answered
 * with a success and never reach the person's record. So this schema is as strict as the documents are. Fields that are
 * not named here pass with a warning: OneTrust may add some at any time.
 */
export const ONETRUST_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'OneTrust consent receipt',
  type: 'object',
  required: ['identifier'],
  properties: {
    requestInformation: { ...NAME, description: "The collection point's token. Put in where it is left out." },
    identifier: { type: 'string', pattern: '\\S', description: 'Who consented: an e-mail address, say.' },
    identifierType: { ...NAME, description: 'For collection points with dynamic configuration only.' },
    test: { ...FLAG, description: 'Needs --allow-test.' },
    generateInstantLinkToken: FLAG,
    shortLinkToken: FLAG,
    consentString: {
      type: 'object',
      properties: { type: { type: 'string', enum: CONSENT_STRINGS }, content: TEXT },
    },
    receiptOptions: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          option: { type: 'string', enum: ['ClearExpiration'] },
          purposes: { ...UUIDS, uniqueItems: true },
        },
      },
    },
    source: {
      type: 'object',
      properties: { type: { type: 'string', enum: SOURCES }, content: TEXT, purposeIds: UUIDS },
    },
    language: { type: 'string', pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$' },
    parentPrimaryIdentifiers: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          ParentIdentifier: NAME,
          AdditionalParentIdentifierTypes: TEXTS,
          ConsentGivenBy: FLAG,
          ParentTestDataSubject: FLAG,
        },
      },
    },
    dsDataElements: { ...TEXTS, propertyNames: { maxLength: 750 } },
    customPayload: { ...TEXTS, description: 'At most 4,000 characters in total, written as JSON without white space.' },
    additionalIdentifiers: TEXTS,
    attachments: { type: 'array', maxItems: 20, items: { $ref: '#/$defs/attachment' } },
    purposes: { type: 'array', maxItems: 20, items: PURPOSE, description: 'OneTrust advises 10 at most.' },
    interactionDate: { ...DATE, description: 'When the person chose.' },
    privacyNotices: NOTICES,
    geoLocation: {
      type: 'object',
      properties: { country: TEXT, state: TEXT, stateName: TEXT, purposeIds: UUIDS },
    },
    enableDataElementDateValidation: FLAG,
  },
  not: {
    type: 'object',
    required: ['generateInstantLinkToken', 'shortLinkToken'],
    properties: { generateInstantLinkToken: { const: true }, shortLinkToken: { const: true } },
  },
  $defs: {
    uuid: { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
    // The pattern leaves out spellings that the format takes, but that not every reader of dates does.
    date: {
      type: 'string',
      format: 'date-time',
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$',
    },
    version: { type: 'integer', minimum: 0 },
    preferenceType: { type: 'string', enum: PREFERENCE_TYPES },
    attachment: { type: 'object', required: ['id'], properties: { id: UUID } },
    notices: {
      type: 'array',
      items: {
        type: 'object',
        properties: { Id: UUID, Version: { $ref: '#/$defs/version' }, MinorVersion: { $ref: '#/$defs/version' } },
      },
    },
  },
};

export const DATE_WORDING = 'must be a date and time with a zone, as 2024-05-14T01:34:33Z';
const RECEIPT = '#/properties';
const IN_PURPOSE = `${RECEIPT}/purposes/items/properties`;
const oneOf = (values: readonly string[]): string => `must be one of ${values.join(', ')}`;
const LONG_NAME = 'must not have a name of more than 750 characters in it';

/** How findings on the schema read where ajv's words would not help. */
export const ONETRUST_WORDINGS: readonly Wording[] = [
  { schemaPath: '#/$defs/uuid/pattern', message: 'must be a UUID' },
  { schemaPath: '#/$defs/date/pattern', message: DATE_WORDING },
  { schemaPath: '#/$defs/date/format', message: DATE_WORDING },
  { schemaPath: '#/$defs/preferenceType/enum', message: oneOf(PREFERENCE_TYPES) },
  { schemaPath: '#/not', path: '/shortLinkToken', message: 'must not be true together with generateInstantLinkToken' },
  { schemaPath: `${RECEIPT}/identifier/pattern`, message: 'must not be empty' },
  { schemaPath: `${RECEIPT}/requestInformation/minLength`, message: 'must not be empty' },
  { schemaPath: `${RECEIPT}/language/pattern`, message: 'must be a language, or one with a culture, as en or en-GB' },
  { schemaPath: `${RECEIPT}/dsDataElements/propertyNames/maxLength`, message: LONG_NAME },
  { schemaPath: `${RECEIPT}/dsDataElements/propertyNames`, message: LONG_NAME },
  { schemaPath: `${RECEIPT}/consentString/properties/type/enum`, message: oneOf(CONSENT_STRINGS) },
  { schemaPath: `${RECEIPT}/source/properties/type/enum`, message: oneOf(SOURCES) },
  {
    schemaPath: `${RECEIPT}/receiptOptions/items/properties/option/enum`,
    message: oneOf(['ClearExpiration']),
  },
  { schemaPath: `${IN_PURPOSE}/TransactionType/enum`, message: oneOf(TRANSACTION_TYPES) },
  { schemaPath: `${IN_PURPOSE}/PurposeNote/properties/noteType/enum`, message: oneOf(['UNSUBSCRIBE_REASON']) },
  { schemaPath: `${IN_PURPOSE}/attributes/false schema`, message: 'must not be sent: OneTrust fills it itself' },
];
