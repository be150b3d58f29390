/** The purposes that the organization has, as soon as they are known: until then any will do. */
export interface KnownPurposes {
  ids: ReadonlySet<string> | undefined;
}
