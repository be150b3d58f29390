import type { Wording } from '../json-schema.js';

const TEXT = { type: 'string' };
const NAME = { type: 'string', minLength: 1 };
const TEXT_OR_NULL = { type: ['string', 'null'] };
const CHOICE = { type: ['boolean', 'null'] };
const FREE = { type: 'object' };
const TEXTS = { type: 'array', items: TEXT };
const VALUES = { type: 'object', additionalProperties: { type: 'object', properties: { value: TEXT_OR_NULL } } };

const CHANNELS = {
  type: 'array',
  items: { type: 'object', properties: { id: NAME, enabled: CHOICE, metadata: FREE } },
};

/**
 * A Didomi consent event, as `POST /v1/consents/events` takes it. Printed by `consent-import schema didomi`.
 *
 * Sources: Didomi docs, "Consent event schema", "Batch import", "Consents > Events", "Proofs"; Didomi's OpenAPI for the
 * names of fields. Three of its points are not followed, for the examples in the docs contradict them: the required
 * flags of `created_at`, `organization_id`, `user.id` and `consents.vendors`; a boolean `enabled` without null; `vendors`
 * as a list. Fields that are not named here pass: Didomi may add some at any time. What Didomi alone can know (does the
 * purpose exist?) is left to it.
 */
export const DIDOMI_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Didomi consent event',
  type: 'object',
  required: ['user', 'consents'],
  properties: {
    id: { ...NAME, description: 'Makes the event unique: Didomi never imports an id twice.' },
    organization_id: { ...TEXT, description: 'If given, it must be the organization of --organization-id.' },
    created_at: {
      type: 'string',
      format: 'date-time',
      description: 'When consent was given, with an offset from UTC. Without it, Didomi takes the time of the import.',
    },
    updated_at: {},
    status: { type: 'string', enum: ['confirmed', 'pending_approval'] },
    regulation: NAME,
    metadata: FREE,
    user: {
      type: 'object',
      properties: {
        id: TEXT_OR_NULL,
        organization_user_id: TEXT_OR_NULL,
        organization_user_id_type: TEXT_OR_NULL,
        metadata: FREE,
        country: TEXT_OR_NULL,
        last_seen_country: TEXT_OR_NULL,
      },
      anyOf: [
        { properties: { organization_user_id: NAME }, required: ['organization_user_id'] },
        { properties: { id: NAME }, required: ['id'] },
      ],
      $comment: 'Without either id, Didomi would make up a new user.',
    },
    consents: {
      type: 'object',
      properties: {
        purposes: {
          type: 'array',
          items: {
            type: 'object',
            required: ['id'],
            properties: {
              id: NAME,
              enabled: { ...CHOICE, description: 'null: the user made no choice.' },
              enabled_li: { ...CHOICE, description: 'Legitimate interest; false: the user objected.' },
              metadata: FREE,
              values: VALUES,
              channels: CHANNELS,
              preferences: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { id: NAME, enabled: CHOICE, metadata: FREE, channels: CHANNELS },
                },
              },
              propagation: {},
            },
          },
        },
        channels: CHANNELS,
        vendors: {
          type: 'object',
          properties: { enabled: TEXTS, disabled: TEXTS, enabled_li: TEXTS, disabled_li: TEXTS },
        },
        tcfcs: TEXT_OR_NULL,
      },
    },
    iab: FREE,
    proofs: { ...TEXTS, description: 'Files as base64 data URIs, each under 15 MB.' },
    proofs_id: TEXTS,
    delegate: { type: ['object', 'null'] },
    domain: {},
  },
};

const NO_USER_ID = 'must have id or organization_user_id';

/** How findings on the schema read where ajv's words would not help. */
export const DIDOMI_WORDINGS: readonly Wording[] = [
  { schemaPath: '#/required', property: 'user', path: '/user', message: NO_USER_ID },
  { schemaPath: '#/properties/user/anyOf', message: NO_USER_ID },
];
