import type { QuickLook } from '../../core/target.js';
import { instantAt } from '../date-time.js';
import { createSchemaScan } from '../schema-scan.js';
import { DIDOMI_USER, ORGANIZATION_USER } from './identify.js';
import { DIDOMI_SCHEMA } from './schema.js';

/**
 * The ordinary Didomi event: it satisfies the schema, names no field that Didomi does not, has an id and a date, and no
 * other organization than that of this import.
 * @param organizationId undefined where events may name any
 */
export function createQuickLook(organizationId: string | undefined): QuickLook {
  const { properties, required } = DIDOMI_SCHEMA;
  const organization = organizationId === undefined ? {} : { enum: [organizationId] };
  const ordinary = {
    ...DIDOMI_SCHEMA,
    required: [...required, 'id', 'created_at'],
    properties: { ...properties, organization_id: { ...properties.organization_id, ...organization } },
  };
  const schemaScan = createSchemaScan(ordinary, ['/user/organization_user_id', '/user/id', '/id', '/created_at']);
  const { captured } = schemaScan;
  return {
    subjectKinds: [ORGANIZATION_USER, DIDOMI_USER],
    look(bytes, start, end, into) {
      const after = schemaScan.scan(bytes, start, end);
      if (after < 0) return -1;
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
