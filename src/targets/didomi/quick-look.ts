import type { QuickLook } from '../../core/target.js';
import { instantAt } from '../date-time.js';
import { createSchemaScan, type SchemaScan } from '../schema-scan.js';
import { DIDOMI_USER, ORGANIZATION_USER } from './identify.js';
import type { KnownPurposes } from './known-purposes.js';
import { DIDOMI_SCHEMA } from './schema.js';

/**
 * The ordinary Didomi event: it satisfies the schema, names no field that Didomi does not, has an id and a date, no
 * other organization than that of this import, and no purpose that the organization does not have, once these are known.
 * @param organizationId undefined where events may name any
 */
export function createQuickLook(organizationId: string | undefined, known?: KnownPurposes): QuickLook {
  let purposes = known?.ids;
  let schemaScan = scanFor(organizationId, purposes);
  return {
    subjectKinds: [ORGANIZATION_USER, DIDOMI_USER],
    look(bytes, start, end, into) {
      if (known !== undefined && known.ids !== purposes) {
        purposes = known.ids;
        schemaScan = scanFor(organizationId, purposes);
      }
      const after = schemaScan.scan(bytes, start, end);
      if (after < 0) return -1;
      const { captured } = schemaScan;
      into.crossedLine = schemaScan.crossedLine;
      into.subjectAStart = captured[0]!;
      into.subjectAEnd = captured[1]!;
      into.subjectBStart = captured[2]!;
      into.subjectBEnd = captured[3]!;
      into.idStart = captured[4]!;
      into.idEnd = captured[5]!;
      into.date = instantAt(bytes, captured[6]!, captured[7]!);
      return after;
    },
  };
}

function scanFor(organizationId: string | undefined, purposes: ReadonlySet<string> | undefined): SchemaScan {
  const { properties, required } = DIDOMI_SCHEMA;
  const organization = organizationId === undefined ? {} : { enum: [organizationId] };
  const { purposes: list } = properties.consents.properties;
  const purposeId = { ...list.items.properties.id, ...(purposes === undefined ? {} : { enum: [...purposes] }) };
  const items = { ...list.items, properties: { ...list.items.properties, id: purposeId } };
  const consents = {
    ...properties.consents,
    properties: { ...properties.consents.properties, purposes: { ...list, items } },
  };
  const ordinary = {
    ...DIDOMI_SCHEMA,
    required: [...required, 'id', 'created_at'],
    properties: {
      ...properties,
      consents,
      organization_id: { ...properties.organization_id, ...organization },
    },
  };
  return createSchemaScan(ordinary, ['/user/organization_user_id', '/user/id', '/id', '/created_at']);
}
