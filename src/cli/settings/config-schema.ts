import { configKey, type OptionSpec, type ValueKind } from './option-spec.js';
import { OPTIONS } from './options.js';

/** The JSON Schema (2020-12) of config files, made from the table of options. Units are left to the program. */
export function configSchema(): object {
  const options = (OPTIONS as readonly OptionSpec[]).filter((option) => option.config !== 'never');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'consent-import config file',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      ...Object.fromEntries(
        options.map((option) => [configKey(option.name), { ...typeOf(option.kind), description: option.help }]),
      ),
    },
  };
}

function typeOf(kind: ValueKind): object {
  switch (kind.type) {
    case 'flag':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer', minimum: kind.min, maximum: kind.max };
    case 'size':
      return { type: ['string', 'integer'] };
    case 'maxRejects':
      return { type: ['string', 'number'] };
    case 'choice':
      return { enum: kind.choices };
    case 'string':
    case 'text':
    case 'path':
    case 'url':
    case 'time':
      return { type: 'string', minLength: 1 };
  }
}
