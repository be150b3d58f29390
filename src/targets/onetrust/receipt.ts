/** A receipt, as far as it is read after the schema has made sure of its shape. */
export interface Receipt {
  readonly requestInformation?: string;
  readonly identifier: string;
  readonly identifierType?: string;
  readonly test?: boolean;
  readonly generateInstantLinkToken?: boolean;
  readonly shortLinkToken?: boolean;
  readonly interactionDate?: string;
  readonly dsDataElements?: Readonly<Record<string, string>>;
  readonly customPayload?: Readonly<Record<string, string>>;
  readonly additionalIdentifiers?: Readonly<Record<string, string>>;
  readonly parentPrimaryIdentifiers?: readonly ParentIdentifier[];
  readonly purposes?: readonly Purpose[];
}

export interface ParentIdentifier {
  readonly AdditionalParentIdentifierTypes?: Readonly<Record<string, string>>;
}

export interface Purpose {
  readonly Id: string;
  readonly Version?: number;
  readonly TransactionType?: string;
  readonly Preferences?: readonly { readonly TopicId: string }[];
  readonly CustomPreferences?: readonly CustomPreference[];
  readonly ExpiryDate?: string;
}

export interface CustomPreference {
  readonly Id: string;
  readonly Options?: readonly string[];
  readonly Choices?: readonly { readonly OptionId: string }[];
}
